"""Splits by group and stratified by label; pure.

Greedy, after Sechidis et al. (2011): groups with the rarest labels are placed first, each in the part that lacks most of the
labels it carries. Whole groups are placed, so that no child spans two parts.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from synthsweep.errors import DataError
from synthsweep.examples import Example
from synthsweep.stratify import stratified_order


@dataclass(frozen=True)
class Split:
    """Real examples by part; never synthetic ones. `further` are more test sets, by names such as `test_clinic`."""

    train: tuple[Example, ...]
    dev: tuple[Example, ...]
    test: tuple[Example, ...]
    further: Mapping[str, tuple[Example, ...]] = field(default_factory=dict)

    @property
    def tests(self) -> dict[str, tuple[Example, ...]]:
        """Every test set, the primary one first."""
        return {"test": self.test, **self.further}

    @property
    def parts(self) -> dict[str, tuple[Example, ...]]:
        return {"train": self.train, "dev": self.dev, **self.tests}

    def with_each(self, change: Callable[[Example], Example]) -> "Split":
        """The split with `change` made to each example."""
        train, dev, test, *others = (tuple(map(change, examples)) for examples in self.parts.values())
        return Split(train, dev, test, dict(zip(self.further, others, strict=True)))

    @property
    def evaluated(self) -> tuple[Example, ...]:
        """What no training text may repeat and no prompt may show."""
        return (*self.dev, *(example for examples in self.tests.values() for example in examples))


def split_examples(
    examples: Sequence[Example], shares: Mapping[str, float], label_ids: Sequence[str], *, seed: int
) -> dict[str, tuple[Example, ...]]:
    """The examples by part, in their own order; `shares` sum to 1.

    An example without a group is a group of its own.

    Raises:
        DataError: there are fewer groups than parts.
    """
    groups = _grouped(examples)
    if len(groups) < len(shares):
        kind = "different groups in data.group" if any(example.group for example in examples) else "rows"
        raise DataError(
            f"data: {', '.join(shares)} need at least {len(shares)} {kind}, got {len(groups)}: "
            "add more, or give split files of your own with data.files.train, dev and test"
        )
    counts = _label_counts(groups, label_ids)
    part_numbers = _assign(counts, np.array(list(shares.values())), random.Random(f"{seed}/split"))
    part_of = {example.id: list(shares)[part_numbers[index]] for index, group in enumerate(groups) for example in group}
    return {part: tuple(e for e in examples if part_of[e.id] == part) for part in shares}


def _grouped(examples: Sequence[Example]) -> list[list[Example]]:
    groups: dict[tuple[bool, str], list[Example]] = defaultdict(list)
    for example in examples:
        groups[(example.group is None, example.group or example.id)].append(example)
    return list(groups.values())


def _label_counts(groups: Sequence[Sequence[Example]], label_ids: Sequence[str]) -> np.ndarray:
    """(groups, labels + 2): positives of each label, examples with none, and all examples.

    Then, for each label on which nobody decided in some example, the number of these.
    """
    unknown = [label for label in label_ids if any(label in example.unknown for group in groups for example in group)]
    rows = []
    for group in groups:
        positives = [sum(label in example.labels for example in group) for label in label_ids]
        undecided = [sum(label in example.unknown for example in group) for label in unknown]
        none = sum(not example.labels and not example.unknown for example in group)
        rows.append([*positives, none, len(group), *undecided])
    return np.array(rows, dtype=float)


def _assign(counts: np.ndarray, shares: np.ndarray, rng: random.Random) -> list[int]:
    """The part of each group: indices into `shares`."""
    totals = counts.sum(axis=0)
    rarity = np.where(totals > 0, 1 / np.maximum(totals, 1), 0.0)
    order = list(range(len(counts)))
    rng.shuffle(order)
    order.sort(key=lambda index: -float((counts[index] * rarity).sum()))
    wanted = np.outer(shares, np.maximum(totals, 1))
    remaining = wanted.copy()
    parts = [0] * len(counts)
    for index in order:
        weight = counts[index] * rarity
        # Relative need: by absolute need, all large groups would go into the largest part. An empty part needs most.
        part = int(np.argmax((remaining / wanted) @ weight))
        remaining[part] -= counts[index]
        parts[index] = part
    return parts


def subset(examples: Sequence[Example], size: int, *, part: str, seed: int) -> tuple[Example, ...]:
    """A stratified draw of `size` examples (0 for all); with the same seed, a larger draw contains every smaller one.

    Raises:
        DataError: the part has fewer examples than `size`.
    """
    if size > len(examples):
        raise DataError(f"data.{part}_size must be at most {len(examples)}, the examples of that part; got {size}")
    return tuple(examples[index] for index in sorted(_order(examples, part, seed)[:size])) if size else tuple(examples)


def reserve(examples: Sequence[Example], size: int, *, part: str, seed: int) -> tuple[Example, ...]:
    """The examples that subset() leaves out, in the order in which a larger draw would add them."""
    return tuple(examples[index] for index in _order(examples, part, seed)[size:]) if size else ()


def _order(examples: Sequence[Example], part: str, seed: int) -> list[int]:
    # A label that nobody decided on is not one that the text lacks.
    undecided = [tuple(sorted(example.unknown)) for example in examples]
    strata = [tuple(sorted(example.labels)) for example in examples]
    return stratified_order(strata, random.Random(f"{seed}/{part}"), within=undecided)
