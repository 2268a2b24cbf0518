"""Combines many verdicts of an LLM judge with a few of a clinician; pure.

Prediction-powered inference (Angelopoulos et al., Science 2023) with the tuned weight of PPI++ (Angelopoulos, Duchi and Zrnic
2023): the judge's mean over the whole pool, corrected by its difference to the clinician on the texts that both have judged.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

# With fewer texts that both have judged, the variance of their differences cannot be estimated.
FEWEST = 10


@dataclass(frozen=True)
class PredictionPowered:
    """`value` in [0, 1] with its 95 % interval; `weight` in [0, 1] is that of the judge, `judge` its own mean over the pool."""

    value: float
    low: float
    high: float
    weight: float
    judge: float
    texts: int
    pool: int


def prediction_powered_share(
    truth: np.ndarray,
    judged: np.ndarray,
    weights: np.ndarray,
    judged_pool: np.ndarray,
    pool_weights: np.ndarray | None = None,
) -> PredictionPowered | None:
    """The share of right texts in a pool.

    `truth` and `judged`: (texts,), 0 or 1, the clinician's and the judge's verdicts on the texts that both have judged;
    `weights`: (texts,), above 0, how many texts of the pool each stands for; `judged_pool`: (pool,), the judge's verdicts on
    the pool; `pool_weights`: (pool,), as `weights`, None for equal ones. Returns None for fewer than ten texts judged by both.
    """
    texts, pool = len(truth), len(judged_pool)
    if texts < FEWEST or not pool:
        return None
    shares, parts = weights / weights.sum(), np.full(pool, 1 / pool)
    if pool_weights is not None:
        parts = pool_weights / pool_weights.sum()
    judge = _clipped(float(parts @ judged_pool))
    spread = float(parts @ (judged_pool - judge) ** 2)
    weight = _tuned_weight(truth, judged, shares, spread, pool)
    value = weight * judge + float(shares @ (truth - weight * judged))
    low, high = _interval(truth - weight * judged, shares, weight, judge, spread / pool)
    return PredictionPowered(_clipped(value), _clipped(min(low, value)), _clipped(max(high, value)), weight, judge, texts, pool)


def _interval(rest: np.ndarray, shares: np.ndarray, weight: float, judge: float, judge_variance: float) -> tuple[float, float]:
    """The interval after adding two texts on which judge and clinician differ, one in each direction.

    If the two never differ on a few texts, the variance would be 0 and the interval too narrow. With the two added texts, it
    covers the truth in 95 % of cases or more (tests/benchmarks/audit_coverage.py), like the interval of Agresti and Coull
    (1998) for a share.
    """
    texts = len(rest) + 2
    rest = np.append(rest, [1.0, -weight])
    shares = np.append(shares, [shares.mean()] * 2)
    shares = shares / shares.sum()
    middle = float(shares @ rest)
    # n / (n - 1), because the mean is estimated from the same texts.
    variance = float(shares**2 @ (rest - middle) ** 2) * texts / (texts - 1) + weight**2 * judge_variance
    reach = -float(stdtrit(texts - 1, 0.025)) * math.sqrt(variance)
    return weight * judge + middle - reach, weight * judge + middle + reach


def _clipped(value: float) -> float:
    return min(1.0, max(0.0, value))


def _tuned_weight(truth: np.ndarray, judged: np.ndarray, shares: np.ndarray, spread: float, pool: int) -> float:
    """The weight in [0, 1] that minimises the variance; 0 if the judge gives every text the same verdict."""
    # Rounding keeps the spread of equal verdicts from being exactly 0.
    if spread < 1e-12:
        return 0.0
    covariance = float(shares @ ((truth - shares @ truth) * (judged - shares @ judged)))
    return _clipped(covariance / spread / (1 + len(truth) / pool))
