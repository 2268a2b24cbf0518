"""Effects partially pooled over criteria: each is drawn to the mean of all, the more the less it is known; pure.

The observed effects are normal around the true ones; the true ones are normal around a mean, with a standard deviation that
says how much criteria differ (the random effects of DerSimonian and Laird 1986). Mean and standard deviation are uncertain, so
both are averaged over, with flat priors, instead of being put at an estimate (Rubin 1981; Gelman 2006): a standard deviation
estimated as 0 would declare all criteria alike.
"""

from dataclasses import dataclass

import numpy as np

# The flat prior of the standard deviation has a proper posterior from three on.
FEWEST_CRITERIA = 3
# Half widths of normal 95 % intervals, in standard errors.
NORMAL = 1.959964
_GRID = 200
_MOST_SHARED = 0.99


@dataclass(frozen=True)
class PooledEffects:
    """(criteria,) effects, and half widths of their 95 % intervals."""

    effects: np.ndarray
    half_widths: np.ndarray


def partially_pooled(effects: np.ndarray, half_widths: np.ndarray, shared: float) -> PooledEffects:
    """`half_widths` are those of the 95 % intervals of the (criteria,) effects, `shared` the correlation of their errors.

    Errors that criteria share move all of them alike: they are left in, and say nothing about how criteria differ. An error
    counts as a normal one with the same interval, so that few seeds weigh as little as their t quantile says.
    """
    shared = min(max(shared, 0.0), _MOST_SHARED)
    found = _posterior(effects, half_widths / NORMAL * np.sqrt(1 - shared))
    return PooledEffects(found.effects, np.sqrt(found.half_widths**2 + shared * half_widths**2))


def _posterior(effects: np.ndarray, errors: np.ndarray) -> PooledEffects:
    # Spreads of criteria from 0 to infinity, u / (1 - u), with the density of u.
    u = ((np.arange(_GRID) + 0.5) / _GRID)[:, None]
    squares = ((np.std(effects) + np.sqrt(np.mean(errors**2))) * u / (1 - u)) ** 2
    precisions = 1 / (errors**2 + squares)
    known = precisions.sum(axis=1, keepdims=True)
    means = (precisions @ effects)[:, None] / known
    misfit = (precisions * (effects - means) ** 2).sum(axis=1)
    logs = (np.log(precisions).sum(axis=1) - np.log(known[:, 0]) - misfit) / 2 - 2 * np.log(1 - u[:, 0])
    weights = np.exp(logs - logs.max())
    weights /= weights.sum()
    centres = means + squares * precisions * (effects - means)
    own, of_mean = squares * errors**2 * precisions, (errors**2 * precisions) ** 2 / known
    pooled = weights @ centres
    return PooledEffects(pooled, NORMAL * np.sqrt(weights @ (own + of_mean + (centres - pooled) ** 2)))
