"""How many independent draws of texts a difference rests on, and the least variance that so few allow; pure.

A group of texts is one draw. Recall, F1 and average precision rest on the groups that hold a positive: with ten of them among
a thousand texts, a resample knows ten things. Precision rests on those or on the predicted ones, whichever are fewer; the
Brier score on all.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from synthsweep.compare.grid import TestSet
from synthsweep.compare.result import METRICS
from synthsweep.compare.stats.scores.kernel import Scorer

# Fewer say nothing of how draws vary.
FEWEST = 2


@dataclass(frozen=True)
class Support:
    """`draws` and `least`, the floor of the variance, each (..., metrics, criteria and macro and micro).

    The floor is what a paired difference of proportions has in which no draw tells the two apart, with one draw more that is
    spread over the four cells of its table (Perks' quarters; Agresti and Min 2005 add twice that): 1 / 2 (draws + 1)^2.
    Without it, ten positives that both arms find would prove the arms equal, and where arms seldom differ only nine in ten
    intervals hold the truth. A Brier score changes with every text and needs none.
    """

    draws: np.ndarray
    least: np.ndarray


def support(test: TestSet, scorers: Sequence[Sequence[Scorer]], weights: np.ndarray) -> Support:
    """Of each contrast, its (contrasts, cells) `weights`; `scorers` are those of each block's cells.

    The floor is for a difference of two; a contrast with larger or smaller weights has it larger or smaller.
    """
    positive = _with_micro(np.stack([_groups(test, column) for column in test.truth.T]), _groups(test, test.truth.max(axis=1)))
    predicted = np.mean([[_predicted(scorer) for scorer in block] for block in scorers], axis=0)
    involved = (weights != 0) / (weights != 0).sum(axis=1, keepdims=True)
    rows = [_of_metrics(positive, of_contrast, test.group_count) for of_contrast in involved @ predicted]
    draws, least = np.stack(rows, axis=1)
    return Support(draws, least * (np.abs(weights).sum(axis=1) / 2)[:, None, None] ** 2)


def _of_metrics(positive: np.ndarray, predicted: np.ndarray, everything: int) -> np.ndarray:
    """(2, metrics, criteria and macro and micro), draws and floors, from (criteria and micro,) counts."""
    draws = {"precision": np.minimum(positive, predicted), "brier": np.full_like(positive, everything)}
    # What one draw moves: a whole of the denominator, which F1 has twice.
    floors = {"precision": predicted, "f1": (positive + predicted) / 2, "brier": np.full_like(positive, np.inf)}
    rows = [(_with_macro_draws(draws.get(name, positive)), _with_macro_floor(floors.get(name, positive))) for name in METRICS]
    return np.stack(rows, axis=1)


def _with_macro_draws(draws: np.ndarray) -> np.ndarray:
    return np.array([*draws[:-1], min(macro_draws(draws[:-1]), draws[-1]), draws[-1]])


def _with_macro_floor(draws: np.ndarray) -> np.ndarray:
    floors, some = 1 / (2 * (draws + 1) ** 2), draws[:-1] > 0
    return np.array([*floors[:-1], floors[:-1][some].sum() / max(some.sum(), 1) ** 2, floors[-1]])


def macro_draws(draws: np.ndarray) -> float:
    """Of a mean of criteria whose variances fall as their draws rise: Satterthwaite's, so that the rarest decides."""
    some = draws[draws >= FEWEST]
    return float(1 + (1 / some).sum() ** 2 / (1 / (some**2 * (some - 1))).sum()) if len(some) else 0.0


def _predicted(scorer: Scorer) -> np.ndarray:
    """(criteria and micro,) groups of which a text is predicted."""
    criteria = len(scorer.counts) // 3
    predicted = scorer.counts[:criteria] > 0
    return _with_micro(predicted.sum(axis=1), predicted.any(axis=0).sum())


def _with_micro(criteria: np.ndarray, micro: float) -> np.ndarray:
    return np.array([*criteria, micro], dtype=float)


def _groups(test: TestSet, chosen: np.ndarray) -> float:
    return float(len(np.unique(test.groups[chosen > 0])))
