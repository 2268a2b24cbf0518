"""Shares with their intervals, and how many texts an interval takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from support.audits import texts_for
from synthsweep.audit.stats.shares import Share, half_width, share_of, weighted_share, wilson

COUNTS = st.integers(1, 3000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(COUNTS)
def test_wilsons_interval_is_that_of_scipy(count: tuple[int, int]) -> None:
    found, texts = count
    reference = binomtest(found, texts).proportion_ci(method="wilson")

    assert [*wilson(found / texts, texts)] == pytest.approx([*reference], abs=1e-12)


@given(COUNTS)
def test_the_half_width_is_half_of_the_interval(count: tuple[int, int]) -> None:
    """Where nothing is cut off at 0 and 1, which Wilson's interval never crosses."""
    low, high = wilson(count[0] / count[1], count[1])

    assert (high - low) / 2 == pytest.approx(half_width(count[0] / count[1], count[1]), abs=1e-12)
    assert 0 <= low <= count[0] / count[1] + 1e-12 <= high + 2e-12 <= 1 + 3e-12


@given(st.floats(0.005, 0.49), st.floats(0, 1))
def test_no_fewer_texts_give_the_wanted_interval(wanted: float, share: float) -> None:
    texts = texts_for(wanted, share)

    assert half_width(share, texts) <= wanted
    assert texts == 1 or half_width(share, texts - 1) > wanted


def test_known_numbers_of_texts() -> None:
    """Ten points either side take 93 texts, five take 381, if nothing is known of the share."""
    assert (texts_for(0.1), texts_for(0.05)) == (93, 381)
    assert half_width(0.83, 140) == pytest.approx(0.062, abs=0.0005)


def test_a_share_of_no_texts_is_undefined() -> None:
    assert share_of([]) == Share(0, None, None, None)
    assert weighted_share({"a": []}, {"a": 5}) == Share(0, None, None, None, 1.0)
    assert weighted_share({}, {}) == Share(0)


@given(st.lists(st.tuples(st.lists(st.booleans(), min_size=1, max_size=9)), min_size=1, max_size=6), st.integers(1, 9))
def test_strata_that_were_sampled_alike_need_no_weights(strata: list[tuple[list[bool]]], times: int) -> None:
    """Where each is as large as its sample, or so many times larger, it is the share of all texts."""
    found = {place: values for place, (values,) in enumerate(strata)}
    plain = share_of([value for values in found.values() for value in values])
    weighted = weighted_share(found, {place: times * len(values) for place, values in found.items()})

    assert plain.texts == weighted.texts
    assert [plain.value, plain.low, plain.high, 0] == pytest.approx(
        [weighted.value, weighted.low, weighted.high, weighted.uncovered], abs=1e-12
    )


def test_a_stratum_weighs_what_it_stands_for() -> None:
    """Nine tenths of the texts are in the second one; two of four, weighed 1 to 9, count as 1 / (0.01 / 2 + 0.81 / 2)."""
    share = weighted_share({"a": [True, True], "b": [True, False]}, {"a": 10, "b": 90})

    assert (share.texts, pytest.approx(share.value), share.uncovered) == (4, 0.55, 0.0)
    assert [*wilson(0.55, 1 / (0.01 / 2 + 0.81 / 2))] == pytest.approx([share.low, share.high])


def test_a_stratum_without_a_text_is_excluded_and_counted() -> None:
    """The share is that of the others; what is missing is a fourth of the texts."""
    share = weighted_share({"a": [True, False], "b": []}, {"a": 75, "b": 25})

    assert (share.value, share.uncovered) == (0.5, 0.25)


@given(st.lists(st.tuples(st.lists(st.booleans(), min_size=1, max_size=9), st.integers(1, 500)), min_size=1, max_size=6))
def test_unequal_weights_never_make_an_interval_narrower(strata: list[tuple[list[bool], int]]) -> None:
    found = {place: values for place, (values, _) in enumerate(strata)}
    share = weighted_share(found, {place: size for place, (_, size) in enumerate(strata)})

    assert share.value is not None
    assert (share.high or 0) - (share.low or 0) >= 2 * half_width(share.value, share.texts) - 1e-9


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(1, 5000)), min_size=1, max_size=20), st.booleans())
def test_all_or_none_are_exactly_that(strata: list[tuple[int, int]], word: bool) -> None:
    """A share that is nearly 1 would be shown as 99.9 %, and one above it would not be a share."""
    found = {place: [word] * texts for place, (texts, _) in enumerate(strata)}

    assert weighted_share(found, {place: size for place, (_, size) in enumerate(strata)}).value == float(word)
