"""How texts open: what a request shows of the texts that were written before it, so that it can ask for others; pure.

Requests that grow out of what was written before follow Self-Instruct (Wang et al. 2023, arXiv 2212.10560).
"""

from collections.abc import Sequence

WORDS = 8
# Scripts without spaces have no words to count; a forecast of costs relies on this limit, too.
MOST_BYTES = 80
# The bytes of eight words of usual length, for a forecast.
USUAL_BYTES = 48


def opening(text: str) -> str:
    """The first eight words of a text, at most 80 bytes of them."""
    words = " ".join(text.split()[:WORDS])
    return words.encode("utf-8", "ignore")[:MOST_BYTES].decode("utf-8", "ignore").strip()


def shown_openings(earlier: Sequence[str], most: int) -> list[str]:
    """The latest `most` openings in their order, each once, in whatever case."""
    latest: dict[str, str] = {}
    for one in reversed(earlier):
        if len(latest) == most:
            break
        latest.setdefault(one.casefold(), one)
    return list(reversed(latest.values()))


def unwritten(count: int, length: int) -> list[str]:
    """As many openings, no two alike, for texts that nobody has written yet."""
    return [str(number).ljust(length, "x") for number in range(count)]
