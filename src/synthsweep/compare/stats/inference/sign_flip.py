"""The joint sign-flip test: without any effect, the sign of a block's differences is arbitrary; pure.

All arms and criteria of a block get the same sign, which keeps their dependence. The test covers only training variation on
this test set, since the texts are the same in all blocks.
"""

from itertools import product

import numpy as np

EXACT_BLOCKS = 12
DRAWN_FLIPS = 10_000


def sign_flip(differences: np.ndarray, rng: np.random.Generator, units: np.ndarray | None = None) -> np.ndarray:
    """(hypotheses,) p values, adjusted over the family by the maximum statistic; NaN if a hypothesis has no block.

    `differences`: (blocks, hypotheses), NaN where undefined. The statistic is the mean over the root mean square, which no flip
    changes. The median square of the family is added to each square: without it, a hypothesis whose few differences are equal
    would win by chance. `units` is (blocks,): blocks of one number are flipped together; None if each is flipped alone.
    """
    units = np.arange(len(differences)) if units is None else units
    present = ~np.isnan(differences)
    values, counts = np.where(present, differences, 0.0), present.sum(axis=0)
    squares = np.sum(values**2, axis=0) / np.maximum(counts, 1)
    scale = np.sqrt(squares + (np.median(squares[counts > 0]) if counts.any() else 0.0)) * np.maximum(counts, 1)
    scaled = np.divide(values, scale, out=np.zeros_like(values), where=scale > 0)
    statistics = np.abs(flips(int(units.max()) + 1, rng)[:, units] @ scaled)
    # A flip that equals the observed value counts, despite rounding.
    reached = statistics.max(axis=1, keepdims=True, initial=0.0) >= np.abs(scaled.sum(axis=0)) - 1e-9
    return np.where(counts > 0, reached.mean(axis=0), np.nan)


def flips(blocks: int, rng: np.random.Generator) -> np.ndarray:
    """(flips, blocks) of 1 and -1, the first one all 1: every flip for up to EXACT_BLOCKS blocks, a sample of them for more."""
    if blocks <= EXACT_BLOCKS:
        return np.array(list(product([1.0, -1.0], repeat=blocks)))
    drawn = rng.choice([1.0, -1.0], size=(DRAWN_FLIPS - 1, blocks))
    return np.concatenate([np.ones((1, blocks)), drawn])
