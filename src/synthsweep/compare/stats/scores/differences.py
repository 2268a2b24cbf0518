"""Paired differences of one block: weighted sums of its cells' scores, under any weights of its texts; pure.

Undefined where any cell that a contrast involves is; a macro difference averages the criteria that are defined in all.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from synthsweep.compare.stats.scores.kernel import Scorer, mean_defined, with_macro


@dataclass(frozen=True)
class Differences:
    """The measure of one block: `base` as `scores.base_counts` gives it, `weights` (contrasts, cells)."""

    scorers: Sequence[Scorer]
    base: np.ndarray
    weights: np.ndarray

    def __call__(self, texts: np.ndarray) -> np.ndarray:
        """(groups, draws) weights of texts to (contrasts, metrics, criteria and macro and micro, draws)."""
        base = self.base.astype(texts.dtype, copy=False) @ texts
        scores = np.stack([scorer.scores(base, texts) for scorer in self.scorers])
        return with_macro(weighted_sums(self.weights, scores), axis=-2)


def weighted_sums(weights: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """(contrasts, cells) x (cells, ...) to (contrasts, ...), NaN where a cell with a weight has none."""
    undefined, kind = np.isnan(scores), scores.dtype
    sums = np.tensordot(weights.astype(kind), np.where(undefined, 0, scores), 1)
    sums[np.tensordot((weights != 0).astype(kind), undefined.astype(kind), 1) > 0] = np.nan
    return sums


def sides(weights: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What a contrast subtracts, and what it subtracts it from: means over the blocks that are compared.

    `weights`: (contrasts, cells); `scores`: (cells, blocks, metrics, criteria and macro and micro). Each is (contrasts,
    metrics, criteria and macro and micro), of the criteria and blocks in which all the contrast's cells are defined.
    """
    compared = np.delete(scores, -2, axis=-1)
    absent = np.isnan(weighted_sums(weights, compared))
    return _side(np.maximum(-weights, 0), compared, absent), _side(np.maximum(weights, 0), compared, absent)


def _side(weights: np.ndarray, scores: np.ndarray, absent: np.ndarray) -> np.ndarray:
    shares = weights / weights.sum(axis=1, keepdims=True)
    values = np.tensordot(shares, np.where(np.isnan(scores), 0, scores), 1)
    return mean_defined(with_macro(np.where(absent, np.nan, values), axis=-1), axis=1)
