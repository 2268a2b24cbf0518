"""New texts by the bootstrap: groups of texts drawn with replacement, the same draw for all cells and blocks; pure.

Sums are kept, not draws: memory does not grow with the number of resamples.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np

from synthsweep.compare.stats.scores.kernel import mean_defined
from synthsweep.progress import Advance, Progress

CHUNK = 250
Measure = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Drawn:
    """Variances over the resamples in which a coordinate is defined, each (coordinates,); NaN with fewer than two of them.

    `of_mean`: of the mean over blocks. `of_block`: of one block, averaged over the blocks.
    """

    of_mean: np.ndarray
    of_block: np.ndarray


def observe(measures: Sequence[Measure], group_counts: Sequence[int]) -> np.ndarray:
    """(blocks, coordinates): what each block's measure gives with every text counted once."""
    pairs = zip(measures, group_counts, strict=True)
    return np.stack([measure(np.ones((count, 1)))[:, 0] for measure, count in pairs])


def resample(
    measures: Sequence[Measure],
    observed: np.ndarray,
    group_count: int,
    resamples: int,
    rng: np.random.Generator,
    progress: Progress,
) -> Drawn:
    """The variances of measures that share their texts: one a block, (groups, draws) weights to (coordinates, draws).

    `observed` is `observe`'s (blocks, coordinates). Deviations from it are summed, so that squares cancel nothing.
    """
    of_block, of_mean, done = [_Sums.zero(observed.shape[1]) for _ in measures], _Sums.zero(observed.shape[1]), 0
    with ThreadPoolExecutor() as threads:
        for weights in draws(group_count, resamples, rng):
            total, defined = np.zeros((2, observed.shape[1], weights.shape[1]))
            for sums, center, values in zip(of_block, observed, threads.map(partial(_apply, weights), measures), strict=True):
                known = ~np.isnan(values)
                deviation = np.where(known, values - center[:, None], 0.0)
                sums.add(deviation, known)
                total += deviation
                defined += known
            of_mean.add(total / np.maximum(defined, 1), defined > 0)
            done += weights.shape[1]
            progress(Advance(done, resamples))
    return Drawn(of_mean.variance(), mean_defined(np.stack([sums.variance() for sums in of_block]), axis=0))


def draws(group_count: int, resamples: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """(groups, at most CHUNK) float32 weights: how often each group is drawn, `group_count` draws in all.

    Groups come first, so that what gathers groups copies whole rows. The chunk's size does not change what is drawn.
    """
    for start in range(0, resamples, CHUNK):
        count = min(CHUNK, resamples - start)
        places = rng.integers(group_count, size=(count, group_count)) * count + np.arange(count)[:, None]
        yield np.bincount(places.ravel(), minlength=group_count * count).reshape(group_count, count).astype(np.float32)


@dataclass(frozen=True)
class _Sums:
    """(coordinates,) sums, sums of squares and counts; `add` changes them in place: copies would be as many as resamples."""

    total: np.ndarray
    squares: np.ndarray
    count: np.ndarray

    @classmethod
    def zero(cls, size: int) -> "_Sums":
        return cls(*np.zeros((3, size)))

    def add(self, values: np.ndarray, known: np.ndarray) -> None:
        """(coordinates, draws) values, 0 where they are not `known`."""
        self.total[:] += values.sum(axis=1)
        self.squares[:] += np.einsum("cd,cd->c", values, values)
        self.count[:] += known.sum(axis=1)

    def variance(self) -> np.ndarray:
        counts = np.where(self.count > 1, self.count, np.nan)
        return np.asarray(np.maximum(self.squares - self.total**2 / counts, 0) / (counts - 1))


def _apply(weights: np.ndarray, measure: Measure) -> np.ndarray:
    return measure(weights)
