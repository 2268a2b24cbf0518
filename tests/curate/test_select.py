import random
import re
from collections import Counter
from collections.abc import Sequence
from statistics import fmean

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.builders import synthetic
from synthsweep.config.keys.synthetic import SelectConfig
from synthsweep.curate.select import select_order, spread_ranks
from synthsweep.errors import PoolError
from synthsweep.examples import Example
from synthsweep.stratify import stratified_order

RULES = ("highest", "lowest", "middle", "stratified")
seeds = st.integers(0, 2**32 - 1)
numbers = st.one_of(st.integers(0, 5).map(float), st.floats(-1e6, 1e6), st.just(float("nan")), st.just(float("inf")))
rows = st.lists(st.tuples(st.sampled_from("AAB"), numbers, st.integers(1, 40)), min_size=1, max_size=60)
configs = st.builds(SelectConfig, st.just("perplexity"), st.sampled_from(RULES), st.booleans())


def pool_of(criteria: str) -> list[Example]:
    return [synthetic(f"s{number}", criterion) for number, criterion in enumerate(criteria)]


def order_of(
    values: Sequence[float], *, criteria: str = "", lengths: Sequence[float] | None = None, which: str = "highest",
    matched: bool = False, seed: int = 1,
) -> list[int]:  # fmt: skip
    pool = pool_of(criteria or "A" * len(values))
    lengths = np.ones(len(values)) if lengths is None else np.array(lengths, float)
    return select_order(pool, np.array(values, float), lengths, SelectConfig("mattr", which, matched), seed)


@settings(max_examples=60)
@given(criteria=st.text("ABC", max_size=60), seed=seeds)
def test_random_is_the_stratified_draw(criteria: str, seed: int) -> None:
    """A study without selection takes the texts that it took before there was any."""

    order = select_order(pool_of(criteria), np.empty(0), np.empty(0), SelectConfig(), seed)

    assert order == stratified_order(list(criteria), random.Random(f"{seed}/draw"))


@settings(max_examples=100)
@given(rows=rows, config=configs, seed=seeds)
def test_a_rule_orders_the_whole_pool(rows: list[tuple[str, float, int]], config: SelectConfig, seed: int) -> None:
    """Doses are prefixes: the size is the dose's whatever the rule, a larger one begins with a smaller, and a seed decides."""

    criteria, values, lengths = zip(*rows, strict=True)
    if np.isnan(values).all():
        return
    arguments = (pool_of("".join(criteria)), np.array(values), np.array(lengths, float), config, seed)

    order = select_order(*arguments)

    assert sorted(order) == list(range(len(rows)))
    assert order == select_order(*arguments)


@settings(max_examples=60)
@given(rows=rows, config=configs, seed=seeds)
def test_every_prefix_holds_each_criterion_at_its_share(
    rows: list[tuple[str, float, int]], config: SelectConfig, seed: int
) -> None:
    """Give or take what systematic sampling does: else selection would shift the class prior."""

    criteria, values, lengths = zip(*rows, strict=True)
    if np.isnan(values).all():
        return
    order = select_order(pool_of("".join(criteria)), np.array(values), np.array(lengths, float), config, seed)

    whole, prefix = Counter(criteria), Counter()
    for size, index in enumerate(order, start=1):
        prefix[criteria[index]] += 1
        for criterion, members in whole.items():
            share = members / len(rows)
            assert abs(prefix[criterion] - size * share) <= 1 + len(whole) * share + 1e-9


@settings(max_examples=60)
@given(rows=rows, seed=seeds)
def test_highest_and_lowest_fall_and_rise_within_a_criterion(rows: list[tuple[str, float, int]], seed: int) -> None:
    """What is undefined comes last under both."""

    criteria, values, _ = zip(*rows, strict=True)
    if np.isnan(values).all():
        return
    for which, sign in (("highest", -1), ("lowest", 1)):
        order = order_of(values, criteria="".join(criteria), which=which, seed=seed)
        for criterion in set(criteria):
            taken = [sign * values[index] for index in order if criteria[index] == criterion]
            defined = [value for value in taken if not np.isnan(value)]
            assert taken[: len(defined)] == sorted(defined)


def test_the_middle_begins_at_the_median() -> None:
    """Nearest first, above and below; a second criterion has its own median."""

    order = order_of([0, 10, 21, 33, 46, 100, 101, 103], criteria="AAAAABBB", which="middle")

    assert [index for index in order if index < 5] == [2, 1, 3, 0, 4]
    assert [index for index in order if index >= 5] == [6, 5, 7]


