"""A change of precision and recall taken apart: a better ranking, or only another number of texts predicted; pure.

The ranking part is what the arm's own ranking gives at the baseline's number of predicted positives, less the baseline; the
rest of the change is the operating point. Both per block and criterion; micro matches per criterion, then pools.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from synthsweep.compare.grid import Output, TestSet
from synthsweep.compare.stats.scores.kernel import Scorer, group_sums, ratio, with_macro

METRICS = ("precision", "recall")
PARTS = ("ranking", "operating_point")


@dataclass(frozen=True)
class Pair:
    """An arm beside its baseline in one block; `matched` is (2 x criteria, groups), what the arm would predict and hit."""

    baseline: Scorer
    arm: Scorer
    matched: np.ndarray


@dataclass(frozen=True)
class Splits:
    """The measure of one block.

    The matched decisions are those of the observed texts in every draw: with a cut of its own, each draw would judge another
    classifier.
    """

    pairs: Sequence[Pair]
    base: np.ndarray

    def __call__(self, texts: np.ndarray) -> np.ndarray:
        """(groups, draws) weights to (pairs, METRICS, PARTS, criteria and macro and micro, draws)."""
        positives = _pooled(self.base[:-1].astype(texts.dtype, copy=False) @ texts)
        if not self.pairs:
            return np.empty((0, len(METRICS), len(PARTS), len(positives) + 1, texts.shape[1]), texts.dtype)
        return np.stack([with_macro(_parts(pair, positives, texts), axis=-2) for pair in self.pairs])


def pair_up(baseline: Scorer, arm: Scorer, outputs: tuple[Output, Output], test: TestSet) -> Pair:
    """`outputs`: of the baseline and of the arm."""
    counts = outputs[0].decided.sum(axis=0)
    columns = [matched(chances, count) for chances, count in zip(outputs[1].probabilities.T, counts, strict=True)]
    decided = np.stack(columns, axis=1)
    return Pair(baseline, arm, np.concatenate([group_sums(decided, test), group_sums(decided * test.truth, test)]))


def matched(probabilities: np.ndarray, count: int) -> np.ndarray:
    """(examples,) in [0, 1], `count` in all: the most probable texts; those that tie at the cut share what is left of it."""
    if count == 0:
        return np.zeros(len(probabilities))
    cut = np.partition(probabilities, -count)[-count]
    above, ties = probabilities > cut, probabilities == cut
    return np.asarray(above + ties * ((count - above.sum()) / ties.sum()))


def _parts(pair: Pair, positives: np.ndarray, texts: np.ndarray) -> np.ndarray:
    """(METRICS, PARTS, criteria and micro, draws), NaN where baseline, match or arm is."""
    criteria = len(positives) - 1
    decided = (pair.baseline.counts[: 2 * criteria], pair.matched, pair.arm.counts[: 2 * criteria])
    baseline, match, arm = (_precision_recall(counts, positives, texts) for counts in decided)
    parts = np.stack([match - baseline, arm - match], axis=1)
    return np.where(np.isnan(parts).any(axis=1, keepdims=True), np.nan, parts)


def _precision_recall(counts: np.ndarray, positives: np.ndarray, texts: np.ndarray) -> np.ndarray:
    predicted, hits = np.split(counts.astype(texts.dtype, copy=False) @ texts, 2)
    return np.stack([ratio(_pooled(hits), _pooled(predicted)), ratio(_pooled(hits), positives)])


def _pooled(counts: np.ndarray) -> np.ndarray:
    """(criteria, draws) and, as a last row, their sum."""
    return np.concatenate([counts, counts.sum(axis=0, keepdims=True)])
