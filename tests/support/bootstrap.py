"""The bootstrap over texts: draws groups of texts with replacement, the same draw for all cells and blocks; pure.

Only running sums of the resamples are stored, so memory does not grow with their number.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np

from synthsweep.compare.stats.scores.kernel import mean_defined
from synthsweep.progress import Advance, Progress

CHUNK = 250
# (groups, draws) weights of texts to (estimands, draws) values.
Statistic = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class TextVariances:
    """Variances over the resamples in which an estimand is defined, each (estimands,); NaN with fewer than two of them.

    `of_mean` is the variance of the mean over blocks, `of_block` that of one block, averaged over the blocks.
    """

    of_mean: np.ndarray
    of_block: np.ndarray


def observe(statistics: Sequence[Statistic], group_counts: Sequence[int]) -> np.ndarray:
    """(blocks, estimands): the statistic of each block with every text counted once."""
    pairs = zip(statistics, group_counts, strict=True)
    return np.stack([statistic(np.ones((count, 1)))[:, 0] for statistic, count in pairs])


def resample(
    statistics: Sequence[Statistic],
    observed: np.ndarray,
    group_count: int,
    resamples: int,
    rng: np.random.Generator,
    progress: Progress,
) -> TextVariances:
    """The variances of one statistic per block, if all blocks share their texts.

    `observed` is (blocks, estimands), as `observe` returns it. Deviations from it are summed, so that squares of large numbers
    do not cancel.
    """
    of_block, of_mean, done = [_Sums.zero(observed.shape[1]) for _ in statistics], _Sums.zero(observed.shape[1]), 0
    with ThreadPoolExecutor() as threads:
        for weights in draws(group_count, resamples, rng):
            total, defined = np.zeros((2, observed.shape[1], weights.shape[1]))
            for sums, center, values in zip(of_block, observed, threads.map(partial(_apply, weights), statistics), strict=True):
                known = ~np.isnan(values)
                deviation = np.where(known, values - center[:, None], 0.0)
                sums.add(deviation, known)
                total += deviation
                defined += known
            of_mean.add(total / np.maximum(defined, 1), defined > 0)
            done += weights.shape[1]
            progress(Advance(done, resamples))
    return TextVariances(of_mean.variance(), mean_defined(np.stack([sums.variance() for sums in of_block]), axis=0))


def draws(group_count: int, resamples: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """(groups, at most CHUNK) float32 weights: how often each group is drawn, `group_count` times in all.

    Groups come first, so that gathering groups copies whole rows. The size of the chunks does not change the draws.
    """
    for start in range(0, resamples, CHUNK):
        count = min(CHUNK, resamples - start)
        places = rng.integers(group_count, size=(count, group_count)) * count + np.arange(count)[:, None]
        yield np.bincount(places.ravel(), minlength=group_count * count).reshape(group_count, count).astype(np.float32)


@dataclass(frozen=True)
class _Sums:
    """(estimands,) sums, sums of squares and counts; `add` changes them in place, since it runs once per chunk and block."""

    total: np.ndarray
    squares: np.ndarray
    count: np.ndarray

    @classmethod
    def zero(cls, size: int) -> "_Sums":
        return cls(*np.zeros((3, size)))

    def add(self, values: np.ndarray, known: np.ndarray) -> None:
        """(estimands, draws) values, 0 where they are not `known`."""
        self.total[:] += values.sum(axis=1)
        self.squares[:] += np.einsum("cd,cd->c", values, values)
        self.count[:] += known.sum(axis=1)

    def variance(self) -> np.ndarray:
        counts = np.where(self.count > 1, self.count, np.nan)
        return np.asarray(np.maximum(self.squares - self.total**2 / counts, 0) / (counts - 1))


def _apply(weights: np.ndarray, statistic: Statistic) -> np.ndarray:
    return statistic(weights)
