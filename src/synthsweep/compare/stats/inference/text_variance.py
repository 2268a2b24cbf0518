"""The variance of a mean over blocks that comes from their test texts, from what each group contributes; pure.

Contributions of one group to two blocks are correlated by the texts alone: what a seed makes of a text differs from seed to
seed. So T = sum over pairs of different blocks of sum over groups of psi_b psi_b' / (R (R - 1)), as radiology takes the
covariance of readers of the same cases (Obuchowski and Rockette 1995; Gallas 2006). Only running sums over blocks are kept.
Of a single block, it is what the texts add to that block: nothing tells there what its seed makes of a text.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from synthsweep.compare.stats.inference.contrast_sums import ContrastSums
from synthsweep.compare.stats.scores.differences import BlockRow
from synthsweep.compare.stats.scores.influence import Influences


@dataclass(frozen=True)
class ObservedBlocks:
    """(blocks, estimands) values, and the (estimands,) variance of their mean that comes from texts.

    `contributions` is (contrasts x metrics x criteria and macro and micro, groups), summed over the blocks, without the parts
    of changes; None if the blocks do not share their texts, which then have no variance of their own.
    """

    values: np.ndarray
    text_variance: np.ndarray
    contributions: np.ndarray | None = None


def observe_blocks(blocks: Iterable[BlockRow], *, shared: bool) -> ObservedBlocks:
    """`blocks`: a row of estimands each, with contributions of the same groups if the texts are `shared`."""
    values: list[np.ndarray] = []
    sums: _Sums | None = None
    for block in blocks:
        if not shared:
            values.append(np.concatenate([part.values.ravel() for part in block]))
            continue
        sums = sums or _Sums(block)
        values.append(sums.add(block))
    if not values:
        raise ValueError("no block was observed")
    found = np.stack(values)
    if sums is None:
        return ObservedBlocks(found, np.full(found.shape[1], np.nan))
    variance, contributions = sums.finish((~np.isnan(found)).sum(axis=0))
    return ObservedBlocks(found, variance, contributions)


class _Sums:
    """Sums over blocks: of the contrasts, and of the parts of their changes, one part after the other."""

    def __init__(self, block: BlockRow) -> None:
        self._contrasts = ContrastSums(block.weights, block.cells[0]) if block.cells else None
        self._parts: list[np.ndarray] = []
        self._squares: list[np.ndarray] = []

    def add(self, block: BlockRow) -> np.ndarray:
        """The values of the block. A part is read while it is in the cache: all of them are gigabytes."""
        values = [self._contrasts.add(block.cells).ravel()] if self._contrasts else []
        for place, part in enumerate(block.parts):
            values.append(part.values.ravel())
            self._add_part(place, part)
        return np.concatenate(values)

    def finish(self, defined: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """The text variances of all estimands, of which `defined` counts the blocks, and the sums of the contrasts."""
        totals, squares, contributions = [_squares(part) for part in self._parts], self._squares, None
        if self._contrasts:
            self._contrasts.finish()
            contributions = self._contrasts.total.reshape(-1, self._contrasts.total.shape[-1])
            totals, squares = [_squares(contributions), *totals], [self._contrasts.squares.ravel(), *squares]
        of_all, of_each = np.concatenate(totals), np.concatenate(squares)
        pairs = np.where(defined > 1, defined * (defined - 1.0), np.nan)
        return np.where(defined == 1, of_each, np.maximum((of_all - of_each) / pairs, 0.0)), contributions

    def _add_part(self, place: int, part: Influences) -> None:
        rows = part.groups.reshape(part.values.size, -1)
        if place == len(self._parts):
            self._parts.append(rows.copy())
            self._squares.append(_squares(rows))
        else:
            self._parts[place] += rows
            self._squares[place] += _squares(rows)


def _squares(rows: np.ndarray) -> np.ndarray:
    return np.asarray(np.einsum("eg,eg->e", rows, rows))
