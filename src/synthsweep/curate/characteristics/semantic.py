"""How near texts are to one another in meaning; pure.

Cosines are in [-1, 1]; `vectors` is (texts, dimensions), rows of length 1. Comparisons of all pairs run in blocks of `cells`
cosines.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

Labels = Sequence[frozenset[str]]
# How many cosines are in memory at once: 64 MiB of float32.
CELLS = 2**24


class Nearest(NamedTuple):
    """For each text the index of the nearest other one, and their cosine."""

    places: np.ndarray
    cosines: np.ndarray


class PairMeans(NamedTuple):
    """Mean cosine of pairs that share a label or both have none, and of the other pairs; None where there are none."""

    within: float | None
    across: float | None


def nearest(vectors: np.ndarray, others: np.ndarray, *, cells: int = CELLS) -> Nearest:
    """For each text the nearest of `others`, on a tie the first; index -1 and cosine nan where there is no other."""
    if not len(others):
        return Nearest(np.full(len(vectors), -1), np.full(len(vectors), np.nan))
    places, cosines = np.empty(len(vectors), dtype=np.int64), np.empty(len(vectors))
    step = max(1, cells // len(others))
    for start in range(0, len(vectors), step):
        block = vectors[start : start + step] @ others.T
        best = block.argmax(axis=1)
        places[start : start + step] = best
        cosines[start : start + step] = block[np.arange(len(best)), best]
    return Nearest(places, np.clip(cosines, -1, 1))


def self_similarity(vectors: np.ndarray) -> np.ndarray:
    """Mean cosine of each text to all others, (texts,); nan for a single text.

    The mean of the cosines is the product with the mean vector, so no pair is computed.
    """
    if len(vectors) < 2:
        return np.full(len(vectors), np.nan)
    wide = vectors.astype(np.float64)
    own = np.einsum("td,td->t", wide, wide)
    return np.asarray(np.clip((wide @ wide.sum(axis=0) - own) / (len(wide) - 1), -1, 1))


def centroid_similarity(vectors: np.ndarray, labels: Labels, real: np.ndarray, real_labels: Labels) -> np.ndarray:
    """Cosine of each text to the centroid of the `real` texts of its class, (texts,): the mean over its labels.

    Texts without labels are a class of their own. A label without a real text has no centroid and is left out; nan for a text
    without any other label.
    """
    names = sorted(set().union(*labels, *real_labels))
    sums = _carried(real_labels, names).T @ real.astype(np.float64)
    lengths = np.linalg.norm(sums, axis=1)
    known = lengths > 1e-9
    cosines = vectors @ (sums[known] / lengths[known, None]).T
    own = _carried(labels, names)[:, known]
    counts = own.sum(axis=1)
    means = np.divide((cosines * own).sum(axis=1), counts, out=np.full(len(vectors), np.nan), where=counts > 0)
    return np.asarray(np.clip(means, -1, 1))


def pair_means(vectors: np.ndarray, labels: Labels, *, cells: int = CELLS) -> PairMeans:
    """Self-similarity within and across classes, over all pairs of different texts.

    Texts with the same labels are summed first: time grows with texts times dimensions, and with the square of the number of
    label sets.
    """
    sets = sorted(set(labels), key=sorted)
    place = {labelled: index for index, labelled in enumerate(sets)}
    group = np.array([place[labelled] for labelled in labels], dtype=np.int64)
    wide = vectors.astype(np.float64)
    sums, sizes = np.zeros((len(sets), vectors.shape[1])), np.bincount(group, minlength=len(sets))
    np.add.at(sums, group, wide)
    carried = _carried(sets, sorted(set().union(*sets)))
    # A text shares its labels with itself, which is not a pair.
    totals, counts = np.array([-float(np.sum(wide**2)), 0.0]), np.array([-len(vectors), 0])
    step = max(1, cells // max(1, len(sets)))
    for start in range(0, len(sets), step):
        block = slice(start, start + step)
        shared = carried[block] @ carried.T > 0
        products, pairs = sums[block] @ sums.T, np.outer(sizes[block], sizes)
        totals += products[shared].sum(), products[~shared].sum()
        counts += pairs[shared].sum(), pairs[~shared].sum()
    return PairMeans(*(float(np.clip(t / c, -1, 1)) if c else None for t, c in zip(totals, counts, strict=True)))


def _carried(labels: Labels, names: Sequence[str]) -> np.ndarray:
    """(texts, names + 1), 1 where a text carries the label; the last column is of texts without any."""
    rows = [[*(name in labelled for name in names), not labelled] for labelled in labels]
    return np.array(rows, dtype=np.float64).reshape(len(labels), len(names) + 1)
