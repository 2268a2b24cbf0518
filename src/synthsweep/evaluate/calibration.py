"""Calibration: how far probabilities are from frequencies."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

from synthsweep.evaluate.predictions import Predictions

# Between them a temperature is looked for: beyond, dev says no more than that it separates the classes, or shows nothing.
TEMPERATURES = (0.05, 20.0)
# A probability of 0 or 1 in float64 has no logit: one of this size replaces it.
LARGEST_LOGIT = 36.0


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


def fit_temperature(dev: Predictions) -> float | None:
    """The divisor of all logits that minimises the negative log likelihood of dev, where the truth is known (Guo et al. 2017).

    It lies in TEMPERATURES; None without texts, or where only one class is known.
    """
    known = dev.known if dev.kind == "multi" else dev.known.all(axis=1, keepdims=True) & np.ones_like(dev.known)
    truth = dev.truth[known]
    seen = truth if dev.kind == "multi" else dev.truth[known.all(axis=1)].argmax(axis=1)
    if len(np.unique(seen)) < 2:
        return None
    logits, signs = _logits(dev), np.where(dev.truth == 1, 1.0, -1.0)

    def loss(log_temperature: float) -> float:
        scaled = logits / np.exp(log_temperature)
        if dev.kind == "single":
            return -float(log_softmax(scaled, axis=1)[known & (dev.truth == 1)].mean())
        return float(np.logaddexp(0, -signs * scaled)[known].mean())

    # On the logarithm of the temperature, which is as likely to be 1/2 as 2.
    found = minimize_scalar(loss, bounds=np.log(TEMPERATURES), method="bounded", options={"xatol": 1e-6})
    return float(np.exp(found.x))


def _logits(found: Predictions) -> np.ndarray:
    """The logits of probabilities; of classes that exclude each other, up to a number per text, which softmax ignores."""
    with np.errstate(divide="ignore"):
        logs = np.log(found.probabilities)
        logits = logs if found.kind == "single" else logs - np.log1p(-found.probabilities)
    if found.kind == "single":
        return np.asarray(np.maximum(logits, -2 * LARGEST_LOGIT))
    return np.asarray(np.clip(logits, -LARGEST_LOGIT, LARGEST_LOGIT))
