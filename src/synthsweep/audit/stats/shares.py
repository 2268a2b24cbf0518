"""How large a share is, with its 95 % interval, and how many texts an interval takes; pure.

Wilson's (1927) score interval. Of strata that were sampled at different rates the share is weighted by their sizes, and the
interval is that of Kish's (1965) effective number of texts: exact where strata have one share, a little wide where they differ.
"""

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from scipy.special import ndtri

Z = float(ndtri(0.975))
Stratum = TypeVar("Stratum", bound=Hashable)


@dataclass(frozen=True)
class Share:
    """A share in [0, 1] of `texts` texts; all None where there is no text. `uncovered` is the weight of strata without any."""

    texts: int
    value: float | None = None
    low: float | None = None
    high: float | None = None
    uncovered: float = 0.0


def wilson(share: float, texts: float) -> tuple[float, float]:
    """The 95 % score interval of a share in [0, 1] of `texts` > 0 texts, which need not be whole."""
    middle = (share + Z**2 / (2 * texts)) / (1 + Z**2 / texts)
    half = half_width(share, texts)
    return max(0.0, middle - half), min(1.0, middle + half)


def half_width(share: float, texts: float) -> float:
    """Half the length of that interval."""
    return Z / (1 + Z**2 / texts) * math.sqrt(share * (1 - share) / texts + Z**2 / (4 * texts**2))


def fewest(fits: Callable[[int], bool], most: int) -> int:
    """The least number from 1 to `most` that fits, where every larger one does; `most` where none does."""
    low, high = 0, most
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if fits(middle) else (middle, high)
    return high


def effective_texts(counts: Mapping[Stratum, int], sizes: Mapping[Stratum, int]) -> float:
    """Kish's number: so many texts drawn at one rate would be as sure; of the strata with any text, 0 without."""
    there = [stratum for stratum, count in counts.items() if count]
    whole = sum(sizes[stratum] for stratum in there)
    return whole**2 / sum(sizes[stratum] ** 2 / counts[stratum] for stratum in there) if there else 0.0


def share_of(found: Sequence[bool]) -> Share:
    """Of equal texts."""
    if not found:
        return Share(0)
    value = sum(found) / len(found)
    return Share(len(found), value, *wilson(value, len(found)))


def weighted_share(found: Mapping[Stratum, Sequence[bool]], sizes: Mapping[Stratum, int]) -> Share:
    """Of strata: what was found in each, and how many texts each stands for.

    A stratum without a text of its own is left out, and its part of the whole told as `uncovered`.
    """
    whole = sum(sizes[stratum] for stratum in found)
    there = {stratum: values for stratum, values in found.items() if values}
    covered = sum(sizes[stratum] for stratum in there)
    if not covered:
        return Share(0, uncovered=1.0 if whole else 0.0)
    # Divided last, so that all right is 1 and not nearly 1.
    value = sum(sizes[stratum] * sum(values) / len(values) for stratum, values in there.items()) / covered
    effective = effective_texts({stratum: len(values) for stratum, values in there.items()}, sizes)
    return Share(sum(map(len, there.values())), value, *wilson(value, effective), uncovered=1 - covered / whole)
