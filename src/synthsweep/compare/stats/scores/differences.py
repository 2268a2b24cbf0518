"""Paired differences of one block: weighted sums of its cells' scores, and of what each text contributes to them; pure.

A difference is undefined where the score of any cell in the contrast is. A macro difference is the mean over the criteria
that are defined in all of these cells.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from synthsweep.compare.stats.scores.influence import Influences
from synthsweep.compare.stats.scores.kernel import mean_defined, with_macro


@dataclass(frozen=True)
class BlockRow:
    """The row of estimands of one block: contrasts of its cells, then parts of changes, made as they are asked for.

    `weights` is (contrasts, cells); each cell has (metrics, criteria and micro). An iteration gives the contrasts themselves.
    """

    weights: np.ndarray
    cells: Sequence[Influences]
    parts: Iterable[Influences]

    def __iter__(self) -> Iterator[Influences]:
        yield from (differing(weights, self.cells) for weights in self.weights)
        yield from self.parts


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


def differing(weights: np.ndarray, cells: Sequence[Influences]) -> Influences:
    """(metrics, criteria and macro and micro) of one contrast, from the (metrics, criteria and micro) of its cells.

    `weights` is (cells,). One contrast at a time stays in the cache of a processor.
    """
    first, *others = np.flatnonzero(weights).tolist() or [0]
    values = weighted_sums(weights[None], np.stack([cell.values for cell in cells]))[0]
    groups, scaled = weights[first] * cells[first].groups, np.empty_like(cells[first].groups)
    for place in others:
        groups += np.multiply(weights[place], cells[place].groups, out=scaled)
    if (undefined := np.isnan(values)).any():
        groups[undefined] = 0.0
    return macro_influences(Influences(values, groups))


def macro_influences(scores: Influences) -> Influences:
    """Criteria and micro, the last axis of the values, to criteria, macro, micro."""
    defined = (~np.isnan(scores.values[..., :-1])).sum(axis=-1)[..., None]
    macro = scores.groups[..., :-1, :].sum(axis=-2) / np.maximum(defined, 1)
    groups = np.concatenate([scores.groups[..., :-1, :], macro[..., None, :], scores.groups[..., -1:, :]], axis=-2)
    return Influences(with_macro(scores.values, axis=-1), groups)