@settings(max_examples=60)
@given(count=st.integers(1, 200), seed=seeds)
def test_stratified_spreads_every_prefix_over_the_quantiles(count: int, seed: int) -> None:
    """Each quarter of the ranks holds a quarter of any prefix, give or take what a sequence of low discrepancy does."""

    order = order_of(range(count), which="stratified", seed=seed)

    for size in range(1, count + 1):
        for quarter in range(4):
            low, high = quarter * count / 4, (quarter + 1) * count / 4
            held = sum(low <= index < high for index in order[:size])
            assert abs(held - size / 4) <= 2 + np.log2(count) / 2


def test_spread_ranks_are_those_of_van_der_corput() -> None:
    """0, 1/2, 1/4, 3/4, ... for a power of two; else the ranks that there are, in the same order."""

    assert spread_ranks(8) == [0, 4, 2, 6, 1, 5, 3, 7]
    assert spread_ranks(5) == [0, 4, 2, 1, 3]
    assert [spread_ranks(count) for count in range(3)] == [[], [0], [0, 1]]


def test_the_seed_breaks_ties() -> None:
    """Texts without a difference are drawn, not taken as the LLM wrote them."""

    orders = {tuple(order_of([1.0] * 8, seed=seed)) for seed in range(20)}

    assert len(orders) == 20


def type_token_ratios(count: int) -> tuple[list[float], list[int]]:
    """Texts of 5 to 80 words of a vocabulary of 60, whose ratio falls with length for no other reason."""
    rng = random.Random(3)
    lengths = [rng.randint(5, 80) for _ in range(count)]
    return [len({rng.randrange(60) for _ in range(length)}) / length for length in lengths], lengths


def test_without_matching_raw_type_token_ratio_selects_by_length() -> None:
    """What length matching is there for: the highest ratios are the short texts."""

    values, lengths = type_token_ratios(400)

    highest, lowest = (
        fmean(lengths[i] for i in order_of(values, lengths=lengths, which=which)[:200]) for which in ("highest", "lowest")
    )

    assert highest < 0.5 * lowest


@pytest.mark.parametrize("size", [40, 100, 200, 300])
def test_matched_highest_and_lowest_are_of_one_length(size: int) -> None:
    """And still differ in the ratio, as far as it says more than length; bins leave a word or two."""

    values, lengths = type_token_ratios(400)

    high, low = (order_of(values, lengths=lengths, which=which, matched=True)[:size] for which in ("highest", "lowest"))

    assert fmean(lengths[i] for i in high) == pytest.approx(fmean(lengths[i] for i in low), rel=0.08)
    assert fmean(values[i] for i in high) > fmean(values[i] for i in low) + 0.02


@settings(max_examples=60)
@given(lengths=st.lists(st.integers(1, 60), min_size=4, max_size=80), seed=seeds, cut=st.floats(0, 1))
def test_matched_rules_take_equally_many_of_each_length_bin(lengths: list[int], seed: int, cut: float) -> None:
    """At every dose: the rank of a length decides its bin, so the means of the bins' ranks agree exactly."""

    rng = random.Random(seed)
    values = [rng.random() for _ in lengths]
    bins = max(1, min(10, len(lengths) // 4))
    distinct = [length + index / 1000 for index, length in enumerate(lengths)]
    ranked = sorted(range(len(lengths)), key=lambda index: distinct[index])
    edges = [len(lengths) * number // bins for number in range(bins + 1)]
    bin_of = {index: number for number in range(bins) for index in ranked[edges[number] : edges[number + 1]]}

    high, low = (
        Counter(
            bin_of[index]
            for index in order_of(values, lengths=distinct, which=which, matched=True, seed=seed)[: int(cut * len(lengths))]
        )
        for which in ("highest", "lowest")
    )

    assert high == low


@pytest.mark.parametrize("values", [[], [float("nan")] * 3])
def test_a_characteristic_that_no_text_has_selects_nothing(values: list[float]) -> None:
    """A draw at random under another name would be reported as a selection."""

    config = SelectConfig("perplexity", "highest")
    with pytest.raises(PoolError, match=re.escape("select.by=perplexity is undefined for all 3 texts of the pool")):
        select_order(pool_of("AAB"), np.array(values), np.ones(3), config, 1)


@pytest.mark.parametrize("which", RULES)
def test_an_empty_pool_has_an_empty_order(which: str) -> None:
    assert order_of([], which=which) == []
