"""The scores of runs under any weights of their test texts: one kernel for what is observed and for what is resampled; pure.

Weights are (groups, draws): how often each group of texts counts in each draw. Undefined is NaN, by the rules of
`evaluate.metrics`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from synthsweep.compare.grid import Cell, Grid, Output, TestSet

_SMALLEST = np.float32(1e-30)
_FEW = 64


@dataclass(frozen=True)
class Ranking:
    """One run's texts by falling probability, cut where a tie group with a positive ends.

    `counts` is (cuts x 2, groups): how many positives, and how many texts, each group has between one cut and the next. Only
    at the cuts does average precision gain, so nothing between them is kept.
    """

    counts: csr_array

    def average_precision(self, weights: np.ndarray) -> np.ndarray:
        """(draws,), as scikit-learn's `average_precision_score` with these sample weights; NaN with no positive."""
        draws = weights.shape[1]
        counts = (self.counts @ weights).reshape(-1, 2 * draws)
        if not len(counts):
            return np.full(draws, np.nan)
        hits = counts[:, :draws].copy()
        sums = _running_sums(counts)
        found, above = sums[:, :draws], sums[:, draws:]
        gained = np.einsum("cd,cd->d", hits, found / np.maximum(above, _SMALLEST))
        return ratio(gained, found[-1])


@dataclass(frozen=True)
class Scorer:
    """What one run's scores need of it.

    `counts` is (3 x criteria, groups): predicted, hits and squared errors, summed over the texts of each group. `rankings` has
    one a criterion and one of all criteria pooled.
    """

    counts: np.ndarray
    rankings: tuple[Ranking, ...]

    def scores(self, base: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """(metrics, criteria and micro, draws); `base` are the weighted positives a criterion, then the texts."""
        counts = (self.counts.astype(weights.dtype, copy=False) @ weights).reshape(3, -1, weights.shape[1])
        predicted, hits, errors = np.concatenate([counts, counts.sum(axis=1, keepdims=True)], axis=1)
        positives = np.concatenate([base[:-1], base[:-1].sum(axis=0, keepdims=True)])
        texts = np.repeat(base[-1:], len(positives), axis=0)
        texts[-1] *= len(positives) - 1
        f1 = np.where(positives > 0, ratio(2 * hits, predicted + positives), np.nan)
        precision = np.stack([ranking.average_precision(weights) for ranking in self.rankings])
        return np.stack([ratio(hits, predicted), ratio(hits, positives), f1, precision, ratio(errors, texts)])


def scorer(output: Output, test: TestSet) -> Scorer:
    """Sorts a run's probabilities once, for any number of draws."""
    truth, chances, decided = test.truth.astype(bool), output.probabilities, output.decided
    columns = [decided, decided & truth, (chances - truth) ** 2]
    counts = np.concatenate([group_sums(column, test) for column in columns])
    pairs = [(chances[:, k], truth[:, k], test.groups) for k in range(truth.shape[1])]
    pooled = (chances.ravel(), truth.ravel(), np.repeat(test.groups, truth.shape[1]))
    return Scorer(counts, tuple(_ranking(*pair, test.group_count) for pair in [*pairs, pooled]))


def group_sums(values: np.ndarray, test: TestSet) -> np.ndarray:
    """(criteria, groups) sums of (examples, criteria) over the texts of each group."""
    return np.stack([np.bincount(test.groups, column, test.group_count) for column in values.T])


def base_counts(test: TestSet) -> np.ndarray:
    """(criteria + 1, groups): the positives a criterion, then the texts, of each group."""
    return group_sums(np.column_stack([test.truth, np.ones(len(test.groups))]), test)


def score_cells(grid: Grid) -> np.ndarray:
    """(cells, blocks, metrics, criteria and macro and micro), metrics as `answer.METRICS`; macro is over what is defined."""
    return with_macro(np.stack([_observed(grid.cells, block, test) for block, test in enumerate(grid.tests)], axis=1), axis=-1)


def observed_scores(scorers: Sequence[Scorer], base: np.ndarray) -> np.ndarray:
    """(cells, metrics, criteria and micro) of the texts as they are."""
    weights = np.ones((base.shape[1], 1))
    return np.stack([scorer.scores(base @ weights, weights)[..., 0] for scorer in scorers])


def _observed(cells: Sequence[Cell], block: int, test: TestSet) -> np.ndarray:
    return observed_scores([scorer(cell.outputs[block], test) for cell in cells], base_counts(test))


def with_macro(values: np.ndarray, axis: int) -> np.ndarray:
    """Criteria and micro along `axis` to criteria, macro, micro: the mean of those that are defined, NaN where none is."""
    criteria, micro = np.split(values, [-1], axis=axis)
    return np.concatenate([criteria, mean_defined(criteria, axis=axis, keepdims=True), micro], axis=axis)


def mean_defined(values: np.ndarray, axis: int, keepdims: bool = False) -> np.ndarray:
    """The mean of what is not NaN; NaN where nothing is."""
    defined = ~np.isnan(values)
    total = np.where(defined, values, 0).sum(axis=axis, keepdims=keepdims)
    return ratio(total, defined.sum(axis=axis, keepdims=keepdims).astype(values.dtype))


def ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """NaN where the whole is 0."""
    return np.asarray(np.divide(part, whole, out=np.full_like(part, np.nan), where=whole > 0))


def _running_sums(rows: np.ndarray) -> np.ndarray:
    if rows.shape[1] < _FEW:
        return np.cumsum(rows, axis=0)
    # In place and row by row: of many draws numpy's cumsum walks columns, at a third of the speed.
    above = rows[0]
    for row in rows[1:]:
        row += above
        above = row
    return rows


def _ranking(chances: np.ndarray, truth: np.ndarray, groups: np.ndarray, group_count: int) -> Ranking:
    order = np.argsort(-chances, kind="stable")
    ties = np.concatenate([[0], np.cumsum(np.diff(chances[order]) != 0)])
    hits = truth[order]
    holds = np.bincount(ties[hits], minlength=ties[-1] + 1) > 0
    # A tie group without a positive belongs to the next that has one; after the last, nothing counts.
    cut: np.ndarray = (np.cumsum(holds) - holds)[ties]
    cuts, found = int(holds.sum()), groups[order]
    kept = cut < cuts
    rows, columns = np.concatenate([2 * cut[hits], 2 * cut[kept] + 1]), np.concatenate([found[hits], found[kept]])
    places = np.argsort(rows, kind="stable")
    starts = np.searchsorted(rows[places], np.arange(2 * cuts + 1)).astype(np.int32)
    # What falls on the same place is added: a group may have several texts between two cuts.
    ones, columns = np.ones(len(rows), np.float32), columns[places].astype(np.int32)
    return Ranking(csr_array((ones, columns, starts), shape=(2 * cuts, group_count)))
