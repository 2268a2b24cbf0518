"""Bounds of a test that looks several times."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtri

from synthsweep.compare.stats.sequential import ALPHA, conditional_power, levels, spent

FIFTHS = [0.2, 0.4, 0.6, 0.8, 1.0]


def test_five_equal_looks_have_the_published_bounds() -> None:
    """Two-sided 5 %, O'Brien-Fleming type, as Lan and DeMets' program gives them."""

    bounds = [-ndtri(level / 2) for level in levels(FIFTHS, FIFTHS)]

    assert bounds == pytest.approx([4.8769, 3.3569, 2.6803, 2.2898, 2.0310], abs=2e-4)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.floats(0.05, 1.0), min_size=1, max_size=4), st.integers(0, 1000))
def test_all_looks_together_find_what_is_not_there_in_a_twentieth(shares: list[float], seed: int) -> None:
    """Whatever the information at the looks, the last of which spends the rest; by 20,000 walks."""
    information = sorted(shares)
    spending = [*information[:-1], 1.0]
    found = levels(information, spending)
    rng = np.random.default_rng(seed)
    steps = np.sqrt(np.diff([0.0, *information])) * rng.standard_normal((20_000, len(information)))
    scores = np.abs(np.cumsum(steps, axis=1)) / np.sqrt(information)

    crossed = (scores >= -ndtri(np.array(found) / 2)).any(axis=1).mean()

    # Looks that are almost one are taken for a little apart, and find a little less.
    assert 0.042 < crossed < 0.0565


def test_a_look_without_new_information_has_nothing_to_spend() -> None:
    """The last look spends the rest all the same."""

    assert levels([0.5, 0.5], [0.5, 0.5])[1] == 0
    assert levels([0.0, 0.4], [0.0, 1.0]) == [0.0, pytest.approx(ALPHA)]


def test_what_is_spent_grows_to_the_whole() -> None:
    """Early looks spend next to nothing."""
    fractions = np.linspace(0, 1, 21)

    amounts = [spent(float(fraction)) for fraction in fractions]

    assert amounts == sorted(amounts)
    assert (amounts[0], amounts[-1]) == (0.0, pytest.approx(ALPHA))
    assert amounts[4] < 1e-5


@settings(max_examples=10, deadline=None)
@given(st.floats(-3, 3), st.floats(-3, 3), st.floats(0.1, 0.9), st.integers(0, 1000))
def test_conditional_power_is_the_share_of_continued_studies_that_find_something(
    estimate: float, true: float, fraction: float, seed: int
) -> None:
    """By drawing how 20,000 studies go on; the error of the estimate so far is 1."""
    rng = np.random.default_rng(seed)
    information, last = 1.0, 1.0 / fraction
    rest = true + rng.standard_normal(20_000) / np.sqrt(last - information)
    final = (estimate * information + rest * (last - information)) / last

    found = np.mean(np.abs(final) * np.sqrt(last) >= -ndtri(ALPHA / 2))

    assert conditional_power(estimate, 1.0, true, fraction) == pytest.approx(found, abs=0.015)
