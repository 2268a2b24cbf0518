"""Splits a change of precision or recall: a better ranking, or only another number of predicted positives; pure.

The ranking part is the arm's score when it predicts as many texts as the baseline does, minus the baseline's score. The
operating-point part is the rest of the change. Both are taken per block and criterion; micro matches the numbers per
criterion, then pools.
"""

import itertools

import numpy as np

from synthsweep.compare.grid import Output, TestSet
from synthsweep.compare.result.effects import METRICS
from synthsweep.compare.stats.scores.differences import macro_influences
from synthsweep.compare.stats.scores.influence import Influences, RunInfluences, ratios, stacked, with_sum
from synthsweep.compare.stats.scores.kernel import group_sums

DECOMPOSED_METRICS = ("precision", "recall")
PARTS = ("ranking", "operating_point")
_ROWS = [METRICS.index(metric) for metric in DECOMPOSED_METRICS]


def parts_of(baseline: RunInfluences, arm: RunInfluences, matched: np.ndarray, positives: np.ndarray) -> Influences:
    """(DECOMPOSED_METRICS, PARTS, criteria and macro and micro) of one pair; undefined if one of the three scores is.

    `matched` is (2 x criteria, groups), as `matched_counts` has it; `positives` is (criteria and micro, groups).
    """
    predicted, hits = (with_sum(half) for half in np.split(matched, 2))
    between = stacked([ratios(hits, predicted), ratios(hits, positives)])
    scores = (baseline.scores.of(_ROWS), between, arm.scores.of(_ROWS))
    steps = [Influences(new.values - old.values, new.groups - old.groups) for old, new in itertools.pairwise(scores)]
    parts = stacked(steps, axis=1)
    gaps = np.isnan(parts.values).any(axis=1, keepdims=True) | np.zeros_like(parts.values, bool)
    return macro_influences(Influences(np.where(gaps, np.nan, parts.values), np.where(gaps[..., None], 0.0, parts.groups)))


def matched_counts(outputs: tuple[Output, Output], test: TestSet) -> np.ndarray:
    """(2 x criteria, groups): the arm's predicted texts and hits at the baseline's number of predictions, as contributions.

    Other texts would move the cut. A text that the baseline predicts lets one more through, one that the arm has above the cut
    takes the place of another; of the texts at the cut, a share has the criterion. So a text that is predicted by the baseline
    counts as predicted, and the difference of the two decisions times that share is added to its hits. The sums stay.
    """
    if not all(output.present for output in outputs):
        return np.zeros((2 * test.truth.shape[1], test.group_count))
    predicted, hits = outputs[0].decided & test.known, np.zeros(test.truth.shape)
    for column, count in enumerate(predicted.sum(axis=0)):
        known = test.known[:, column]
        scores, truth = outputs[1].probabilities[known, column], test.positive[known, column]
        decided = most_probable(scores, count)
        moved = predicted[known, column] - decided
        hits[known, column] = decided * truth + moved * share_at_cut(scores, truth, count)
    return np.concatenate([group_sums(predicted, test), group_sums(hits, test)])


def share_at_cut(probabilities: np.ndarray, truth: np.ndarray, count: int) -> float:
    """The share of `truth` among the texts near the cut of the `count` most probable ones.

    Near are count^(2/3) ranks on either side: ever more texts, and an ever smaller part of them.
    """
    if not 0 < count < len(probabilities):
        return 0.0
    reach = min(int(np.ceil(count ** (2 / 3))), count, len(probabilities) - count)
    first, last = len(probabilities) - count - reach, len(probabilities) - count + reach - 1
    ranked = np.partition(probabilities, [first, last])
    near = (probabilities >= ranked[first]) & (probabilities <= ranked[last])
    return float(truth[near].mean())


def most_probable(probabilities: np.ndarray, count: int) -> np.ndarray:
    """(examples,) in [0, 1] with the sum `count`: 1 for the most probable texts; texts that tie at the cut share the rest."""
    if count == 0:
        return np.zeros(len(probabilities))
    cut = np.partition(probabilities, -count)[-count]
    above, ties = probabilities > cut, probabilities == cut
    return np.asarray(above + ties * ((count - above.sum()) / ties.sum()))
