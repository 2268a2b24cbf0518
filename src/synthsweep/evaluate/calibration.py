"""Calibration: how far probabilities are from frequencies."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class ReliabilityBin:
    """The examples whose probability fell into one bin of equal width."""

    count: int
    mean_probability: float
    positive_rate: float


def reliability(truth: np.ndarray, probabilities: np.ndarray, bins: int) -> list[ReliabilityBin]:
    """The non-empty bins of [0, 1], in order; `truth` and `probabilities` are (examples,)."""
    # The last bin holds probability 1 as well.
    index = np.minimum((probabilities * bins).astype(int), bins - 1)
    members = (index == position for position in range(bins))
    return [
        ReliabilityBin(int(member.sum()), float(probabilities[member].mean()), float(truth[member].mean()))
        for member in members
        if member.any()
    ]


def expected_calibration_error(truth: np.ndarray, probabilities: np.ndarray, bins: int) -> float:
    """Mean distance between probability and positive rate over the bins, weighted by their counts (Naeini et al. 2015)."""
    found = reliability(truth, probabilities, bins)
    return sum(b.count * abs(b.mean_probability - b.positive_rate) for b in found) / len(truth)
