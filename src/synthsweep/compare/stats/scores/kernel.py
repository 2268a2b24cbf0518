"""The scores of runs for any weights of their test texts: the same code for observed and for resampled texts; pure.

Weights are (groups, draws): how often each group of texts counts in each draw. Undefined is NaN, by the rules of
`evaluate.metrics`.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from synthsweep.compare.grid import Output, TestSet

# Avoids a division by 0.
_SMALLEST = np.float32(1e-30)
# With fewer draws, numpy's cumsum is faster.
_FEW_DRAWS = 64


@dataclass(frozen=True)
class Ranking:
    """The texts of one run by falling probability, cut after each tie group that holds a positive.

    `counts` is (cuts x 2, groups): how many positives, and how many texts, each group has between one cut and the next. Average
    precision changes at the cuts alone, so nothing between them is stored.
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
    """The counts from which all scores of one run follow.

    `counts` is (3 x criteria, groups): predicted texts, hits and squared errors, summed over the texts of each group.
    `rankings` holds one per criterion, and one of all criteria pooled.
    """

    counts: np.ndarray
    rankings: tuple[Ranking, ...]

    def scores(self, base: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """(metrics, criteria and micro, draws); `base` holds the weighted positives per criterion, then the decided texts."""
        counts = (self.counts.astype(weights.dtype, copy=False) @ weights).reshape(3, -1, weights.shape[1])
        predicted, hits, errors = np.concatenate([counts, counts.sum(axis=1, keepdims=True)], axis=1)
        both = base.reshape(2, -1, weights.shape[1])
        positives, texts = np.concatenate([both, both.sum(axis=1, keepdims=True)], axis=1)
        f1 = np.where(positives > 0, ratio(2 * hits, predicted + positives), np.nan)
        average_precision = np.stack([ranking.average_precision(weights) for ranking in self.rankings])
        return np.stack([ratio(hits, predicted), ratio(hits, positives), f1, average_precision, ratio(errors, texts)])


def scorer(output: Output, test: TestSet) -> Scorer:
    """Sorts the probabilities of a run once, for any number of draws; what nobody decided on has no part."""
    truth, known, probabilities, decided = test.positive, test.known, output.probabilities, output.decided
    columns = [decided & known, decided & truth, (probabilities - truth) ** 2 * known]
    counts = np.concatenate([group_sums(column, test) for column in columns])
    groups = np.repeat(test.groups[:, None], truth.shape[1], axis=1)
    cells = [(slice(None), k) for k in range(truth.shape[1])] + [(slice(None), slice(None))]
    rankings = (
        ranking(probabilities[of][known[of]], truth[of][known[of]], groups[of][known[of]], test.group_count) for of in cells
    )
    return Scorer(counts, tuple(rankings))


def group_sums(values: np.ndarray, test: TestSet) -> np.ndarray:
    """(criteria, groups) sums of (examples, criteria) over the texts of each group."""
    if test.alone:
        return np.ascontiguousarray(values.T, dtype=float)
    return np.stack([np.bincount(test.groups, column, test.group_count) for column in values.T])


def base_counts(test: TestSet) -> np.ndarray:
    """(2 x criteria, groups): the positives per criterion, then the texts that somebody decided on, of each group."""
    return group_sums(np.column_stack([test.positive, test.known]), test)


def with_macro(values: np.ndarray, axis: int) -> np.ndarray:
    """Criteria and micro along `axis` to criteria, macro, micro; macro is the mean of the defined criteria, NaN without any."""
    criteria, micro = np.split(values, [-1], axis=axis)
    return np.concatenate([criteria, mean_defined(criteria, axis=axis, keepdims=True), micro], axis=axis)


def mean_defined(values: np.ndarray, axis: int, keepdims: bool = False) -> np.ndarray:
    """The mean of the values that are not NaN; NaN without any."""
    defined = ~np.isnan(values)
    total = np.where(defined, values, 0).sum(axis=axis, keepdims=keepdims)
    return ratio(total, defined.sum(axis=axis, keepdims=keepdims).astype(values.dtype))


def ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """`part` over `whole`, NaN where the whole is 0."""
    return np.asarray(np.divide(part, whole, out=np.full_like(part, np.nan), where=whole > 0))


def _running_sums(rows: np.ndarray) -> np.ndarray:
    if rows.shape[1] < _FEW_DRAWS:
        return np.cumsum(rows, axis=0)
    # In place and row by row: with many draws, numpy's cumsum goes column by column, at a third of the speed.
    above = rows[0]
    for row in rows[1:]:
        row += above
        above = row
    return rows


def ranking(probabilities: np.ndarray, truth: np.ndarray, groups: np.ndarray, group_count: int) -> Ranking:
    """All arguments but the last are (texts,)."""
    if not len(probabilities):
        return Ranking(csr_array((0, group_count), dtype=np.float32))
    order = np.argsort(-probabilities, kind="stable")
    ties = np.concatenate([[0], np.cumsum(np.diff(probabilities[order]) != 0)])
    hits = truth[order]
    holds = np.bincount(ties[hits], minlength=ties[-1] + 1) > 0
    # A tie group without a positive joins the next one that has one; groups after the last positive do not count.
    cut: np.ndarray = (np.cumsum(holds) - holds)[ties]
    cuts, found = int(holds.sum()), groups[order]
    kept = cut < cuts
    rows, columns = np.concatenate([2 * cut[hits], 2 * cut[kept] + 1]), np.concatenate([found[hits], found[kept]])
    places = np.argsort(rows, kind="stable")
    starts = np.searchsorted(rows[places], np.arange(2 * cuts + 1)).astype(np.int32)
    # Entries at the same place are added: a group may have several texts between two cuts.
    ones, columns = np.ones(len(rows), np.float32), columns[places].astype(np.int32)
    return Ranking(csr_array((ones, columns, starts), shape=(2 * cuts, group_count)))
