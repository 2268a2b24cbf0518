"""Draws that stay: nested, stratified orders, and a number for a place.

Every prefix of the order holds each stratum at its share of the whole.

Both the few-shot axis (real texts) and the dose (synthetic texts) are prefixes of such an order, so that a
larger draw holds the smaller one and a difference between them is the difference of the added texts.
"""

import hashlib
import random
from collections import defaultdict
from collections.abc import Hashable, Sequence


def stratified_order(strata: Sequence[Hashable], rng: random.Random) -> list[int]:
    """Indices of `strata` in an order whose every prefix is near to the whole in its shares.

    The members of a stratum of size k are shuffled, then laid at (i + u) / k of the way, with one u in [0, 1) a
    stratum (systematic sampling): a prefix of share s holds s * k of them, give or take one.
    """
    members: dict[Hashable, list[int]] = defaultdict(list)
    for index, stratum in enumerate(strata):
        members[stratum].append(index)
    placed: list[tuple[float, float, int]] = []
    for indices in members.values():
        rng.shuffle(indices)
        offset = rng.random()
        placed += [((rank + offset) / len(indices), rng.random(), index) for rank, index in enumerate(indices)]
    return [index for _, _, index in sorted(placed)]


def number_of(place: str) -> int:
    """A large number that is the same for a place on every Python version; random.Random promises less."""
    return int(hashlib.sha256(place.encode()).hexdigest(), 16)
