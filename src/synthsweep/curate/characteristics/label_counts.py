"""How many labels texts carry, and which; pure."""

from collections.abc import Sequence

import numpy as np

Labels = Sequence[frozenset[str]]


def cardinality(labels: Labels) -> float | None:
    """Mean number of labels per text, 0 or more; None without texts."""
    return float(np.mean([len(carried) for carried in labels])) if labels else None


def cooccurrence(labels: Labels) -> float | None:
    """Share of texts with two or more labels, in [0, 1]; None without texts."""
    return float(np.mean([len(carried) > 1 for carried in labels])) if labels else None


def cooccurrence_gap(labels: Labels, real: Labels) -> float | None:
    """Absolute difference in `cooccurrence` from the real texts, in [0, 1]; None where either has no texts."""
    own, theirs = cooccurrence(labels), cooccurrence(real)
    return None if own is None or theirs is None else abs(own - theirs)


def label_shares(labels: Labels, names: Sequence[str]) -> dict[str, float]:
    """Share of texts that carry each of `names`, in [0, 1]; empty without texts."""
    return {name: float(np.mean([name in carried for carried in labels])) for name in names} if labels else {}
