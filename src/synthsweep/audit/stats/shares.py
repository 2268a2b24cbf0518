"""Shares with their 95 % intervals, and the number of texts that an interval needs; pure.

The interval is Wilson's (1927) score interval. For strata that were sampled at different rates, the share is weighted by their
sizes, and the interval is that of Kish's (1965) effective sample size: exact if all strata have the same share, a little
wide if they differ.
"""

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from scipy.special import ndtri

Z = float(ndtri(0.975))
S = TypeVar("S", bound=Hashable)


@dataclass(frozen=True)
class Share:
    """A share in [0, 1] of `texts` texts; None without texts. `uncovered` is the weight of strata without a text."""

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
    """Half the length of the Wilson interval."""
    return Z / (1 + Z**2 / texts) * math.sqrt(share * (1 - share) / texts + Z**2 / (4 * texts**2))


def smallest_fitting(fits: Callable[[int], bool], most: int) -> int:
    """The smallest number from 1 to `most` that fits, if every larger one fits too; `most` if none fits."""
    low, high = 0, most
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if fits(middle) else (middle, high)
    return high


def effective_texts(counts: Mapping[S, int], sizes: Mapping[S, int]) -> float:
    """Kish's effective sample size: the size of a simple random sample with the same precision; 0 without texts."""
    covered = [stratum for stratum, count in counts.items() if count]
    total = sum(sizes[stratum] for stratum in covered)
    return total**2 / sum(sizes[stratum] ** 2 / counts[stratum] for stratum in covered) if covered else 0.0


def share_of(values: Sequence[bool]) -> Share:
    """The share of True among texts of equal weight."""
    if not values:
        return Share(0)
    value = sum(values) / len(values)
    return Share(len(values), value, *wilson(value, len(values)))


def weighted_share(values: Mapping[S, Sequence[bool]], sizes: Mapping[S, int]) -> Share:
    """The share of True, with each stratum weighted by its size.

    Strata without a value are excluded; their part of the whole is `uncovered`.
    """
    total = sum(sizes[stratum] for stratum in values)
    sampled = {stratum: own for stratum, own in values.items() if own}
    covered = sum(sizes[stratum] for stratum in sampled)
    if not covered:
        return Share(0, uncovered=1.0 if total else 0.0)
    # Divided last, so that the share is exactly 1 if all are right.
    value = sum(sizes[stratum] * sum(own) / len(own) for stratum, own in sampled.items()) / covered
    effective = effective_texts({stratum: len(own) for stratum, own in sampled.items()}, sizes)
    return Share(sum(map(len, sampled.values())), value, *wilson(value, effective), uncovered=1 - covered / total)
