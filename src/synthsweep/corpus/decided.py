"""Checks what is known of the labels of a split: something in every part, and one class per text with labels.kind=single."""

import logging
from collections.abc import Sequence
from dataclasses import replace

from synthsweep.corpus.split import Split
from synthsweep.errors import DataError
from synthsweep.examples import Example, LabelSet
from synthsweep.messages import listing

log = logging.getLogger(__name__)


def decided(split: Split, labels: LabelSet) -> Split:
    """The split, in which a text that carries its one class lacks all others, even those that nobody decided on.

    Raises:
        DataError: nobody decided on any label of a part; or a text has several classes, or none, and may have only one.
    """
    made = split
    if labels.kind == "single" and len(labels.ids) < 2:
        raise DataError(f"labels.kind=single: a text belongs to one of several classes, and there is only {labels.ids[0]}")
    if labels.kind == "single":
        _require_one_class(split, labels)
        made = split.with_each(_of_one_class)
        changed = sum(
            before != after for part in split.parts for before, after in zip(split.parts[part], made.parts[part], strict=True)
        )
        if changed:
            log.warning("labels.kind=single: %d texts with a class lack all others, on which nobody decided", changed)
    for part, examples in made.parts.items():
        if examples and all(example.unknown.issuperset(labels.ids) for example in examples):
            raise DataError(f"data: nobody decided on any label of the {part} part: give labels, or other texts for it")
    return made


def undecided(examples: Sequence[Example], label_ids: Sequence[str]) -> dict[str, int]:
    """On how many texts nobody decided, by label, as far as there are any."""
    counts = {label: sum(label in example.unknown for example in examples) for label in label_ids}
    return {label: count for label, count in counts.items() if count}


def _of_one_class(example: Example) -> Example:
    return replace(example, unknown=frozenset()) if example.labels and example.unknown else example


def _require_one_class(split: Split, labels: LabelSet) -> None:
    for part, examples in split.parts.items():
        wrong = [example for example in examples if len(example.labels) > 1 or not (example.labels or example.unknown)]
        if wrong:
            first, count = wrong[0], len(wrong)
            got = f"{len(first.labels)} ({listing(sorted(first.labels))})" if first.labels else "none"
            raise DataError(
                f"labels.kind=single: each text must have exactly one label, and text {first.id} of the {part} part has {got}"
                f"{f', with {count - 1} more like it' if count > 1 else ''}: mend them, or set labels.kind=multi"
            )
