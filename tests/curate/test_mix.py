import random
import re
from collections import Counter
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.builders import real, synthetic
from synthsweep.config.keys.synthetic import MixConfig
from synthsweep.curate.mix import Mix, draw_order, mix, wanted_texts
from synthsweep.errors import PoolError
from synthsweep.examples import Example
from synthsweep.stratify import stratified_order

ARMS = ["real_only", "augment", "synthetic_only"]
ratios = st.integers(0, 1000).map(lambda hundredths: hundredths / 100)
seeds = st.integers(0, 2**32 - 1)


def reals(count: int) -> list[Example]:
    return [real(f"r{number}", "A") for number in range(count)]


def pool_of(count: int) -> list[Example]:
    return [synthetic(f"s{number}", "AAB"[number % 3]) for number in range(count)]


def mixed_from(pool: list[Example], real_texts: list[Example], config: MixConfig, *, seed: int = 1) -> Mix:
    """The mix of a pool in its seeded order."""
    ordered = [pool[index] for index in draw_order(pool, seed=seed)]
    return mix(real_texts, ordered, config, label_ids=("A", "B"), seed=seed)


def needed(ratio: float, baseline: int) -> int:
    """Half goes up, in exact arithmetic on the ratio as it is written."""
    return floor(Fraction(str(ratio)) * baseline + Fraction(1, 2))


@settings(deadline=None)
@given(ratio=ratios, baseline=st.integers(0, 20_000), arm=st.sampled_from(ARMS))
def test_the_dose_is_the_ratio_of_the_real_count_rounded_half_up(ratio: float, baseline: int, arm: str) -> None:
    assert wanted_texts(MixConfig(arm, ratio), baseline) == (0 if arm == "real_only" else needed(ratio, baseline))


@pytest.mark.parametrize(
    ("ratio", "baseline", "expected"), [(0.5, 3, 2), (0.29, 50, 15), (0.35, 10, 4), (0.1, 4, 0), (0.1, 5, 1)]
)
def test_a_half_goes_up_by_the_ratio_as_it_is_written(ratio: float, baseline: int, expected: int) -> None:
    """0.29 of 50 is 14.5, although no binary number is 0.29."""

    assert wanted_texts(MixConfig("augment", ratio), baseline) == expected


@settings(deadline=None, max_examples=60)
@given(count=st.integers(1, 25), extra=st.integers(0, 20), pair=st.tuples(ratios, ratios), seed=seeds)
def test_a_larger_dose_begins_with_every_smaller_one(count: int, extra: int, pair: tuple[float, float], seed: int) -> None:
    """So that a difference between two doses is the difference of the added texts."""

    low, high = sorted(pair)
    pool = pool_of(needed(high, count) + extra)

    small, large = (mixed_from(pool, reals(count), MixConfig("augment", ratio), seed=seed) for ratio in (low, high))

    assert small.synthetic == large.synthetic[: len(small.synthetic)]
    assert [len(small.synthetic), len(large.synthetic)] == [needed(low, count), needed(high, count)]


@settings(deadline=None, max_examples=60)
@given(count=st.integers(1, 25), extra=st.integers(0, 20), ratio=ratios, arm=st.sampled_from(ARMS), seed=seeds)
def test_an_arm_holds_the_real_texts_as_they_are_or_none(count: int, extra: int, ratio: float, arm: str, seed: int) -> None:
    """Synthetic texts are drawn from the pool, each at most once, and never stand among the real ones."""

    real_texts, pool = reals(count), pool_of(needed(ratio, count) + extra)
    if arm == "synthetic_only" and not needed(ratio, count):
        return

    mixed = mixed_from(pool, real_texts, MixConfig(arm, ratio), seed=seed)

    assert mixed.real == (() if arm == "synthetic_only" else tuple(real_texts))
    assert (0 if arm == "real_only" else needed(ratio, count)) == len(set(mixed.synthetic)) == len(mixed.synthetic)
    assert set(mixed.synthetic) <= set(pool)
    assert mixed.examples == (*mixed.real, *mixed.synthetic)
    assert mixed.baseline == count


@settings(deadline=None, max_examples=40)
@given(count=st.integers(1, 60), seed=seeds)
def test_a_draw_keeps_each_criterion_at_its_share(count: int, seed: int) -> None:
    """The pool asks twice as often for A as for B: so does every dose, give or take one."""

    drawn = mixed_from(pool_of(60), reals(count), MixConfig("augment", 1), seed=seed).synthetic

    counts = Counter(example.provenance.criterion for example in drawn)
    assert abs(counts["A"] - 2 * count / 3) <= 1
    assert abs(counts["B"] - count / 3) <= 1


