"""The number of independent draws of texts behind a difference, and the smallest variance that this number allows; pure.

A group of texts is one draw. Recall, F1 and average precision depend on the groups with a positive: ten of these among a
thousand texts count as ten draws. Precision depends on them or on the groups with a predicted positive, whichever are fewer;
the Brier score depends on all groups with a text that somebody decided on.
"""

from dataclasses import dataclass

import numpy as np

from synthsweep.compare.grid import TestSet
from synthsweep.compare.result.effects import METRICS

# A single draw has no variance.
FEWEST_DRAWS = 2
# They change with every text that another classifier scores otherwise.
WITHOUT_FLOOR = ("average_precision", "brier")


@dataclass(frozen=True)
class EffectiveDraws:
    """The number of draws and the floor of the variance, each (..., metrics, criteria and macro and micro).

    The floor is the variance of a paired difference of proportions in which no draw separates the two classifiers, with one
    more draw spread over the four cells of its table (Perks' quarters; Agresti and Min 2005 add twice that):
    1 / 2 (draws + 1)^2. Without the floor, ten positives that both arms find would prove the arms equal, and if arms seldom
    differ, only 90 % of the intervals would cover the truth. Average precision and the Brier score change with every text
    and need no floor.
    """

    count: np.ndarray
    variance_floor: np.ndarray


def effective_draws(test: TestSet, predicted: np.ndarray, weights: np.ndarray) -> EffectiveDraws:
    """The draws of each contrast; `weights` is (contrasts, cells), `predicted` (cells, criteria and micro) groups.

    The floor is for a difference of two cells; it is scaled for contrasts with larger or smaller weights.
    """
    positive = _with_micro(np.stack([_groups(test, column) for column in test.truth.T]), _groups(test, test.truth.max(axis=1)))
    involved = (weights != 0) / (weights != 0).sum(axis=1, keepdims=True)
    decided = _with_micro(np.stack([_groups(test, column) for column in test.known.T]), _groups(test, test.known.max(axis=1)))
    rows = [_by_metric(positive, of_contrast, decided) for of_contrast in involved @ predicted]
    draws, floor = np.stack(rows, axis=1)
    return EffectiveDraws(draws, floor * (np.abs(weights).sum(axis=1) / 2)[:, None, None] ** 2)


def macro_draws(draws: np.ndarray) -> float:
    """Draws behind a mean of criteria with variances of 1 / draws (Satterthwaite 1946); the rarest criteria dominate."""
    some = draws[draws >= FEWEST_DRAWS]
    return float(1 + (1 / some).sum() ** 2 / (1 / (some**2 * (some - 1))).sum()) if len(some) else 0.0


def _by_metric(positive: np.ndarray, predicted: np.ndarray, decided: np.ndarray) -> np.ndarray:
    """(2, metrics, criteria and macro and micro), draws and floors, from (criteria and micro,) counts."""
    draws = {"precision": np.minimum(positive, predicted), "brier": decided}
    # One draw changes the denominator by one; F1 counts it twice.
    denominators = {"precision": predicted, "f1": (positive + predicted) / 2}
    denominators |= {metric: np.full_like(positive, np.inf) for metric in WITHOUT_FLOOR}
    rows = [
        (_draws_with_macro(draws.get(name, positive)), _floor_with_macro(denominators.get(name, positive))) for name in METRICS
    ]
    return np.stack(rows, axis=1)


def _draws_with_macro(draws: np.ndarray) -> np.ndarray:
    return np.array([*draws[:-1], min(macro_draws(draws[:-1]), draws[-1]), draws[-1]])


def _floor_with_macro(draws: np.ndarray) -> np.ndarray:
    floors, some = 1 / (2 * (draws + 1) ** 2), draws[:-1] > 0
    return np.array([*floors[:-1], floors[:-1][some].sum() / max(some.sum(), 1) ** 2, floors[-1]])


def _with_micro(criteria: np.ndarray, micro: float) -> np.ndarray:
    return np.array([*criteria, micro], dtype=float)


def _groups(test: TestSet, chosen: np.ndarray) -> float:
    """The number of groups with a text that is 1 in `chosen`, (examples,)."""
    return float(len(np.unique(test.groups[chosen > 0])))
