"""Moderated variances: Smyth's formulas by hand, what they estimate, and what intervals with three seeds cover."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.special import digamma, polygamma

from synthsweep.compare.stats.inference.moderation import inverse_trigamma, moderate, prior_of, stand_out


@given(st.floats(1e-3, 1e3))
def test_the_inverse_of_trigamma(value: float) -> None:
    assert polygamma(1, inverse_trigamma(value)) == pytest.approx(value, rel=1e-6)


def test_a_worked_example() -> None:
    """Three variances with two degrees, 1, 10 and 1000: Smyth's (2004) prior, of which the largest gets fewer degrees."""

    variances, degrees = np.array([1.0, 10.0, 1000.0]), np.full(3, 2.0)
    logs = np.log(variances) - digamma(1)
    half = inverse_trigamma(np.var(logs, ddof=1) - polygamma(1, 1))
    level = np.exp(logs.mean() + digamma(half) - np.log(half))

    tail = stats.f.sf(1000 / level, 2, 2 * half)
    prior = 2 * half * np.array([1.0, 1.0, tail / 0.25])

    found, own = moderate(variances, degrees)

    assert prior_of(variances, degrees) == pytest.approx((level, 2 * half))
    assert tail < 0.25
    assert list(own) == pytest.approx(2 + prior)
    assert found == pytest.approx((prior * level + 2 * variances) / (prior + 2))


def test_a_criterion_that_varies_far_more_than_the_others_keeps_most_of_its_own_variance() -> None:
    """It stands out, and no other does; nor does one that varies less, or one that is undefined."""
    variances, degrees = np.array([1.0, 1.2, 0.8, 1.1, 0.9, 0.0, np.nan, 900.0]), np.full(8, 4.0)

    found, own = moderate(variances, degrees)

    assert found[-1] == pytest.approx(900.0, rel=0.05)
    assert own[-1] == pytest.approx(4.0, rel=0.05)
    assert list(stand_out(variances, degrees)) == [False] * 7 + [True]


@pytest.mark.parametrize("variances", [[], [1.0, 1.0, 900.0], [0.0, 0.0, 0.0, 1.0], [np.nan] * 7])
def test_among_too_few_criteria_none_stands_out(variances: list[float]) -> None:
    assert not stand_out(np.array(variances), np.full(len(variances), 4.0)).any()


def test_criteria_that_agree_share_their_variance_as_far_as_they_know_it() -> None:
    """Equal variances: the prior has at most the degrees of the other criteria."""

    found, degrees = moderate(np.full(7, 2.0), np.full(7, 2.0))

    assert list(degrees) == [14.0] * 7
    assert np.all(found > 2.0)


@pytest.mark.parametrize("variances", [[1.0, 2.0], [0.0, 0.0, 0.0, 1.0], [np.nan, 1.0, 2.0]])
def test_too_few_criteria_change_nothing(variances: list[float]) -> None:
    """Two that vary, or none, or one undefined."""

    found, degrees = moderate(np.array(variances), np.full(len(variances), 2.0))

    np.testing.assert_array_equal(found, variances)
    assert set(degrees) == {2.0}


def test_what_is_undefined_stays_so_and_what_never_varied_gets_some() -> None:
    """That three seeds gave one score proves no constancy."""

    found, _ = moderate(np.array([np.nan, 0.0, 1.0, 1.2, 0.9]), np.array([np.nan, 2.0, 2.0, 2.0, 2.0]))

    assert np.isnan(found[0])
    assert 0 < found[1] < 1.5


@pytest.mark.parametrize("ratio", [1.0, 2.0, 4.0])
def test_intervals_of_three_seeds_cover_as_promised(ratio: float) -> None:
    """0.93 at least over seven criteria, alike or with standard deviations up to four times apart, and far narrower."""

    rng, sizes = np.random.default_rng(1), np.geomspace(1, ratio, 7)
    values = rng.normal(size=(1500, 3, 7)) * sizes
    plain = values.var(axis=1, ddof=1)
    found = [moderate(one, np.full(7, 2.0)) for one in plain]
    variances, degrees = (np.stack(part) for part in zip(*found, strict=True))
    half = stats.t.ppf(0.975, degrees) * np.sqrt(variances / 3)

    assert np.mean(np.abs(values.mean(axis=1)) <= half) >= 0.93
    assert np.mean(half) < 0.8 * np.mean(stats.t.ppf(0.975, 2) * np.sqrt(plain / 3))


def test_the_noisiest_criterion_is_covered_better_than_by_one_prior_for_all() -> None:
    """One of seven criteria varies eight times as much, three seeds: 0.80 with the same prior degrees for all."""
    rng, degrees = np.random.default_rng(1), np.full(7, 2.0)
    values = rng.normal(size=(1000, 3, 7)) * np.array([1.0] * 6 + [8.0])
    found = np.array([moderate(one, degrees) for one in values.var(axis=1, ddof=1)])
    half = stats.t.ppf(0.975, found[:, 1]) * np.sqrt(found[:, 0] / 3)

    assert np.mean(np.abs(values.mean(axis=1)) <= half, axis=0)[-1] >= 0.88
