"""Splits a change of precision or recall: a better ranking, or only another number of predicted positives; pure.

The ranking part is the arm's score when it predicts as many texts as the baseline does, minus the baseline's score. The
operating-point part is the rest of the change. Both are taken per block and criterion; micro matches the numbers per
criterion, then pools.
"""

import itertools
from dataclasses import dataclass

import numpy as np

from synthsweep.compare.grid import Output, TestSet
from synthsweep.compare.result.effects import METRICS
from synthsweep.compare.stats.scores.differences import macro_influences
from synthsweep.compare.stats.scores.influence import Influences, RunInfluences, ratios, stacked, with_sum
from synthsweep.compare.stats.scores.kernel import group_sums, ratio

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
    known, truth = test.known.T, test.positive.T
    predicted = outputs[0].decided.T & known
    # Texts that nobody decided on rank below all others.
    ranked = Ranks.of(np.where(known, outputs[1].probabilities.T, -np.inf), known.sum(axis=1))
    counts = predicted.sum(axis=1)
    decided = ranked.most_probable(counts)
    hits = decided * truth + (predicted - decided) * ranked.share_at_cut(truth, counts)[:, None]
    return np.concatenate([group_sums(predicted.T, test), group_sums(hits.T, test)])


@dataclass(frozen=True)
class Ranks:
    """`probabilities` of (criteria, texts), and `rising`, the same in order; each criterion ranks its `sizes` highest."""

    probabilities: np.ndarray
    rising: np.ndarray
    sizes: np.ndarray

    @classmethod
    def of(cls, probabilities: np.ndarray, sizes: np.ndarray) -> "Ranks":
        return cls(probabilities, np.sort(probabilities, axis=1), sizes)

    def most_probable(self, counts: np.ndarray) -> np.ndarray:
        """(criteria, texts) with the sums `counts`: 1 for the most probable texts; those that tie at the cut share the rest."""
        cut = np.where(counts > 0, self._at(counts), np.inf)[:, None]
        above, ties = self.probabilities > cut, self.probabilities == cut
        left = counts - above.sum(axis=1)
        return np.asarray(above + ties * (left / np.maximum(ties.sum(axis=1), 1))[:, None])

    def share_at_cut(self, truth: np.ndarray, counts: np.ndarray) -> np.ndarray:
        """(criteria,) the share of `truth` among the texts near the cut of the `counts` most probable ones; 0 without a cut.

        Near are count^(2/3) ranks on either side: ever more texts, and an ever smaller part of them.
        """
        reach = np.minimum(np.ceil(counts ** (2 / 3)).astype(int), np.minimum(counts, self.sizes - counts))
        low, high = (self._at(place)[:, None] for place in (counts + reach, counts - reach + 1))
        near = (self.probabilities >= low) & (self.probabilities <= high)
        return np.where(reach > 0, ratio((near & truth).sum(axis=1).astype(float), near.sum(axis=1)), 0.0)

    def _at(self, places: np.ndarray) -> np.ndarray:
        """(criteria,) the probability at a place from the top, which is 1."""
        texts = self.rising.shape[1]
        return np.asarray(np.take_along_axis(self.rising, np.clip(texts - places, 0, texts - 1)[:, None], axis=1)[:, 0])
