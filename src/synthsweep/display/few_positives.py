"""A warning, in one line, that some labels have too few positives in test or dev."""

from collections.abc import Sequence

from synthsweep.config.metrics import FEW_POSITIVES
from synthsweep.corpus.split import Split
from synthsweep.examples import Example
from synthsweep.messages import listing

SHOWN = 8


def few_positives(split: Split, label_ids: Sequence[str]) -> str:
    """Such as `few positives: test has 1 of restless, ...`; empty if dev and test have enough of every label."""
    parts = [
        f"{name} has {listing([f'{count} of {label}' for label, count in few.items()], SHOWN)}"
        for name, examples in (("test", split.test), ("dev", split.dev))
        if (few := _few(examples, label_ids))
    ]
    if not parts:
        return ""
    chance = f"With fewer than {FEW_POSITIVES}, a score on test or a threshold from dev is mostly chance"
    return f"few positives: {'; '.join(parts)}. {chance}"


def _few(examples: Sequence[Example], label_ids: Sequence[str]) -> dict[str, int]:
    counts = {label: sum(label in example.labels for example in examples) for label in label_ids}
    return {label: count for label, count in counts.items() if count < FEW_POSITIVES}
