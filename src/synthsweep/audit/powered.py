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
class Powered:
    """`value` in [0, 1] with its 95 % interval; `weight` in [0, 1] is how far the judge was followed, `judge` its own mean.

    `low` and `high` are None where judge and clinician never differ in a way that has a spread.
    """

    value: float
    low: float | None
    high: float | None
    weight: float
    judge: float
    texts: int
    pool: int


def powered_share(truth: np.ndarray, judged: np.ndarray, weights: np.ndarray, everywhere: np.ndarray) -> Powered | None:
    """The share of right texts in a pool.

    `truth` and `judged`: (texts,), 0 or 1, of the texts that both read; `weights`: (texts,), above 0, how many pool texts
    each stands for; `everywhere`: (pool,), the judge's verdicts on the whole pool. None of fewer than ten texts.
    """
    texts, pool = len(truth), len(everywhere)
    if texts < FEWEST or not pool:
        return None
    shares = weights / weights.sum()
    weight = _tuned(truth, judged, shares, everywhere)
    rest = truth - weight * judged
    middle = float(shares @ rest)
    value = weight * float(everywhere.mean()) + middle
    # n / (n - 1): the middle was estimated from the same texts.
    variance = float(shares**2 @ (rest - middle) ** 2) * texts / (texts - 1) + weight**2 * float(everywhere.var()) / pool
    reach = -float(stdtrit(texts - 1, 0.025)) * math.sqrt(variance)
    low, high = (None, None) if variance < 1e-12 else (max(0.0, value - reach), min(1.0, value + reach))
    return Powered(min(1.0, max(0.0, value)), low, high, weight, float(everywhere.mean()), texts, pool)


def _tuned(truth: np.ndarray, judged: np.ndarray, shares: np.ndarray, everywhere: np.ndarray) -> float:
    """What makes the variance least, in [0, 1]; 0 for a judge that says one thing of every text."""
    spread = float(everywhere.var())
    if spread == 0:
        return 0.0
    covariance = float(shares @ ((truth - shares @ truth) * (judged - shares @ judged)))
    return min(1.0, max(0.0, covariance / spread / (1 + len(truth) / len(everywhere))))
