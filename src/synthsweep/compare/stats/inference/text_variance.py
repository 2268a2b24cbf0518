"""The variance of a mean over blocks that comes from their test texts, from what each group contributes; pure.

Contributions of one group to two blocks are correlated by the texts alone: what a seed makes of a text differs from seed to
seed. So T = sum over pairs of different blocks of sum over groups of psi_b psi_b' / (R (R - 1)), as radiology takes the
covariance of readers of the same cases (Obuchowski and Rockette 1995; Gallas 2006). Only running sums over blocks are kept.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from synthsweep.compare.stats.scores.influence import Influences


@dataclass(frozen=True)
class ObservedBlocks:
    """(blocks, estimands) values, and the (estimands,) variance of their mean that comes from texts.

    `contributions` is (estimands, groups), summed over the blocks; None if the blocks do not share their texts.
    """

    values: np.ndarray
    text_variance: np.ndarray
    contributions: np.ndarray | None = None


def observe_blocks(blocks: Iterable[Influences], *, shared: bool) -> ObservedBlocks:
    """`blocks`: one row of estimands each, with contributions of the same groups if the texts are `shared`."""
    values: list[np.ndarray] = []
    total, squares, defined = (np.zeros(()) for _ in range(3))
    for block in blocks:
        known = ~np.isnan(block.values)
        values.append(block.values)
        if not total.ndim:
            total, squares, defined = block.groups, _squares(block.groups), known.astype(float)
        elif shared:
            # In place: a large study has gigabytes of them.
            total += block.groups
            squares += _squares(block.groups)
            defined += known
    pairs = np.where(defined > 1, defined * (defined - 1.0), np.nan)
    between = np.maximum((_squares(total) - squares) / pairs, 0.0)
    return ObservedBlocks(np.stack(values), np.where(defined == 1, squares, between), total if shared else None)


def _squares(rows: np.ndarray) -> np.ndarray:
    return np.asarray(np.einsum("eg,eg->e", rows, rows))
