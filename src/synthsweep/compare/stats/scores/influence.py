"""The scores of a run and what each group of test texts contributes to their error, in closed form; pure.

The contribution of a group is the jackknife's: the score minus the score without that group, times the root of (G - 1) / G
for G groups. Its squares add up to the variance of the score over new texts, and its products with those of another run to
the covariance (Efron and Stein 1981; for average precision by its influence values, as for AUC by DeLong et al. 1988).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from synthsweep.compare.grid import Output, TestSet
from synthsweep.compare.result.effects import METRICS
from synthsweep.compare.stats.scores.kernel import Ranking, group_sums, ranking, ratio

# Up to so many groups with a positive, groups of several texts are left out one by one; above, influence values differ little.
FEW_GROUPS = 30


@dataclass(frozen=True)
class Influences:
    """Values (...,), NaN if undefined, and contributions (..., groups), 0 where the value is undefined."""

    values: np.ndarray
    groups: np.ndarray

    def of(self, rows: Sequence[int]) -> "Influences":
        """Some of the first axis."""
        return Influences(self.values[rows], self.groups[rows])


@dataclass(frozen=True)
class TextCounts:
    """(criteria and micro, groups): the positives, and the texts that somebody decided on, of each group."""

    positives: np.ndarray
    known: np.ndarray


@dataclass(frozen=True)
class RunInfluences:
    """(metrics, criteria and micro) scores of a run; `predicted` and `hits` are (criteria and micro, groups) counts."""

    scores: Influences
    predicted: np.ndarray
    hits: np.ndarray


def text_counts(test: TestSet) -> TextCounts:
    """Of one test set, for all runs on it."""
    return TextCounts(with_sum(group_sums(test.positive, test)), with_sum(group_sums(test.known, test)))


def run_influences(output: Output, test: TestSet, counts: TextCounts) -> RunInfluences:
    """Scores as `result.METRICS` orders them; what nobody decided on has no part. A run that is not there has none."""
    if not output.present:
        nothing, shape = np.full_like(counts.known, np.nan), (len(METRICS), len(counts.known))
        return RunInfluences(Influences(np.full(shape, np.nan), np.zeros((*shape, test.group_count))), nothing, nothing)
    decided, truth = output.decided & test.known, test.positive
    predicted, hits = (with_sum(group_sums(column, test)) for column in (decided, decided & truth))
    errors = with_sum(group_sums((output.probabilities - truth) ** 2 * test.known, test))
    f1 = ratios(2 * hits, predicted + counts.positives)
    positives = counts.positives.sum(axis=1)
    # Without its only positive group, a criterion has no F1.
    left = positives[:, None] > counts.positives
    scores = (
        ratios(hits, predicted),
        ratios(hits, counts.positives),
        Influences(np.where(positives > 0, f1.values, np.nan), f1.groups * left),
        average_precisions(output, test),
        ratios(errors, counts.known),
    )
    return RunInfluences(stacked(scores), predicted, hits)


def stacked(parts: Sequence[Influences], axis: int = 0) -> Influences:
    """Parts of one shape along a new axis."""
    return Influences(np.stack([part.values for part in parts], axis), np.stack([part.groups for part in parts], axis))


def ratios(part: np.ndarray, whole: np.ndarray) -> Influences:
    """Sums of `part` over sums of `whole`, both (..., groups): without group g, r changes by (p_g - r w_g) / (W - w_g)."""
    count, total = part.shape[-1], whole.sum(axis=-1, keepdims=True)
    value, left = ratio(part.sum(axis=-1, keepdims=True), total), total - whole
    # Nothing changes without a group that has all of the whole.
    left = np.where(left > 0, left, np.inf) / np.sqrt((count - 1) / count) if count > 1 else np.full_like(left, np.inf)
    return Influences(value[..., 0], (part - np.nan_to_num(value) * whole) / left)


def average_precisions(output: Output, test: TestSet) -> Influences:
    """(criteria and micro,), as scikit-learn's `average_precision_score`; NaN with no positive."""
    truth, known, scores = test.positive, test.known, output.probabilities
    alone = test.group_count == len(test.ids)
    rows = [slice(None) if column.all() else column for column in known.T]
    found = [
        _average_precision(scores[of, k], truth[of, k], test.groups[of], test.group_count, alone) for k, of in enumerate(rows)
    ]
    groups = np.broadcast_to(test.groups[:, None], truth.shape)[known]
    found.append(_average_precision(scores[known], truth[known], groups, test.group_count, alone=False))
    return stacked(found)


