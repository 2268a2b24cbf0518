"""TF-IDF: sublinear counts of words and pairs of words, weighted by how rare they are in the training texts.

What is kept of it names no word, since training texts may be confidential: of each word and pair there is a digest.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from synthsweep.words import words_in

WORDS_FILE = "words.npz"


@dataclass(frozen=True)
class TfidfFeatures:
    """Features of texts, with the words and weights of the texts that it was fitted to."""

    vectorizer: Any

    @property
    def count(self) -> int:
        """How many words and pairs of words it knows."""
        return len(self.vectorizer.vocabulary_)

    def rows(self, texts: Sequence[str]) -> Any:
        """(texts, features), sparse."""
        return self.vectorizer.transform(texts)

    def write(self, folder: Path) -> None:
        """A digest and the weight of each word and pair, in the order of the features."""
        digests = np.array([_digest(name) for name in self.vectorizer.get_feature_names_out()], dtype=np.uint64)
        np.savez_compressed(folder / WORDS_FILE, digests=digests, weights=self.vectorizer.idf_)


def fit_tfidf(texts: Sequence[str]) -> TfidfFeatures | None:
    """None where no text contains a word of two letters."""
    if not any(words(text) for text in texts):
        return None
    return TfidfFeatures(_vectorizer().fit(texts))


def read_tfidf(folder: Path) -> TfidfFeatures:
    """What `TfidfFeatures.write` wrote."""
    with np.load(folder / WORDS_FILE, allow_pickle=False) as found:
        digests, weights = found["digests"].tolist(), found["weights"]
    terms = _vectorizer().build_analyzer()
    known = {digest: place for place, digest in enumerate(digests)}
    vectorizer = _vectorizer(known, lambda text: [_digest(term) for term in terms(text)])
    vectorizer.idf_ = weights
    return TfidfFeatures(vectorizer)


def _vectorizer(vocabulary: Mapping[int, int] | None = None, terms: Callable[[str], list[int]] | None = None) -> Any:
    """As it is fitted, or with known features."""
    # scikit-learn takes a second to import.
    from sklearn.feature_extraction.text import TfidfVectorizer

    if terms is not None:
        return TfidfVectorizer(analyzer=terms, sublinear_tf=True, vocabulary=vocabulary)
    return TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, tokenizer=words, token_pattern=None)


def _digest(term: str) -> int:
    return int.from_bytes(hashlib.blake2b(term.encode(), digest_size=8).digest(), "big")


def words(text: str) -> list[str]:
    """The words of a text that have two letters or more."""
    # scikit-learn's own pattern takes such words, too, but cuts them at the vowels of some scripts.
    return [word for word in words_in(text) if len(word) > 1]
