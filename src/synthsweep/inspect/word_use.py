"""Words that synthetic texts use more often, or less, than real ones: log-odds ratios with a Dirichlet prior; pure."""

import math
from collections import Counter
from collections.abc import Sequence

from synthsweep.inspect.inspection import Word
from synthsweep.words import spelt_words_in

# The weight, in words, of the prior that both sides use a word equally often.
PRIOR = 500.0


def words_of(text: str) -> list[str]:
    """The words of a text in order, casefolded."""
    return [word.replace("’", "'") for word in spelt_words_in(text.casefold())]


def over_used(synthetic: Sequence[str], real: Sequence[str], *, prior: float = PRIOR) -> tuple[Word, ...]:
    """Every word of either side; words that the synthetic texts over-use most come first.

    `z` is the log-odds ratio over its standard error (Monroe, Colaresi and Quinn 2008, equations 16, 19 and 22). The prior
    gives each word its share in both sides together, and has the weight of `prior` words.
    """
    own, theirs = (Counter(word for text in texts for word in words_of(text)) for texts in (synthetic, real))
    both = own + theirs
    totals, whole = (own.total() + prior, theirs.total() + prior), both.total()
    words = []
    for word, count in both.items():
        expected = prior * count / whole
        used = own[word] + expected, theirs[word] + expected
        others = [total - one for total, one in zip(totals, used, strict=True)]
        # The odds are undefined if a side uses no other word.
        if min(others) <= 0:
            continue
        ratio = math.log(used[0] / others[0]) - math.log(used[1] / others[1])
        words.append(Word(word, ratio / math.sqrt(1 / used[0] + 1 / used[1]), own[word], theirs[word]))
    return tuple(sorted(words, key=lambda one: (-one.z, one.word)))
