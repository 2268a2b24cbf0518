"""The variance of a mean over blocks that comes from their test texts, from what each group contributes; pure.

Contributions of one group to two blocks are correlated by the texts alone: what a seed makes of a text differs from seed to
seed. So T = sum over pairs of different blocks of sum over groups of psi_b psi_b' / (R (R - 1)), as radiology takes the
covariance of readers of the same cases (Obuchowski and Rockette 1995; Gallas 2006). Only running sums over blocks are kept.
Of a single block, it is what the texts add to that block: nothing tells there what its seed makes of a text.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from synthsweep.compare.stats.scores.influence import Influences, joined


@dataclass(frozen=True)
class ObservedBlocks:
    """(blocks, estimands) values, and the (estimands,) variance of their mean that comes from texts.

    `contributions` is (estimands, groups), summed over the blocks; None if the blocks do not share their texts.
    """

    values: np.ndarray
    text_variance: np.ndarray
    contributions: np.ndarray | None = None


def observe_blocks(blocks: Iterable[Iterable[Influences]], *, shared: bool) -> ObservedBlocks:
    """`blocks`: the parts of a row of estimands each, with contributions of the same groups if the texts are `shared`."""
    values: list[np.ndarray] = []
    sums: _Sums | None = None
    for block in blocks:
        if sums is None:
            first = joined(block)
            sums = _Sums(first.groups, _squares(first.groups), (~np.isnan(first.values)).astype(float))
            values.append(first.values)
        elif shared:
            values.append(sums.add(block))
        else:
            values.append(np.concatenate([part.values.ravel() for part in block]))
    if sums is None:
        raise ValueError("no block was observed")
    return ObservedBlocks(np.stack(values), sums.variance(), sums.total if shared else None)


@dataclass(frozen=True)
class _Sums:
    """Sums over blocks of contributions (estimands, groups), of their squares, and of what is defined.

    `add` changes them in place, and reads a part while it is in the cache: a large study has gigabytes of contributions.
    """

    total: np.ndarray
    squares: np.ndarray
    defined: np.ndarray

    def add(self, block: Iterable[Influences]) -> np.ndarray:
        """The values of the block."""
        values, start = [], 0
        for part in block:
            values.append(part.values.ravel())
            place, rows = slice(start, start := start + part.values.size), part.groups.reshape(part.values.size, -1)
            self.total[place] += rows
            self.squares[place] += _squares(rows)
            self.defined[place] += ~np.isnan(values[-1])
        return np.concatenate(values)

    def variance(self) -> np.ndarray:
        pairs = np.where(self.defined > 1, self.defined * (self.defined - 1.0), np.nan)
        between = np.maximum((_squares(self.total) - self.squares) / pairs, 0.0)
        return np.where(self.defined == 1, self.squares, between)


def _squares(rows: np.ndarray) -> np.ndarray:
    return np.asarray(np.einsum("eg,eg->e", rows, rows))
