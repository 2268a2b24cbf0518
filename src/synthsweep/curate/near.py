"""Which texts are near to others: by words (MinHash), by meaning (embeddings), or as copies with a few changes.

Functions of many texts return a dictionary from the index of a text to the index of one text near to it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from functools import lru_cache
from itertools import chain
from typing import Any

import numpy as np
from rapidfuzz.distance import Levenshtein

from synthsweep.examples import text_key

SHINGLE = 5
PERMUTATIONS = 128
# Rows of a block of pairwise products: 16 MB against 4,000 others.
BLOCK = 1000
# A copy may have this many words exchanged, added or lost, and this share of the longer text: one of four, three of ten.
CHANGED_WORDS, CHANGED_SHARE = 3, 0.3
# Rounding changes the length of a float32 row by up to this much.
ROUNDING = 1e-6
# A text of at least this many words is copied by a longer text that contains it, and by a part of at least this share of it.
WHOLE_WORDS, WHOLE_SHARE = 5, 0.5


@lru_cache(maxsize=50_000)
def shingles(text: str) -> frozenset[str]:
    """The character 5-grams of a text without case and punctuation; a shorter text is its only one."""
    key = text_key(text)
    return frozenset(key[start : start + SHINGLE] for start in range(max(1, len(key) - SHINGLE + 1)))


def jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    """Shared members over all members, in [0, 1]."""
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared)


def lexical_pairs(texts: Sequence[str], others: Sequence[str] | None, threshold: float) -> dict[int, int]:
    """Texts whose shingles have a Jaccard index of `threshold` or more with one of `others` (None: with another of `texts`).

    Candidates come from MinHash and locality-sensitive hashing (Broder 1997), which may miss a pair near the threshold. Each
    candidate is checked exactly, so no pair is wrong.
    """
    index = _index(others if others is not None else texts, threshold)
    targets = texts if others is None else others
    found: dict[int, int] = {}
    for number, text in enumerate(texts):
        own = shingles(text)
        candidates = (place for place in sorted(index.query(_signature(text))) if others is not None or place != number)
        scores = {place: jaccard(own, shingles(targets[place])) for place in candidates}
        best = max(scores, key=scores.__getitem__, default=None)
        if best is not None and scores[best] >= threshold:
            found[number] = best
    return found


def semantic_pairs(vectors: np.ndarray, others: np.ndarray | None, threshold: float) -> dict[int, int]:
    """Rows whose cosine with a row of `others` (None: with another of `vectors`) is `threshold` or more; rows have length 1."""
    found: dict[int, int] = {}
    targets = vectors if others is None else others
    if not len(targets):
        return found
    for start in range(0, len(vectors), BLOCK):
        cosines = vectors[start : start + BLOCK] @ targets.T
        if others is None:
            np.fill_diagonal(cosines[:, start:], -np.inf)
        found.update(_best(cosines, threshold - ROUNDING, start))
    return found


def _best(scores: np.ndarray, threshold: float, start: int) -> Iterator[tuple[int, int]]:
    """For each row that reaches the threshold: its number, counted from `start`, and the column of its highest score."""
    best = scores.argmax(axis=1)
    for row in np.flatnonzero(scores[np.arange(len(best)), best] >= threshold):
        yield int(start + row), int(best[row])


def lexical_copies(texts: Sequence[str], threshold: float) -> dict[int, int]:
    """Texts that are near to an earlier one that is not itself a copy: without them, the first of each cluster remains."""
    index = _index([], threshold)
    found: dict[int, int] = {}
    for number, text in enumerate(texts):
        own, signature = shingles(text), _signature(text)
        first = next((p for p in sorted(index.query(signature)) if jaccard(own, shingles(texts[p])) >= threshold), None)
        if first is None:
            index.insert(number, signature)
        else:
            found[number] = first
    return found


def semantic_copies(vectors: np.ndarray, threshold: float) -> dict[int, int]:
    """Like `lexical_copies`, by the cosine of rows of length 1."""
    found: dict[int, int] = {}
    for start in range(0, len(vectors), BLOCK):
        cosines = vectors[start : start + BLOCK] @ vectors[: start + BLOCK].T
        for row, number in enumerate(range(start, start + len(cosines))):
            near = np.flatnonzero(cosines[row, :number] >= threshold - ROUNDING)
            first = next((int(place) for place in near if int(place) not in found), None)
            if first is not None:
                found[number] = first
    return found


def copies_of(texts: Sequence[str], others: Sequence[str], threshold: float) -> dict[int, int]:
    """Texts that repeat one of `others` with up to three words changed, that contain it, or that are half of it or more.

    Texts with a Jaccard index of `threshold` or more are copies, too. Shingles alone would miss many: in a sentence of twelve
    words, three exchanged ones leave a third of the shingles. Hence the edit distance in words.
    """
    return dict(_copies_of(tuple(texts), tuple(others), threshold))


# The runs of a study compare the same pools with the same dev and test texts, two lists for each of its seeds in turn.
@lru_cache(maxsize=64)
def _copies_of(texts: tuple[str, ...], others: tuple[str, ...], threshold: float) -> dict[int, int]:
    found = _near_by_shingles(texts, others, threshold)
    # "peek-a-boo" is three words in the first form and one in the second: the form with fewer changes counts.
    for form in (text_key, _as_written):
        own, theirs = [form(text) for text in texts], [form(text) for text in others]
        for number, place in _sharing_words(own, theirs):
            if number not in found and _is_copy(own[number], theirs[place]):
                found[number] = place
    return dict(sorted(found.items()))


def _as_written(text: str) -> str:
    """The text without case and punctuation, its words split at spaces alone: "doesn't" is one word."""
    return " ".join(word for word in (re.sub(r"\W", "", part) for part in text.casefold().split()) if word) or text.strip()


def _is_copy(text: str, other: str) -> bool:
    own, theirs = text.split(), other.split()
    if len(theirs) >= WHOLE_WORDS and f" {other} " in f" {text} ":
        return True
    if len(own) >= max(WHOLE_WORDS, WHOLE_SHARE * len(theirs)) and f" {text} " in f" {other} ":
        return True
    most = min(CHANGED_WORDS, int(CHANGED_SHARE * max(len(own), len(theirs))))
    return word_edits(own, theirs, most) <= most


def _near_by_shingles(texts: Sequence[str], others: Sequence[str], threshold: float) -> dict[int, int]:
    """Like `lexical_pairs`, but compares every pair, so that none is missed."""
    if not texts or not others:
        return {}
    own, theirs, sizes, other_sizes = _members([shingles(text) for text in texts], [shingles(text) for text in others])
    found: dict[int, int] = {}
    for start in range(0, len(texts), BLOCK):
        shared = (own[start : start + BLOCK] @ theirs.T).toarray()
        index = shared / (sizes[start : start + BLOCK, None] + other_sizes[None, :] - shared)
        found.update(_best(index, threshold, start))
    return found


def _members(texts: Sequence[Set[str]], others: Sequence[Set[str]]) -> tuple[Any, Any, np.ndarray, np.ndarray]:
    """Both as (texts, units) sparse, 1 where a text has a unit that one of `others` has; then how many units each has."""
    columns = {unit: place for place, unit in enumerate(set().union(*others))}
    return (
        _sparse(texts, columns),
        _sparse(others, columns),
        *(np.array([len(one) for one in side]) for side in (texts, others)),
    )


def _sparse(texts: Sequence[Set[str]], columns: Mapping[str, int]) -> Any:
    from scipy.sparse import csr_array

    rows = [[columns[unit] for unit in units if unit in columns] for units in texts]
    ends = np.cumsum([0, *map(len, rows)])
    places = np.fromiter(chain.from_iterable(rows), np.int64, ends[-1])
    return csr_array((np.ones(len(places), np.int32), places, ends), shape=(len(rows), len(columns)))


def word_edits(own: Sequence[str], other: Sequence[str], most: int) -> int:
    """Levenshtein's distance in words; `most` + 1 where it is larger than `most`."""
    return Levenshtein.distance(own, other, score_cutoff=most)


