"""Words that synthetic texts use more, or less, than real ones: log-odds ratios with a Dirichlet prior; pure."""

import math
import re
from collections import Counter
from collections.abc import Sequence

from synthsweep.inspect.inspection import Word

# Letters, with an apostrophe inside: don't is one word.
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
# So many words of prior belief that both sides use a word alike.
PRIOR = 500.0


def words_of(text: str) -> list[str]:
    """The words of a text in their order, without case."""
    return [word.replace("’", "'") for word in WORD.findall(text.casefold())]


def over_used(synthetic: Sequence[str], real: Sequence[str], *, prior: float = PRIOR) -> tuple[Word, ...]:
    """Every word of either side, the most over-used by the synthetic one first.

    `z` is the log-odds ratio over its standard error (Monroe, Colaresi and Quinn 2008, equations 16, 19 and 22); the prior
    has each word at its share of both sides together, and weighs as much as `prior` words.
    """
    left, right = (Counter(word for text in texts for word in words_of(text)) for texts in (synthetic, real))
    both = left + right
    totals, whole = (left.total() + prior, right.total() + prior), both.total()
    found = []
    for word, count in both.items():
        belief = prior * count / whole
        used = left[word] + belief, right[word] + belief
        rests = [total - one for total, one in zip(totals, used, strict=True)]
        # A side whose every word is this one has no odds.
        if min(rests) <= 0:
            continue
        ratio = math.log(used[0] / rests[0]) - math.log(used[1] / rests[1])
        found.append(Word(word, ratio / math.sqrt(1 / used[0] + 1 / used[1]), left[word], right[word]))
    return tuple(sorted(found, key=lambda one: (-one.z, one.word)))