@settings(deadline=None, max_examples=40)
@given(count=st.integers(0, 60), seed=seeds)
def test_the_order_of_a_pool_is_the_one_that_every_draw_has_had(count: int, seed: int) -> None:
    """Stratified by what was asked for; a stored result stays comparable."""

    pool = pool_of(count)
    asked = [example.provenance.criterion for example in pool]

    assert draw_order(pool, seed=seed) == stratified_order(asked, random.Random(f"{seed}/draw"))


def test_the_seeded_order_does_not_change() -> None:
    """A run of last year is drawn as it was."""

    assert draw_order(pool_of(9), seed=1) == [1, 6, 8, 3, 0, 5, 7, 4, 2]


def test_the_pool_is_taken_in_the_order_in_which_it_comes() -> None:
    """A selection is an order, and the mix draws nothing of its own."""

    pool = pool_of(9)[::-1]

    assert mix(reals(10), pool, MixConfig("augment", 0.5), label_ids=("A", "B"), seed=3).synthetic == tuple(pool[:5])


@pytest.mark.parametrize("arm", ["augment", "synthetic_only"])
def test_a_count_stands_in_for_the_ratio(arm: str) -> None:
    assert len(mixed_from(pool_of(9), reals(4), MixConfig(arm, 0.5, count=7)).synthetic) == 7


def test_a_count_that_the_pool_lacks_says_what_can_be_had() -> None:
    """In the words of the key that was set."""

    message = (
        "mix.count=10, the pool has 7, 3 too few: lower mix.count to 7, or get a larger pool (generate.n, or llm.path=FILE)"
    )
    with pytest.raises(PoolError, match=re.escape(message)):
        mixed_from(pool_of(7), reals(4), MixConfig("augment", count=10))


def test_the_seed_decides_the_draw() -> None:
    """Replicates differ in their synthetic texts, and each can be had again."""

    config = MixConfig("augment", 1)
    first = mixed_from(pool_of(60), reals(10), config, seed=1)

    assert mixed_from(pool_of(60), reals(10), config, seed=1) == first
    assert set(first.synthetic) != set(mixed_from(pool_of(60), reals(10), config, seed=2).synthetic)


def test_a_pool_too_small_says_how_many_are_missing() -> None:
    """Nothing is resampled in silence."""

    message = (
        "mix.ratio=0.5 of 20 real texts takes 10 synthetic ones, the pool has 7, 3 too few: "
        "lower mix.ratio to 0.35, or get a larger pool (generate.n, or llm.path=FILE)"
    )
    with pytest.raises(PoolError, match=re.escape(message)):
        mixed_from(pool_of(7), reals(20), MixConfig("augment", 0.5), seed=1)


@settings(deadline=None, max_examples=60)
@given(count=st.integers(1, 300), missing=st.data())
def test_the_ratio_that_the_error_names_can_be_had(count: int, missing: st.DataObject) -> None:
    """A way out that leads into the same error would be none."""

    size = missing.draw(st.integers(1, 10 * count - 1))
    with pytest.raises(PoolError) as refused:
        mixed_from(pool_of(size), reals(count), MixConfig("augment", 10), seed=1)

    named = float(re.search(r"lower mix\.ratio to ([\d.]+),", str(refused.value)).group(1))
    assert needed(named, count) <= size


def test_an_empty_pool_is_not_to_be_mixed_at_ratio_0() -> None:
    """That would be the baseline under another name."""

    with pytest.raises(PoolError, match=r"the pool has 0, 5 too few: get a larger pool"):
        mixed_from([], reals(10), MixConfig("augment", 0.5), seed=1)


@pytest.mark.parametrize(("ratio", "pool"), [(0.0, 5), (0.01, 5)])
def test_a_mix_of_nothing_is_refused(ratio: float, pool: int) -> None:
    """A classifier cannot be trained on no text."""

    message = f"mix=synthetic_only with mix.ratio={ratio:g} holds no text to train on: raise mix.ratio"
    with pytest.raises(PoolError, match=re.escape(message)):
        mixed_from(pool_of(pool), reals(10), MixConfig("synthetic_only", ratio), seed=1)
