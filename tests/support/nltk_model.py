"""The reference of n-gram perplexity: nltk's language model with the end of the recursion that ours has."""

from collections.abc import Sequence
from typing import Any

from nltk.lm.models import InterpolatedLanguageModel

from synthsweep.curate.characteristics.perplexity import END, START, predicted


class EndsUniform:
    """Witten and Bell's smoothing in nltk's form, down to a uniform distribution over known words and one unknown."""

    def __init__(self, vocabulary: Any, counts: Any) -> None:
        self.counts = counts

    def alpha_gamma(self, word: str, context: tuple[str, ...]) -> tuple[float, float]:
        """The share of the word after a context, and the weight of the shorter context."""
        after = self.counts[context]
        total = after.N() + after.B()
        return after[word] / total, after.B() / total

    def unigram_score(self, word: str) -> float:
        words = self.counts.unigrams
        return float((words[word] + words.B() / (words.B() + 1)) / (words.N() + words.B()))


def nltk_model(texts: Sequence[Sequence[str]], order: int) -> Any:
    model = InterpolatedLanguageModel(EndsUniform, order)
    # The start is known as a context, but never predicted.
    model.vocab.update(word for words in texts for word in (START, *words, END))
    model.counts.update([gram[start:] for gram in predicted(words, order) for start in range(order)] for words in texts)
    return model
