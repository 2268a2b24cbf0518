"""Draws whose every prefix is a small picture of the whole."""

import random
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from synthsweep.stratify import stratified_order

strata_lists = st.lists(st.integers(0, 120), max_size=4).flatmap(
    lambda sizes: st.permutations([name for name, size in zip("abcd", sizes, strict=False) for _ in range(size)])
)
seeds = st.integers(0, 2**32 - 1)
modest = settings(deadline=None, max_examples=60)


@modest
@given(strata=strata_lists, seed=seeds)
def test_the_order_holds_each_index_once(strata: list[str], seed: int) -> None:
    """Nothing is drawn twice and nothing can never be drawn."""
    order = stratified_order(strata, random.Random(seed))

    assert sorted(order) == list(range(len(strata)))


@modest
@given(strata=strata_lists, seed=seeds)
def test_every_prefix_holds_each_stratum_at_its_share(strata: list[str], seed: int) -> None:
    """The bound is that of systematic sampling: one of the stratum, and one for each stratum that shares the prefix."""
    order = stratified_order(strata, random.Random(seed))

    whole, prefix = Counter(strata), Counter[str]()
    for size, index in enumerate(order, start=1):
        prefix[strata[index]] += 1
        for stratum, members in whole.items():
            share = members / len(strata)
            assert abs(prefix[stratum] - size * share) <= 1 + len(whole) * share + 1e-9


@modest
@given(strata=strata_lists, seed=seeds)
def test_one_seed_gives_one_order(strata: list[str], seed: int) -> None:
    """Paired arms rely on it: both draw the same texts."""
    assert stratified_order(strata, random.Random(seed)) == stratified_order(strata, random.Random(seed))


def test_another_seed_gives_another_order() -> None:
    """Replicates differ in what they draw."""
    orders = {tuple(stratified_order("ab" * 20, random.Random(seed))) for seed in range(20)}

    assert len(orders) == 20


def test_each_member_of_a_stratum_is_as_likely_to_come_first() -> None:
    """4 members over 2,000 seeds: 500 each is expected, 60 is three standard deviations."""
    first = Counter(stratified_order("aaaa", random.Random(seed))[0] for seed in range(2000))

    assert all(abs(first[index] - 500) <= 60 for index in range(4))


def test_a_stratum_of_one_comes_anywhere() -> None:
    """A rare combination of labels is neither always in a small draw nor never: its place is uniform."""
    places = [stratified_order("aaaaaaaaab", random.Random(seed)).index(9) for seed in range(1000)]

    assert set(places) == set(range(10))
    assert abs(sum(places) / len(places) - 4.5) < 0.3


def test_the_strata_given_are_not_changed() -> None:
    strata = ["a", "b", "a"]

    stratified_order(strata, random.Random(1))

    assert strata == ["a", "b", "a"]
