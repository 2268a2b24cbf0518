"""The scores of a run and what each group of test texts contributes to their error, in closed form; pure.

The contribution of a group is the jackknife's: the score minus the score without that group, times the root of (G - 1) / G
for G groups. Its squares add up to the variance of the score over new texts, and its products with those of another run to
the covariance (Efron and Stein 1981; for average precision by its influence values, as for AUC by DeLong et al. 1988).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

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
    # In place: these arrays are most of what a comparison writes.
    change = np.nan_to_num(value) * whole
    np.subtract(part, change, out=change)
    change *= np.sqrt((count - 1) / count)
    some = left > 0
    if some.all():
        change /= left
    else:
        # Nothing changes without a group that has all of the whole.
        change = np.divide(change, left, out=np.zeros_like(change), where=some)
    return Influences(value[..., 0], change)


def average_precisions(output: Output, test: TestSet) -> Influences:
    """(criteria and micro,), as scikit-learn's `average_precision_score`; NaN with no positive."""
    truth, known, scores = test.positive.T, test.known.T, output.probabilities.T
    alone = test.group_count == len(test.ids)
    rows = [(slice(None), slice(None))] if known.all() else [(slice(k, k + 1), of) for k, of in enumerate(known)]
    found = [_average_precisions(scores[of], truth[of], test.groups[of[1]], test.group_count, alone) for of in rows]
    groups = np.broadcast_to(test.groups, truth.shape)[known]
    found.append(_average_precisions(scores[known][None], truth[known][None], groups, test.group_count, alone=False))
    return Influences(np.concatenate([one.values for one in found]), np.concatenate([one.groups for one in found]))


def _average_precisions(scores: np.ndarray, truth: np.ndarray, groups: np.ndarray, count: int, alone: bool) -> Influences:
    """(rows,) from scores and truth of (rows, texts); `alone`: each group has one text."""
    values, changes = np.full(len(truth), np.nan), np.zeros((len(truth), count))
    some = truth.any(axis=1)
    if alone and some.any():
        ranked = _Ranked.of(scores[some], truth[some])
        values[some], found = ranked.values, np.zeros((some.sum(), count))
        np.put_along_axis(found, groups[ranked.order], ranked.without_each() * np.sqrt((count - 1) / count), axis=1)
        changes[some] = found
    elif not alone:
        for row in np.flatnonzero(some):
            values[row], changes[row] = _of_groups(scores[row], truth[row], groups, count)
    return Influences(values, changes)


def _of_groups(scores: np.ndarray, truth: np.ndarray, groups: np.ndarray, count: int) -> tuple[float, np.ndarray]:
    """The value and the contributions of groups of several texts; scores and truth are (texts,)."""
    positive = int((np.bincount(groups[truth], minlength=count) > 0).sum())
    if positive <= FEW_GROUPS:
        return _without_each(ranking(scores, truth, groups, count), count)
    ranked = _Ranked.of(scores[None], truth[None])
    found = np.bincount(groups[ranked.order[0]], ranked.influences()[0], count)
    return float(ranked.values[0]), found * np.sqrt(positive / (positive - 1))


@dataclass(frozen=True)
class _Ranked:
    """Rows of texts by falling probability, each with a positive; arrays are (rows, texts).

    `truth` is 0 or 1; `found` and `above` are the positives and the texts at or above each text. `first` is the place at which
    the texts that tie with each one begin, None where no text ties.
    """

    order: np.ndarray
    truth: np.ndarray
    found: np.ndarray
    above: np.ndarray
    first: np.ndarray | None

    @classmethod
    def of(cls, scores: np.ndarray, truth: np.ndarray) -> "_Ranked":
        # The order of texts that tie does not matter.
        order = np.argsort(-scores, axis=1)
        ranked, hits = (np.take_along_axis(values, order, axis=1) for values in (scores, truth.astype(float)))
        found, places = np.cumsum(hits, axis=1), np.arange(scores.shape[1])
        differs = ranked[:, 1:] != ranked[:, :-1]
        if differs.all():
            return cls(order, hits, found, places + 1.0, None)
        edge = np.ones((len(scores), 1), dtype=bool)
        starts, ends = np.concatenate([edge, differs], axis=1), np.concatenate([differs, edge], axis=1)
        first = np.maximum.accumulate(np.where(starts, places, 0), axis=1)
        last = np.minimum.accumulate(np.where(ends, places, len(places))[:, ::-1], axis=1)[:, ::-1]
        return cls(order, hits, np.take_along_axis(found, last, axis=1), last + 1.0, first)

    @cached_property
    def positives(self) -> np.ndarray:
        """(rows, 1)."""
        return np.asarray(self.truth.sum(axis=1, keepdims=True))

    @cached_property
    def precisions(self) -> np.ndarray:
        """At each text."""
        return np.asarray(self.found / self.above)

    @cached_property
    def values(self) -> np.ndarray:
        """(rows,) average precisions."""
        return np.asarray((self.truth * self.precisions).sum(axis=1) / self.positives[:, 0])

    def influences(self) -> np.ndarray:
        """[y_g (H_g / A_g - AP + sum y_i / A_i) - sum y_i H_i / A_i^2] / P, sums over the texts i at or below text g."""
        falls = self._at_or_below(self.truth * self.precisions / self.above)
        gains = self.precisions - self.values[:, None] + self._at_or_below(self.truth / self.above)
        return np.asarray((self.truth * gains - falls) / self.positives)

    def without_each(self) -> np.ndarray:
        """The value minus the value without each text."""
        values, left = self.values[:, None], np.maximum(self.above - 1, 1)
        # What the positives at or below would have without a negative above them, and without a positive.
        rise = self._at_or_below(self.truth * self.found * (1 / left - 1 / self.above))
        fall = self.precisions - (self.found - 1) / left
        own = self._at_or_below(self.truth * fall) - fall
        others = (self.positives * values - self.precisions - own) / np.maximum(self.positives - 1, 1)
        # Without its only positive, a criterion has no value: nothing is said to change.
        kept = np.where(self.positives > 1, values - others, 0.0)
        return np.asarray(np.where(self.truth > 0, kept, -rise / self.positives))

    def _at_or_below(self, values: np.ndarray) -> np.ndarray:
        sums = np.cumsum(values[:, ::-1], axis=1)[:, ::-1]
        return sums if self.first is None else np.take_along_axis(sums, self.first, axis=1)


def _without_each(texts: Ranking, count: int) -> tuple[float, np.ndarray]:
    counts = np.asarray(texts.counts.toarray(), dtype=float)
    left = counts.sum(axis=1, keepdims=True) - np.concatenate([np.zeros((len(counts), 1)), counts], axis=1)
    hits, (found, above) = left[::2], (np.cumsum(left[place::2], axis=0) for place in (0, 1))
    values = ratio(np.sum(hits * found / np.maximum(above, 1), axis=0), found[-1])
    change = np.nan_to_num(values[0] - values[1:])
    return float(values[0]), change * np.sqrt((count - 1) / count)


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
