"""Seed variances moderated over criteria: with three seeds, the spread of seven criteria says more than that of one; pure.

The variance of a criterion is drawn to that of its arm and metric, as far as the criteria agree (Smyth 2004, as limma does for
genes): s~^2 = (d0 s0^2 + d s^2) / (d0 + d), with d + d0 degrees of freedom. A criterion that varies far more than the others
is drawn less: its own d0 falls with the probability that a criterion like the others varies so much, as in Phipson, Lee,
Majewski, Alexander and Smyth (2016), whose probability is held against the rank of the criterion, ours against `UNUSUAL`.
"""

import numpy as np
from scipy.special import digamma, fdtrc, polygamma

FEWEST_CRITERIA = 3
# A variance with a smaller tail probability gets fewer prior degrees. Simulated: `tests/benchmarks/moderation_rules.py`.
UNUSUAL = 0.25
# That a criterion of an arm and metric stands out although all vary alike.
_LEVEL = 0.05
_STEPS = 50


def moderate(variances: np.ndarray, degrees: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(criteria,) moderated variances and degrees; unchanged with fewer than three criteria that vary.

    `variances` are sample variances of single seeds with `degrees`; NaN stays. d0 is at most (K - 1) d: what the other criteria
    know together, as if they varied independently.
    """
    known = ~np.isnan(variances) & (variances > 0) & (degrees > 0)
    if known.sum() < FEWEST_CRITERIA:
        return variances, degrees
    level, most = prior_of(variances[known], degrees[known])
    prior = most * np.minimum(tail_probability(variances, degrees, level, most) / UNUSUAL, 1.0)
    return (prior * level + degrees * variances) / (prior + degrees), degrees + prior


def tail_probability(variances: np.ndarray, degrees: np.ndarray, level: float, prior_degrees: float) -> np.ndarray:
    """(criteria,) how often a variance with this prior is as large or larger: s^2 / s0^2 has the F(d, d0) distribution."""
    return np.asarray(fdtrc(degrees, prior_degrees, variances / level))


def stand_out(variances: np.ndarray, degrees: np.ndarray) -> np.ndarray:
    """(criteria,) which vary more than the others do: by the prior that the others alone have, with Bonferroni over all."""
    known, found = (variances > 0) & (degrees > 0), np.zeros(len(variances), dtype=bool)
    if known.sum() <= FEWEST_CRITERIA:
        return found
    for place in np.flatnonzero(known):
        others = known & (np.arange(len(known)) != place)
        level, most = prior_of(variances[others], degrees[others])
        found[place] = tail_probability(variances[place], degrees[place], level, most) < _LEVEL / known.sum()
    return found


def prior_of(variances: np.ndarray, degrees: np.ndarray) -> tuple[float, float]:
    """s0^2 and d0, from the mean and the variance of log s^2 (Smyth 2004, section 6.2)."""
    logs = np.log(variances) - digamma(degrees / 2) + np.log(degrees / 2)
    excess = float(np.var(logs, ddof=1) - np.mean(polygamma(1, degrees / 2)))
    most = float((len(variances) - 1) * np.mean(degrees))
    if excess <= 0:
        return float(np.exp(logs.mean())), most
    half = inverse_trigamma(excess)
    return float(np.exp(logs.mean() + digamma(half) - np.log(half))), min(2 * half, most)


def inverse_trigamma(value: float) -> float:
    """The x > 0 of which the trigamma function is `value`, by Newton's method on its inverse."""
    x = 0.5 + 1 / value
    for _ in range(_STEPS):
        trigamma = float(polygamma(1, x))
        step = trigamma * (1 - trigamma / value) / float(polygamma(2, x))
        x += step
        if abs(step) < 1e-10 * x:
            break
    return x
