"""Sums over blocks of what each group of texts contributes to contrasts, and of the squares; pure.

A contrast is a weighted sum of cells. So its sum over blocks is the weighted sum of the cells' sums, and the sum of its squares
is w' G w, with G the products of the cells' contributions: nothing is formed for each of hundreds of contrasts in each block.
Where a criterion is undefined in some of the cells, the contrasts of that block and metric are formed after all.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from synthsweep.compare.stats.scores.differences import weighted_sums
from synthsweep.compare.stats.scores.influence import Influences
from synthsweep.compare.stats.scores.kernel import with_macro

# Of the squares of the cells: less is what rounding leaves of cells that are all the same.
_ROUNDING = 1e-13


class ContrastSums:
    """Of contrasts by metrics by (criteria, macro, micro); `weights` is (contrasts, cells). `add` changes the sums in place."""

    def __init__(self, weights: np.ndarray, like: Influences) -> None:
        """`like`: (metrics, criteria and micro), as each cell has."""
        metrics, criteria, groups = like.groups.shape
        self._weights, cells = weights, weights.shape[1]
        self._sums = np.zeros((metrics, criteria + 1, cells, groups))
        self._products = np.zeros((metrics, criteria + 1, cells, cells))
        self.total = np.zeros((len(weights), metrics, criteria + 1, groups))
        self.squares = np.zeros((len(weights), metrics, criteria + 1))

    def add(self, cells: Sequence[Influences]) -> np.ndarray:
        """(contrasts, metrics, criteria and macro and micro) values of the block."""
        known = ~np.isnan(np.stack([cell.values for cell in cells]))
        values = weighted_sums(self._weights, np.stack([cell.values for cell in cells]))
        for metric, of_metric in enumerate(known.swapaxes(0, 1)):
            if np.array_equal(of_metric.all(axis=0), of_metric.any(axis=0)):
                self._add_cells(metric, of_metric.all(axis=0), cells)
            else:
                self._add_contrasts(metric, ~np.isnan(values[:, metric]), cells)
        return with_macro(values, axis=-1)

    def finish(self) -> None:
        """Turns the sums of cells into those of contrasts; once, after the last block."""
        weights = self._weights
        for place in np.ndindex(self._products.shape[:2]):
            products = self._products[place]
            squares = ((weights @ products) * weights).sum(axis=1)
            squares[squares < _ROUNDING * (weights**2 @ products.diagonal())] = 0.0
            self.squares[:, *place] += squares
            self.total[:, *place] += weights @ self._sums[place]

    def _add_cells(self, metric: int, defined: np.ndarray, cells: Sequence[Influences]) -> None:
        """`defined`: (criteria and micro,), in all cells; the others are in none."""
        macro, count = np.zeros(self._sums.shape[2:]), max(int(defined[:-1].sum()), 1)
        for place, criterion in _places(defined):
            rows = np.stack([cell.groups[metric, criterion] for cell in cells])
            self._add_rows(metric, place, rows)
            if place == criterion:
                macro += rows
        self._add_rows(metric, len(defined) - 1, macro / count)

    def _add_rows(self, metric: int, place: int, rows: np.ndarray) -> None:
        self._sums[metric, place] += rows
        self._products[metric, place] += rows @ rows.T

    def _add_contrasts(self, metric: int, defined: np.ndarray, cells: Sequence[Influences]) -> None:
        """`defined`: (contrasts, criteria and micro)."""
        macro, count = np.zeros((len(defined), self.total.shape[-1])), np.maximum(defined[:, :-1].sum(axis=1), 1)
        for place, criterion in _places(np.asarray(defined.any(axis=0))):
            rows = np.stack([cell.groups[metric, criterion] for cell in cells])
            differences = (self._weights * defined[:, criterion, None]) @ rows
            self._add_differences(metric, place, differences)
            if place == criterion:
                macro += differences
        self._add_differences(metric, defined.shape[1] - 1, macro / count[:, None])

    def _add_differences(self, metric: int, place: int, rows: np.ndarray) -> None:
        self.total[:, metric, place] += rows
        self.squares[:, metric, place] += np.einsum("cg,cg->c", rows, rows)


def _places(defined: np.ndarray) -> Iterator[tuple[int, int]]:
    """(place, criterion) of those that are defined: micro, the last criterion, stands behind macro."""
    for criterion in np.flatnonzero(defined).tolist():
        yield criterion + (criterion == len(defined) - 1), criterion