def _sharing_words(texts: Sequence[str], others: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Pairs of indices whose texts share all words of one of them, or all words but three of the longer one."""
    if not any(texts) or not any(others):
        return
    own, theirs, sizes, other_sizes = _members([set(text.split()) for text in texts], [set(text.split()) for text in others])
    for start in range(0, len(texts), BLOCK):
        shared = (own[start : start + BLOCK] @ theirs.T).toarray()
        own_sizes = sizes[start : start + BLOCK, None]
        likely = (shared >= np.maximum(own_sizes, other_sizes) - CHANGED_WORDS) | (shared >= np.minimum(own_sizes, other_sizes))
        for row, place in zip(*np.nonzero(likely & (shared > 0)), strict=True):
            yield int(start + row), int(place)


@lru_cache(maxsize=50_000)
def _signature(text: str) -> Any:
    from datasketch import MinHash

    signature = MinHash(num_perm=PERMUTATIONS)
    signature.update_batch([shingle.encode() for shingle in shingles(text)])
    return signature


def _index(texts: Sequence[str], threshold: float) -> Any:
    from datasketch import MinHashLSH

    # Below the caller's threshold: more candidates, fewer misses.
    index = MinHashLSH(threshold=max(0.1, threshold - 0.15), num_perm=PERMUTATIONS)
    for number, text in enumerate(texts):
        index.insert(number, _signature(text))
    return index
