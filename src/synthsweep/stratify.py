"""Nested, stratified orders, and seeds from names; pure.

Every prefix of an order holds each stratum at its share of the whole. Both the few-shot axis (real texts) and the dose
(synthetic texts) are prefixes of such an order: a larger draw holds the smaller one, and differs only in the added texts.
"""

import hashlib
import random
from collections import defaultdict
from collections.abc import Hashable, Sequence


def stratified_order(strata: Sequence[Hashable], rng: random.Random, within: Sequence[Hashable] | None = None) -> list[int]:
    """Indices of `strata` in an order in which every prefix has nearly the shares of the whole.

    The members of a stratum of size k are shuffled, then placed at (i + u) / k of the way, with one u in [0, 1) per
    stratum (systematic sampling): a prefix of share s holds s * k of them, give or take one. `within` are finer strata: the
    members of each stratum come in an order that is stratified by them.
    """
    members: dict[Hashable, list[int]] = defaultdict(list)
    for index, stratum in enumerate(strata):
        members[stratum].append(index)
    placed: list[tuple[float, float, int]] = []
    for indices in members.values():
        finer = [within[index] for index in indices] if within else []
        if len(set(finer)) > 1:
            indices = [indices[place] for place in stratified_order(finer, rng)]
        else:
            rng.shuffle(indices)
        offset = rng.random()
        placed += [((rank + offset) / len(indices), rng.random(), index) for rank, index in enumerate(indices)]
    return [index for _, _, index in sorted(placed)]


def number_of(place: str) -> int:
    """A large number from a name, the same on every Python version; seeding random.Random with text does not ensure that."""
    return int(hashlib.sha256(place.encode()).hexdigest(), 16)
