"""A judge's many verdicts joined with a clinician's few; pure.

Prediction-powered inference (Angelopoulos and others, Science 2023) with the tuned weight of PPI++ (Angelopoulos, Duchi and
Zrnic 2023): the judge's mean over the whole pool, put right by how it differs from the clinician on the texts that both read.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

# Of fewer texts that both read, the spread of their differences is not known.
FEWEST = 10


@dataclass(frozen=True)
class PredictionPowered:
    """`value` in [0, 1] with its 95 % interval; `weight` in [0, 1] is how far the judge was followed, `judge` its own mean."""

    value: float
    low: float
    high: float
    weight: float
    judge: float
    texts: int
    pool: int


def prediction_powered_share(
    truth: np.ndarray, judged: np.ndarray, weights: np.ndarray, everywhere: np.ndarray, stands_for: np.ndarray | None = None
) -> PredictionPowered | None:
    """The share of right texts in a pool.

    `truth` and `judged`: (texts,), 0 or 1, of the texts that both read; `weights`: (texts,), above 0, how many pool texts
    each stands for; `everywhere`: (pool,), the judge's verdicts on the pool; `stands_for`: (pool,), as `weights`, None for one
    each. None of fewer than ten texts that both read.
    """
    texts, pool = len(truth), len(everywhere)
    if texts < FEWEST or not pool:
        return None
    shares, parts = weights / weights.sum(), np.full(pool, 1 / pool)
    if stands_for is not None:
        parts = stands_for / stands_for.sum()
    judge = _clipped(float(parts @ everywhere))
    spread = float(parts @ (everywhere - judge) ** 2)
    weight = _tuned(truth, judged, shares, spread, pool)
    value = weight * judge + float(shares @ (truth - weight * judged))
    low, high = _interval(truth - weight * judged, shares, weight, judge, spread / pool)
    return PredictionPowered(_clipped(value), _clipped(min(low, value)), _clipped(max(high, value)), weight, judge, texts, pool)


def _interval(rest: np.ndarray, shares: np.ndarray, weight: float, judge: float, judge_variance: float) -> tuple[float, float]:
    """As if two texts more had been read, on which judge and clinician differ, once each way.

    Few texts on which the two never differ have no spread, and an interval that follows from it covers too little: with these
    two it covers 95 % or more (tests/benchmarks/audit_coverage.py), as with those of Agresti and Coull (1998) for a share.
    """
    texts = len(rest) + 2
    rest = np.append(rest, [1.0, -weight])
    shares = np.append(shares, [shares.mean()] * 2)
    shares = shares / shares.sum()
    middle = float(shares @ rest)
    # n / (n - 1): the middle was estimated from the same texts.
    variance = float(shares**2 @ (rest - middle) ** 2) * texts / (texts - 1) + weight**2 * judge_variance
    reach = -float(stdtrit(texts - 1, 0.025)) * math.sqrt(variance)
    return weight * judge + middle - reach, weight * judge + middle + reach


def _clipped(value: float) -> float:
    return min(1.0, max(0.0, value))


def _tuned(truth: np.ndarray, judged: np.ndarray, shares: np.ndarray, spread: float, pool: int) -> float:
    """What makes the variance least, in [0, 1]; 0 for a judge that says one thing of every text."""
    # Not exactly 0, since a weighted mean is rounded.
    if spread < 1e-12:
        return 0.0
    covariance = float(shares @ ((truth - shares @ truth) * (judged - shares @ judged)))
    return _clipped(covariance / spread / (1 + len(truth) / pool))
