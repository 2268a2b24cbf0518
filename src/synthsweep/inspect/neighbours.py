"""Finds each text's nearest neighbour within one set of texts; pure."""

import numpy as np

from synthsweep.curate.characteristics.semantic import CELLS


def nearest_other(vectors: np.ndarray, cells: int = CELLS) -> np.ndarray:
    """The cosine of each text to its nearest neighbour, (texts,) in [-1, 1]; nan for a single text.

    At most `cells` cosines are in memory at once.
    """
    count = len(vectors)
    found = np.full(count, np.nan)
    step = max(1, cells // max(1, count))
    for start in range(0, count if count > 1 else 0, step):
        block = vectors[start : start + step] @ vectors.T
        own = np.arange(len(block))
        block[own, own + start] = -np.inf
        found[start : start + step] = block.max(axis=1)
    return np.asarray(np.clip(found, -1, 1))
