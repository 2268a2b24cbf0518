"""Splits a change of precision or recall: a better ranking, or only another number of predicted positives; pure.

The ranking part is the arm's score when it predicts as many texts as the baseline does, minus the baseline's score. The
operating-point part is the rest of the change. Both are taken per block and criterion; micro matches the numbers per
criterion, then pools.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from synthsweep.compare.grid import Output, TestSet
from synthsweep.compare.stats.scores.differences import macro_influences
from synthsweep.compare.stats.scores.influence import Influences, RunInfluences, ratios, stacked, with_sum
from synthsweep.compare.stats.scores.kernel import Scorer, group_sums, ratio, with_macro

DECOMPOSED_METRICS = ("precision", "recall")
PARTS = ("ranking", "operating_point")


@dataclass(frozen=True)
class MatchedPair:
    """An arm and its baseline in one block.

    `matched` is (2 x criteria, groups): the predicted texts and the hits of the arm at the baseline's number of predictions.
    """

    baseline: Scorer
    arm: Scorer
    matched: np.ndarray


@dataclass(frozen=True)
class Decompositions:
    """The parts of one block, for any weights of its texts; `base` is `base_counts` of its test set.

    All draws use the matched decisions of the observed texts: with its own cut, each draw would evaluate another classifier.
    """

    pairs: Sequence[MatchedPair]
    base: np.ndarray

    def __call__(self, weights: np.ndarray) -> np.ndarray:
        """(groups, draws) weights to (pairs, DECOMPOSED_METRICS, PARTS, criteria and macro and micro, draws)."""
        positives = _with_sum(self.base[: len(self.base) // 2].astype(weights.dtype, copy=False) @ weights)
        if not self.pairs:
            return np.empty((0, len(DECOMPOSED_METRICS), len(PARTS), len(positives) + 1, weights.shape[1]), weights.dtype)
        return np.stack([with_macro(_parts(pair, positives, weights), axis=-2) for pair in self.pairs])


def parts_of(baseline: RunInfluences, arm: RunInfluences, matched: np.ndarray, positives: np.ndarray) -> Influences:
    """(DECOMPOSED_METRICS, PARTS, criteria and macro and micro) of one pair; undefined if one of the three scores is.

    `matched` as in `MatchedPair`; `positives` is (criteria and micro, groups).
    """
    predicted, hits = (with_sum(half) for half in np.split(matched, 2))
    counts = ((baseline.predicted, baseline.hits), (predicted, hits), (arm.predicted, arm.hits))
    scores = [stacked([ratios(found, of), ratios(found, positives)]) for of, found in counts]
    steps = [Influences(new.values - old.values, new.groups - old.groups) for old, new in itertools.pairwise(scores)]
    parts = stacked(steps, axis=1)
    gaps = np.isnan(parts.values).any(axis=1, keepdims=True) | np.zeros_like(parts.values, bool)
    return macro_influences(Influences(np.where(gaps, np.nan, parts.values), np.where(gaps[..., None], 0.0, parts.groups)))


def matched_counts(outputs: tuple[Output, Output], test: TestSet) -> np.ndarray:
    """(2 x criteria, groups): predicted texts and hits of the arm at the baseline's number of predictions."""
    if not all(output.present for output in outputs):
        return np.zeros((2 * test.truth.shape[1], test.group_count))
    decided, counts = np.zeros(test.truth.shape), (outputs[0].decided & test.known).sum(axis=0)
    for column, count in enumerate(counts):
        known = test.known[:, column]
        decided[known, column] = most_probable(outputs[1].probabilities[known, column], count)
    return np.concatenate([group_sums(decided, test), group_sums(decided * test.positive, test)])


def match_pair(baseline: Scorer, arm: Scorer, outputs: tuple[Output, Output], test: TestSet) -> MatchedPair:
    """Matches an arm to its baseline; `outputs` are those of the baseline and of the arm."""
    return MatchedPair(baseline, arm, matched_counts(outputs, test))


def most_probable(probabilities: np.ndarray, count: int) -> np.ndarray:
    """(examples,) in [0, 1] with the sum `count`: 1 for the most probable texts; texts that tie at the cut share the rest."""
    if count == 0:
        return np.zeros(len(probabilities))
    cut = np.partition(probabilities, -count)[-count]
    above, ties = probabilities > cut, probabilities == cut
    return np.asarray(above + ties * ((count - above.sum()) / ties.sum()))


def _parts(pair: MatchedPair, positives: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """(DECOMPOSED_METRICS, PARTS, criteria and micro, draws), NaN if one of the three scores is undefined."""
    criteria = len(positives) - 1
    decided = (pair.baseline.counts[: 2 * criteria], pair.matched, pair.arm.counts[: 2 * criteria])
    baseline, matched, arm = (_precision_recall(counts, positives, weights) for counts in decided)
    parts = np.stack([matched - baseline, arm - matched], axis=1)
    return np.where(np.isnan(parts).any(axis=1, keepdims=True), np.nan, parts)


def _precision_recall(counts: np.ndarray, positives: np.ndarray, weights: np.ndarray) -> np.ndarray:
    predicted, hits = np.split(counts.astype(weights.dtype, copy=False) @ weights, 2)
    return np.stack([ratio(_with_sum(hits), _with_sum(predicted)), ratio(_with_sum(hits), positives)])


def _with_sum(counts: np.ndarray) -> np.ndarray:
    """(criteria, draws) and, as a last row, their sum."""
    return np.concatenate([counts, counts.sum(axis=0, keepdims=True)])
