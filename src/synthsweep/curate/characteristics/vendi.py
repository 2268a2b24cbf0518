"""The Vendi score: the effective number of different texts in a pool; pure."""

import math

import numpy as np

BLOCK = 4096


def vendi_score(vectors: np.ndarray, q: float) -> float | None:
    """Effective number of different texts, in [1, texts], of order `q` in [0, inf].

    `vectors`: (texts, dimensions) of length 1. It is the exponential of Rényi's entropy of order q of the eigenvalues of
    K / texts, where K holds the cosines: q = 1 is Friedman and Dieng (2023), the others Pasarkar and Dieng (2024). A small q
    counts rare texts as much as frequent ones, a large q counts the frequent ones alone. None without texts.

    It is at most the number of dimensions, and grows with the pool: compare pools of the same size.
    """
    return effective_number(spectrum(vectors), q) if len(vectors) else None


def spectrum(vectors: np.ndarray) -> np.ndarray:
    """The eigenvalues of K / texts that are not 0, ascending; they sum to 1.

    K = VV' and V'V have the same ones, and the smaller matrix is used: time grows with texts, not with their cube.
    """
    rows, columns = vectors.shape
    if rows <= columns:
        wide = vectors.astype(np.float64)
        gram = wide @ wide.T
    else:
        gram = np.zeros((columns, columns))
        for start in range(0, rows, BLOCK):
            block = vectors[start : start + BLOCK].astype(np.float64)
            gram += block.T @ block
    values = np.linalg.eigvalsh(gram / rows)
    # Eigenvalues of 0 come out as noise around 0, which a small q would count.
    kept = values[values > values[-1] * len(values) * np.finfo(np.float64).eps]
    return np.asarray(kept / kept.sum())


def effective_number(shares: np.ndarray, q: float) -> float:
    """The Hill number of order `q` in [0, inf], in [1, shares]; `shares` are above 0 and sum to 1."""
    if not q >= 0:
        raise ValueError(f"q must be in [0, inf], got {q}")
    if q == 1:
        return float(np.exp(-np.sum(shares * np.log(shares))))
    if math.isinf(q):
        return float(1 / shares.max())
    # In logarithms, and relative to the largest share: a large q would make all powers 0.
    largest = shares.max()
    return float(np.exp((q * np.log(largest) + np.log(np.sum((shares / largest) ** q))) / (1 - q)))
