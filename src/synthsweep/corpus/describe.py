"""The real texts in a few lines: how many each part has, the labels that were read, and which have too few positives."""

from collections.abc import Sequence

from synthsweep.config.keys.run import RunConfig
from synthsweep.config.metrics import FEW_POSITIVES
from synthsweep.config.thresholds import Fixed, threshold_rules
from synthsweep.corpus.corpus import Corpus
from synthsweep.corpus.decided import undecided
from synthsweep.corpus.split import Split
from synthsweep.examples import Example, labels_without_positive
from synthsweep.messages import listing

SHOWN = 8


def corpus_lines(corpus: Corpus) -> list[str]:
    """How labels were read, sizes and positives, what is ignored; then a warning, if there is anything to warn of."""
    split, labels, kind = corpus.split, corpus.labels.ids, corpus.labels.kind
    lines = (texts_line(split, labels, kind), ignored_line(split, labels, kind), few_positives(split, labels, kind))
    return [line for line in (*corpus.notes, *lines) if line]


def texts_line(split: Split, label_ids: Sequence[str], kind: str = "multi") -> str:
    """`train 96, dev 32, test 32 real texts; 2 labels (positives in train, dev, test): A1 30, 9, 8; A2 21, 7, 7`."""
    sizes = ", ".join(f"{part} {len(examples)}" for part, examples in split.parts.items())
    shown, count = label_ids[:SHOWN], len(label_ids)
    counts = [f"{label} {', '.join(str(_positives(part, label)) for part in split.parts.values())}" for label in shown]
    more = f"; and {count - SHOWN} more" if count > SHOWN else ""
    one_each = ", one per text" if kind == "single" else ""
    counted = f"{count} label{'s' * (count != 1)}{one_each}"
    return f"{sizes} real texts; {counted} (positives in train, dev, test): {'; '.join(counts)}{more}"


def ignored_line(split: Split, label_ids: Sequence[str], kind: str = "multi") -> str:
    """`undecided and ignored: train A1 12; test A1 4, B4 2`; empty if somebody decided on every label of every text.

    Where each text has one class, nobody decided on any label of a text, or somebody on all.
    """
    found = {part: undecided(examples, label_ids) for part, examples in split.parts.items()}
    if kind == "single":
        sizes = [f"{part} {max(counts.values())}" for part, counts in found.items() if counts]
        return f"texts without a class, ignored: {', '.join(sizes)}" if sizes else ""
    words = [f"{part} {', '.join(f'{label} {n}' for label, n in counts.items())}" for part, counts in found.items() if counts]
    return f"undecided and ignored: {'; '.join(words)}" if words else ""


def few_positives(split: Split, label_ids: Sequence[str], kind: str = "multi") -> str:
    """Such as `few positives: test has 1 of restless, ...`; empty if dev and test have enough of every label."""
    parts = [
        f"{name} has {listing([f'{count} of {label}' for label, count in few.items()], SHOWN)}"
        for name, examples in {**split.tests, "dev": split.dev}.items()
        if (few := _few(examples, label_ids))
    ]
    if not parts:
        return ""
    on_dev = "a score on dev" if kind == "single" else "a threshold from dev"
    chance = f"With fewer than {FEW_POSITIVES}, a score on test or {on_dev} is mostly chance"
    return f"few positives: {'; '.join(parts)}. {chance}"


def undefined_on_dev(config: RunConfig, corpus: Corpus) -> list[str]:
    """What a run does without, since no dev text carries a label: a tuned threshold, or average precision to stop by."""
    label_ids = corpus.labels.ids
    without = labels_without_positive(corpus.split.dev, label_ids)
    told = []
    rules = threshold_rules(config.evaluation.threshold)
    untuned = [label for label in without if corpus.labels.kind == "multi" and not isinstance(rules.of(label), Fixed)]
    if untuned:
        thresholds = "its threshold stays" if len(untuned) == 1 else "their thresholds stay"
        told.append(f"no dev text carries {listing(untuned, SHOWN)}: {thresholds} 0.5")
    if len(without) == len(label_ids) and config.training.select_by == "average_precision":
        told.append("no dev text carries any label: dev average precision is undefined, so dev loss chooses the epoch")
    return told


def _few(examples: Sequence[Example], label_ids: Sequence[str]) -> dict[str, int]:
    counts = {label: _positives(examples, label) for label in label_ids}
    return {label: count for label, count in counts.items() if count < FEW_POSITIVES}


def _positives(examples: Sequence[Example], label: str) -> int:
    return sum(label in example.labels for example in examples)
