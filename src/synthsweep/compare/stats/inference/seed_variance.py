"""The variance of a mean over blocks that comes from their seeds, as the seeds of the blocks are laid out; pure.

Blocks are independent if each has its own seed. In `seeds.draw` x `seeds.init` (3 x 4) they are not: twelve blocks hold three
draws and four initialisations. Each such key is then a source of its own, with its own degrees of freedom.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# Equal differences may differ from their mean in the last digits.
_ROUNDING = 1e-12


@dataclass(frozen=True)
class SeedVariance:
    """Mean squares over the number of blocks and their degrees of freedom, both (1 + keys, estimands): the rest, then each key.

    Without keys, the rest is all. NaN where it cannot be estimated.
    """

    squares: np.ndarray
    degrees: np.ndarray

    @property
    def parts(self) -> np.ndarray:
        """The parts of the variance of the mean, in the same order; a key that varies no more than the rest has the part 0."""
        return np.concatenate([self.squares[:1], np.maximum(self.squares[1:] - self.squares[:1], 0.0)])


def seed_clusters(blocks: Sequence[str]) -> tuple[np.ndarray, ...]:
    """(blocks,) level numbers of each key that several blocks share, from names as `seeds.draw=1 seeds.init=2`."""
    rows = [dict(word.partition("=")[::2] for word in block.split()) for block in blocks]
    keys = [key for key in rows[0] if all(key in row for row in rows)]
    found = {tuple(_numbered([row[key] for row in rows])): None for key in keys}
    return tuple(np.array(levels) for levels in found if 1 < len(set(levels)) < len(blocks))


def seed_variance(observed: np.ndarray, clusters: Sequence[np.ndarray] = ()) -> SeedVariance:
    """`observed`: (blocks, estimands), NaN where undefined; `clusters` as `seed_clusters` has them.

    With the variance V_k of a mean over the levels of a key and V_e of the rest, the parts are max(V_k - V_e, 0) and V_e: for
    a balanced crossed layout, (MS_k - MS_e) / blocks and MS_e / blocks (Searle, Casella and McCulloch 1992); for one without
    all combinations, the same with variances between clusters (Cameron, Gelbach and Miller 2011).
    """
    squares, degrees = np.full((2, 1 + len(clusters), observed.shape[1]), np.nan)
    patterns, which = np.unique(~np.isnan(observed), axis=1, return_inverse=True)
    for number, rows in enumerate(patterns.T):
        columns = np.flatnonzero(which.ravel() == number)
        if rows.sum() > 1:
            own = [np.array(_numbered(levels[rows])) for levels in clusters]
            squares[:, columns], degrees[:, columns] = _squares(observed[np.ix_(rows, columns)], own)
    return SeedVariance(squares, degrees)


def flip_units(blocks: int, clusters: Sequence[np.ndarray]) -> np.ndarray | None:
    """(blocks,) numbers of what a sign-flip may flip: each block, or each level of a key in which the others are nested.

    None if keys cross: then no part of the blocks can be flipped alone.
    """
    if len(clusters) > 1:
        return None
    return clusters[0] if clusters else np.arange(blocks)


def _squares(values: np.ndarray, clusters: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """(1 + keys, estimands) and (1 + keys, 1); a key of which one level is left has an unknown variance."""
    count, centred = len(values), values - values.mean(axis=0)
    centred = np.where(np.abs(centred) < _ROUNDING, 0.0, centred)
    design = np.concatenate([np.ones((count, 1)), *(np.eye(levels.max() + 1)[levels] for levels in clusters)], axis=1)
    left = count - int(np.linalg.matrix_rank(design))
    rest = np.zeros(values.shape[1])
    if left:
        residual = centred - design @ np.linalg.lstsq(design, centred, rcond=None)[0] if clusters else centred
        rest = np.sum(residual**2, axis=0) / (left * count)
    sizes = [int(levels.max()) + 1 for levels in clusters]
    between = [_between(centred, levels, size) for levels, size in zip(clusters, sizes, strict=True)]
    return np.stack([rest, *between]), np.array([max(left, 1), *(max(size - 1, 1) for size in sizes)], dtype=float)[:, None]


def _between(centred: np.ndarray, levels: np.ndarray, size: int) -> np.ndarray:
    """(estimands,) the variance of the mean, if the levels are independent."""
    if size < 2:
        return np.full(centred.shape[1], np.nan)
    sums = np.eye(size)[levels].T @ centred
    return np.asarray(np.sum(sums**2, axis=0) / len(centred) ** 2 * size / (size - 1))


def _numbered(levels: Sequence[object] | np.ndarray) -> list[int]:
    """Levels as numbers, in the order in which they first occur."""
    known: dict[object, int] = {}
    return [known.setdefault(level, len(known)) for level in levels]
