"""How varied the words are, in one text and over many, without embeddings; pure."""

import math
import zlib
from collections import Counter
from collections.abc import Sequence

# In words. The published 500 is for books; the texts here are a sentence or two.
WINDOW = 10


def type_token_ratio(words: Sequence[str]) -> float:
    """Different words over words, in (0, 1]; nan for a text without words. It falls as a text grows: see `mattr`."""
    return len(set(words)) / len(words) if words else math.nan


def mattr(words: Sequence[str], window: int = WINDOW) -> float:
    """Mean type-token ratio of all windows of `window` words, in (0, 1]: no length effect (Covington and McFall 2010).

    A text shorter than the window gets its plain ratio, which is higher; nan for a text without words.
    """
    if len(words) <= window:
        return type_token_ratio(words)
    inside = Counter(words[:window])
    types = len(inside)
    for leaving, entering in zip(words, words[window:], strict=False):
        inside[entering] += 1
        inside[leaving] -= 1
        if not inside[leaving]:
            del inside[leaving]
        types += len(inside)
    return types / (window * (len(words) - window + 1))


def distinct(texts: Sequence[Sequence[str]], n: int) -> float | None:
    """Different n-grams of words over n-grams, of all texts together, in (0, 1] (Li et al. 2016).

    None where no text has n words. It falls as a pool grows: compare pools of the same size.
    """
    grams = [tuple(words[start : start + n]) for words in texts for start in range(len(words) - n + 1)]
    return len(set(grams)) / len(grams) if grams else None


def compression_ratio(texts: Sequence[str]) -> float | None:
    """Bytes of all texts over their bytes under zlib: high for texts that repeat one another (Shaib et al. 2024).

    Above 0, about 2 to 3 for English; below 1 where the header of the format outweighs the texts; None without any text. zlib
    looks back 32 KiB, so repetitions at a greater distance do not count.
    """
    whole = "\n".join(texts).encode("utf-8", "surrogatepass")
    return len(whole) / len(zlib.compress(whole, level=9)) if whole else None