def _average_precision(scores: np.ndarray, truth: np.ndarray, groups: np.ndarray, count: int, alone: bool) -> Influences:
    """`alone`: each group has one text."""
    if not truth.any():
        return Influences(np.array(np.nan), np.zeros(count))
    positive_groups = np.bincount(groups[truth], minlength=count) > 0
    if not alone and positive_groups.sum() <= FEW_GROUPS:
        return _without_each(ranking(scores, truth, groups, count), count)
    ranked = _Ranked.of(scores, truth)
    value, m = float(ranked.parts.sum() / truth.sum()), int(positive_groups.sum())
    if alone:
        contributions, scale = ranked.without_each(value), (count - 1) / count
    else:
        contributions, scale = ranked.influences(value), m / (m - 1)
    by_group = np.bincount(groups[ranked.order], contributions, count) * np.sqrt(scale)
    return Influences(np.array(value), by_group)


@dataclass(frozen=True)
class _Ranked:
    """Texts by falling probability: `truth` 0 or 1; `found` and `above` are the positives and the texts at or above each one.

    `first` is the place at which the texts that tie with each one begin; all of them without a tie.
    """

    order: np.ndarray
    truth: np.ndarray
    found: np.ndarray
    above: np.ndarray
    first: np.ndarray | slice

    @classmethod
    def of(cls, scores: np.ndarray, truth: np.ndarray) -> "_Ranked":
        # The order of texts that tie does not matter.
        order = np.argsort(-scores)
        ranked, hits, places = scores[order], truth[order].astype(float), np.arange(len(order))
        starts = np.flatnonzero(ranked[1:] != ranked[:-1]) + 1
        if len(starts) == len(order) - 1:
            return cls(order, hits, np.cumsum(hits), places + 1.0, slice(None))
        starts = np.append(0, starts)
        sizes = np.diff(np.append(starts, len(order)))
        last = np.repeat(starts + sizes - 1, sizes)
        return cls(order, hits, np.cumsum(hits)[last], last + 1.0, np.repeat(starts, sizes))

    @property
    def parts(self) -> np.ndarray:
        """What each text adds to average precision times the positives."""
        return np.asarray(self.truth * self.found / self.above)

    def influences(self, value: float) -> np.ndarray:
        """[y_g (H_g / A_g - AP + sum y_i / A_i) - sum y_i H_i / A_i^2] / P, sums over the texts i at or below text g."""
        falls = self._at_or_below(self.truth * self.found / self.above**2)
        gains = self.found / self.above - value + self._at_or_below(self.truth / self.above)
        return np.asarray((self.truth * gains - falls) / self.truth.sum())

    def without_each(self, value: float) -> np.ndarray:
        """The value minus the value without each text."""
        positives, left = self.truth.sum(), np.maximum(self.above - 1, 1)
        # What the positives at or below would have without a negative above them, and without a positive.
        rise = self._at_or_below(self.truth * self.found * (1 / left - 1 / self.above))
        fall = self.found / self.above - (self.found - 1) / left
        own = self._at_or_below(self.truth * fall) - fall
        rest = positives * value - self.found / self.above - own
        others = rest / (positives - 1) if positives > 1 else np.full_like(rest, value)
        return np.asarray(np.where(self.truth > 0, value - others, -rise / positives))

    def _at_or_below(self, values: np.ndarray) -> np.ndarray:
        sums = np.cumsum(values[::-1])[::-1]
        return np.asarray(sums[self.first])


def _without_each(texts: Ranking, count: int) -> Influences:
    counts = np.asarray(texts.counts.toarray(), dtype=float)
    left = counts.sum(axis=1, keepdims=True) - np.concatenate([np.zeros((len(counts), 1)), counts], axis=1)
    hits, (found, above) = left[::2], (np.cumsum(left[place::2], axis=0) for place in (0, 1))
    values = ratio(np.sum(hits * found / np.maximum(above, 1), axis=0), found[-1])
    change = np.nan_to_num(values[0] - values[1:])
    return Influences(values[0], change * np.sqrt((count - 1) / count))


def joined(parts: Iterable[Influences]) -> Influences:
    """As one row of values."""
    found = list(parts)
    count = found[0].groups.shape[-1]
    return Influences(
        np.concatenate([part.values.ravel() for part in found]),
        np.concatenate([part.groups.reshape(-1, count) for part in found]),
    )


def with_sum(counts: np.ndarray) -> np.ndarray:
    """(criteria, groups) and, as a last row, their sum."""
    return np.concatenate([counts, counts.sum(axis=0, keepdims=True)]).astype(float)
