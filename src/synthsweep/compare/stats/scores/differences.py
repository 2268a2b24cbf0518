"""Paired differences of one block: weighted sums of its cells' scores, for any weights of its texts; pure.

A difference is undefined where the score of any cell in the contrast is. A macro difference is the mean over the criteria
that are defined in all of these cells.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from synthsweep.compare.stats.scores.influence import Influences
from synthsweep.compare.stats.scores.kernel import Scorer, mean_defined, with_macro


@dataclass(frozen=True)
class Differences:
    """The differences of one block, for any weights of its texts.

    `base` is `base_counts` of its test set; `contrasts` is (contrasts, cells), the weight of each cell.
    """

    scorers: Sequence[Scorer]
    base: np.ndarray
    contrasts: np.ndarray

    def __call__(self, weights: np.ndarray) -> np.ndarray:
        """(groups, draws) weights of the texts to (contrasts, metrics, criteria and macro and micro, draws)."""
        base = self.base.astype(weights.dtype, copy=False) @ weights
        scores = np.stack([scorer.scores(base, weights) for scorer in self.scorers])
        return with_macro(weighted_sums(self.contrasts, scores), axis=-2)


def weighted_sums(weights: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """(contrasts, cells) x (cells, ...) to (contrasts, ...), NaN if a cell with a weight is NaN."""
    undefined, kind = np.isnan(scores), scores.dtype
    sums = np.tensordot(weights.astype(kind), np.where(undefined, 0, scores), 1)
    sums[np.tensordot((weights != 0).astype(kind), undefined.astype(kind), 1) > 0] = np.nan
    return sums


def baseline_and_arm(weights: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The mean scores of the cells with negative weights, and of those with positive ones.

    `weights`: (contrasts, cells); `scores`: (cells, blocks, metrics, criteria and macro and micro). Both results are
    (contrasts, metrics, criteria and macro and micro): means over the criteria and blocks in which all cells of the contrast
    are defined.
    """
    without_macro = np.delete(scores, -2, axis=-1)
    undefined = np.isnan(weighted_sums(weights, without_macro))
    signs = (np.maximum(-weights, 0), np.maximum(weights, 0))
    baseline, arm = (_weighted_mean(part, without_macro, undefined) for part in signs)
    return baseline, arm


def _weighted_mean(weights: np.ndarray, scores: np.ndarray, undefined: np.ndarray) -> np.ndarray:
    shares = weights / weights.sum(axis=1, keepdims=True)
    values = np.tensordot(shares, np.where(np.isnan(scores), 0, scores), 1)
    return mean_defined(with_macro(np.where(undefined, np.nan, values), axis=-1), axis=1)


def differing(weights: np.ndarray, scores: Influences) -> Influences:
    """(contrasts, cells) x (cells, metrics, criteria and micro) to (contrasts, metrics, criteria and macro and micro)."""
    values = weighted_sums(weights, scores.values)
    cells, groups = len(scores.values), scores.groups.shape[-1]
    sums = (weights @ scores.groups.reshape(cells, -1)).reshape(*values.shape, groups)
    sums[np.isnan(values)] = 0.0
    return macro_influences(Influences(values, sums))


def macro_influences(scores: Influences) -> Influences:
    """Criteria and micro, the last axis of the values, to criteria, macro, micro."""
    defined = (~np.isnan(scores.values[..., :-1])).sum(axis=-1)[..., None]
    macro = scores.groups[..., :-1, :].sum(axis=-2) / np.maximum(defined, 1)
    groups = np.concatenate([scores.groups[..., :-1, :], macro[..., None, :], scores.groups[..., -1:, :]], axis=-2)
    return Influences(with_macro(scores.values, axis=-1), groups)
