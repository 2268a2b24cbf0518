"""TF-IDF: sublinear counts of words and pairs of words, weighted by how rare they are in the training texts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from synthsweep.words import words_in


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


def fit_tfidf(texts: Sequence[str]) -> TfidfFeatures | None:
    """None where no text contains a word of two letters."""
    # scikit-learn takes a second to import.
    from sklearn.feature_extraction.text import TfidfVectorizer

    if not any(words(text) for text in texts):
        return None
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, tokenizer=words, token_pattern=None)
    return TfidfFeatures(vectorizer.fit(texts))


def words(text: str) -> list[str]:
    """The words of a text that have two letters or more."""
    # scikit-learn's own pattern takes such words, too, but cuts them at the vowels of some scripts.
    return [word for word in words_in(text) if len(word) > 1]
