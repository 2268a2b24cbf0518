"""The order in which a dose takes texts from a pool: by a characteristic, or at random; pure."""

import random
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from synthsweep.config.keys.synthetic import SelectConfig
from synthsweep.curate.mix import draw_order
from synthsweep.errors import PoolError
from synthsweep.examples import Example

# At most this many bins of similar length, each of at least this many texts: in smaller bins, highest and lowest would take
# the same texts.
MOST_BINS, BIN_TEXTS = 10, 4


def select_order(
    pool: Sequence[Example], values: np.ndarray, lengths: np.ndarray, config: SelectConfig, seed: int
) -> list[int]:
    """Indices of the whole pool in the order in which texts are taken: every dose is a prefix.

    `values` is the characteristic of each text and `lengths` its number of words, both (texts,) float64; texts with nan come
    last within their criterion. Criteria alternate at their shares, as in `stratified_order`. With `length_matched` the rule
    holds within bins of similar length, which alternate in the same way: each prefix takes as many texts of each bin under
    highest as under lowest.

    Raises:
        PoolError: the characteristic is undefined for all texts.
    """
    criteria = [example.provenance.criterion for example in pool]
    if config.which == "random":
        return draw_order(pool, seed=seed)
    if pool and not (len(values) == len(pool) and not np.isnan(values).all()):
        raise PoolError(f"select.by={config.by} is undefined for all {len(pool)} texts of the pool: select by something else")
    strata: dict[str, list[int]] = defaultdict(list)
    for index, criterion in enumerate(criteria):
        strata[criterion].append(index)
    orders = [
        _ordered(members, values, lengths, config, random.Random(f"{seed}/select/{criterion}"))
        for criterion, members in strata.items()
    ]
    return _alternating(orders, random.Random(f"{seed}/select"))


def _ordered(
    members: Sequence[int], values: np.ndarray, lengths: np.ndarray, config: SelectConfig, rng: random.Random
) -> list[int]:
    """The texts of one criterion."""
    # All sorts below are stable, so that the seed decides between equal values.
    shuffled = rng.sample(members, len(members))
    defined = [index for index in shuffled if not np.isnan(values[index])]
    bins = _length_bins(defined, lengths) if config.length_matched else [defined]
    taken = _alternating([_ranked(members, values, config.which, rng) for members in bins], rng)
    return taken + [index for index in shuffled if np.isnan(values[index])]


def _length_bins(members: Sequence[int], lengths: np.ndarray) -> list[list[int]]:
    """Quantile bins; their sizes differ by at most one."""
    ranked = sorted(members, key=lambda index: lengths[index])
    count = max(1, min(MOST_BINS, len(ranked) // BIN_TEXTS))
    edges = [len(ranked) * number // count for number in range(count + 1)]
    return [ranked[low:high] for low, high in pairwise(edges)]


def _ranked(members: Sequence[int], values: np.ndarray, which: str, rng: random.Random) -> list[int]:
    """The members in the order of a rule; middle begins at their median."""
    ranked = sorted(members, key=lambda index: values[index])
    if which == "highest":
        return sorted(members, key=lambda index: -values[index])
    if which == "middle" and ranked:
        median = values[ranked[(len(ranked) - 1) // 2]]
        # The difference of two infinite values is undefined.
        return sorted(members, key=lambda index: 0.0 if values[index] == median else abs(values[index] - median))
    if which == "stratified" and ranked:
        start = rng.randrange(len(ranked))
        return [ranked[(start + rank) % len(ranked)] for rank in spread_ranks(len(ranked))]
    return ranked


def spread_ranks(count: int) -> list[int]:
    """0 to `count` - 1 in an order whose prefixes are all spread evenly (van der Corput's sequence in base 2)."""
    bits = max(1, (count - 1).bit_length())
    reversed_bits = (int(f"{number:0{bits}b}"[::-1], 2) for number in range(2**bits))
    return [rank for rank in reversed_bits if rank < count]


def _alternating(orders: Sequence[Sequence[int]], rng: random.Random) -> list[int]:
    """Merges the orders: rank i of k is put at (i + u) / k, with one u in [0, 1) per order, as in `stratified_order`."""
    placed: list[tuple[float, float, int]] = []
    for order in orders:
        offset = rng.random()
        placed += [((rank + offset) / len(order), rng.random(), index) for rank, index in enumerate(order)]
    return [index for _, _, index in sorted(placed)]
