"""Intervals beside SciPy's t, formulas by hand, and laws that hold for all numbers."""

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from synthsweep.compare.stats.inference.effective_draws import EffectiveDraws
from synthsweep.compare.stats.inference.intervals import (
    Estimates,
    crossed,
    estimate,
    moderated,
    nested,
    overlapping,
    widest_of_resplits,
)
from synthsweep.compare.stats.inference.seed_variance import seed_clusters
from synthsweep.compare.stats.inference.text_variance import ObservedBlocks

VALUES = st.lists(st.floats(-1, 1).map(lambda value: round(value, 3)), min_size=2, max_size=12)
DIFFERENCES = [0.10, 0.16, 0.04, 0.14]


def with_texts(values: list[float], variance: float, draws: float = 21.0, least: float = 0.0) -> Estimates:
    observed = ObservedBlocks(column(values), np.array([variance]))
    return crossed(observed, EffectiveDraws(np.array([draws]), np.array([least])))


def column(values: list[float]) -> np.ndarray:
    return np.array(values)[:, None]


def assert_as_scipy(found: Estimates, test: Any) -> None:
    interval, expected = found.interval(0), test.confidence_interval()
    assert interval is not None
    assert (interval.low, interval.high) == pytest.approx((expected.low, expected.high), rel=1e-6, abs=1e-9)
    assert found.p[0] == pytest.approx(test.pvalue, rel=1e-6, abs=1e-9)
    assert found.degrees[0] == pytest.approx(test.df, rel=1e-6)


@given(VALUES)
def test_without_variance_of_texts_it_is_the_paired_t(values: list[float]) -> None:
    assume(np.ptp(values) > 1e-2)

    assert_as_scipy(with_texts(values, 0.0), stats.ttest_1samp(values, 0))


@given(VALUES)
def test_disjoint_texts_are_the_paired_t(values: list[float]) -> None:
    """Each block's texts vary with its seed."""

    assume(np.ptp(values) > 1e-2)

    assert_as_scipy(nested(column(values)), stats.ttest_1samp(values, 0))


def test_both_variances_are_weighed_by_their_own_t() -> None:
    """With 3 degrees for seeds and 20 for texts."""

    found, seeds = with_texts(DIFFERENCES, 0.0021), np.var(DIFFERENCES, ddof=1) / 4

    expected = np.sqrt(stats.t.ppf(0.975, 3) ** 2 * seeds + stats.t.ppf(0.975, 20) ** 2 * 0.0021)
    assert (found.seed_variance[0], found.text_variance[0]) == pytest.approx((seeds, 0.0021))
    assert found.half_width[0] == pytest.approx(expected)
    assert 3 < found.degrees[0] < 20


def test_where_nothing_differs_the_floor_remains() -> None:
    """Ten positives that both arms find in all blocks prove no equality. It is assumed, not estimated: the normal quantile."""

    found = with_texts([0.0, 0.0, 0.0], 0.0, draws=10, least=1 / 144)

    assert found.seed_variance[0] + found.text_variance[0] == pytest.approx(1 / 144)
    assert found.half_width[0] == pytest.approx(stats.norm.ppf(0.975) / 12, rel=1e-3)
    assert found.p[0] == pytest.approx(1.0)


def test_a_variance_below_the_floor_keeps_its_own_t() -> None:
    """Only what it lacks to the floor has the normal quantile: 0.002 of texts with 9 degrees, 0.003 assumed."""

    found = with_texts([0.1, 0.1, 0.1], 0.002, draws=10, least=0.005)

    expected = np.sqrt(stats.t.ppf(0.975, 9) ** 2 * 0.002 + stats.norm.ppf(0.975) ** 2 * 0.003)
    assert found.half_width[0] == pytest.approx(expected, rel=1e-3)
    assert found.text_variance[0] == pytest.approx(0.005)


def test_the_floor_does_not_widen_what_is_wider() -> None:
    """It is of the whole variance, no addition to it."""

    assert with_texts(DIFFERENCES, 0.02, draws=10, least=1 / 144).text_variance[0] == 0.02


def test_re_splits_are_corrected_for_what_they_share() -> None:
    """Nadeau and Bengio (2003): (1/S + test share) s^2, with S - 1 degrees."""

    found, spread = overlapping(column(DIFFERENCES), 0.25), np.var(DIFFERENCES, ddof=1)

    assert found.half_width[0] == pytest.approx(stats.t.ppf(0.975, 3) * np.sqrt((1 / 4 + 0.25) * spread))
    assert found.degrees[0] == pytest.approx(3)
    assert found.p[0] == pytest.approx(2 * stats.t.sf(np.mean(DIFFERENCES) / np.sqrt(spread / 2), 3))


def test_re_splits_that_differ_by_their_training_texts_alone_need_the_widest_intervals() -> None:
    """Each text moves a classifier that trains on it: the variance of the mean over five splits, beside what splits show."""
    rng, corpora, blocks, texts, held = np.random.default_rng(1), 4000, 5, 50, 10
    splits = rng.random((corpora, blocks, texts)).argsort(axis=2) >= held
    scores = np.einsum("cbt,ct->cb", splits, rng.normal(size=(corpora, texts)))
    needed = scores.mean(axis=1).var() / scores.var(axis=1, ddof=1).mean()

    share = held / (texts - held)
    assert widest_of_resplits(blocks, share) ** 2 * (1 / blocks + share) == pytest.approx(needed, rel=0.05)


def test_the_texts_relation_decides() -> None:
    """Shared texts are crossed, disjoint ones nested, re-splits corrected."""

    values, support = column(DIFFERENCES), EffectiveDraws(np.array([21.0]), np.array([0.0]))
    observed = ObservedBlocks(values, np.array([0.002]))
    relations = (("shared", 0.0), ("disjoint", 0.25), ("overlapping", 0.25))
    widths = [estimate(observed, texts, share, support).half_width[0] for texts, share in relations]  # type: ignore[arg-type]

    expected = [crossed(observed, support), nested(values), overlapping(values, 0.25)]
    assert widths == [one.half_width[0] for one in expected]


def test_one_pair_alone_has_no_interval_for_new_seeds() -> None:
    """Nor a p, nor a variance of seeds."""

    for found in (nested(column([0.1])), with_texts([0.1], 0.01), with_texts([0.1], np.nan)):
        interval = found.interval(0)
        assert interval is None or not interval.new_seeds
        assert np.isnan([found.p[0], found.seed_variance[0]]).all()
        assert found.difference[0] == 0.1


def test_one_pair_on_shared_texts_has_an_interval_for_new_texts() -> None:
    """By t with the degrees of the texts; their variance is at least the floor."""

    found, floored = with_texts([0.1], 0.0021), with_texts([0.1], 0.0, draws=10, least=1 / 144)

    assert found.half_width[0] == pytest.approx(stats.t.ppf(0.975, 20) * np.sqrt(0.0021))
    assert found.degrees[0] == pytest.approx(20)
    assert floored.half_width[0] == pytest.approx(stats.norm.ppf(0.975) / 12, rel=1e-3)


def test_folds_that_do_not_vary_have_no_interval() -> None:
    """That nothing varied does not prove that nothing would."""

    found = nested(column([0.1, 0.1, 0.1]))

    assert found.interval(0) is None
    assert np.isnan(found.p[0])


def test_undefined_pairs_are_left_out_and_counted() -> None:
    """The rest is as if they were not there."""

    found, rest = nested(column([0.1, np.nan, 0.3, 0.2])), nested(column([0.1, 0.3, 0.2]))

    assert found.pairs[0] == 3
    assert found.interval(0) == rest.interval(0)


def test_a_criterion_with_a_single_positive_has_no_interval() -> None:
    """One draw does not show how draws vary."""

    assert with_texts(DIFFERENCES, 0.01, draws=1.0).interval(0) is None


@given(VALUES, st.floats(1e-6, 0.05), st.integers(3, 500))
def test_p_is_the_level_at_which_the_interval_reaches_zero(values: list[float], variance: float, draws: int) -> None:
    """So p is below 0.05 exactly where the interval excludes 0."""

    assume(np.ptp(values) > 1e-2)
    found = with_texts(values, variance, draws)
    interval, t = found.interval(0), stats.t.isf(found.p[0] / 2, (len(values) - 1, draws - 1))

    assert interval is not None
    assert interval.excludes_zero == (found.p[0] < 0.05)
    assume(found.p[0] > 1e-12)
    reached = np.sqrt(t[0] ** 2 * found.seed_variance[0] + t[1] ** 2 * found.text_variance[0])
    assert reached == pytest.approx(abs(found.difference[0]), rel=1e-5, abs=1e-6)


@given(VALUES, st.floats(1e-6, 0.05), st.integers(3, 500))
def test_the_degrees_are_those_of_the_t_that_the_interval_has(values: list[float], variance: float, draws: int) -> None:
    """Between those of its two variances."""

    assume(np.ptp(values) > 1e-2)
    found = with_texts(values, variance, draws)
    error = np.sqrt(found.seed_variance[0] + found.text_variance[0])

    assert found.half_width[0] == pytest.approx(stats.t.ppf(0.975, found.degrees[0]) * error, rel=1e-6)
    ends = sorted([len(values) - 1, draws - 1])
    assert ends[0] * (1 - 1e-6) <= found.degrees[0] <= ends[1] * (1 + 1e-6)


@pytest.mark.parametrize("spreads", [(1, 1, 1), (2, 0, 1), (0, 0, 1), (2, 2, 0.2)])
def test_seeds_that_cross_are_moderated_source_by_source(spreads: tuple[float, float, float]) -> None:
    """3 draws x 4 initialisations, seven criteria: nearly as often right, and far narrower than each criterion alone."""

    rng, studies = np.random.default_rng(1), 300
    blocks = [f"seeds.draw={draw} seeds.init={init}" for draw in range(3) for init in range(4)]
    clusters = seed_clusters(blocks)
    draw, init, rest = (size * rng.normal(size=(count, 7 * studies)) for size, count in zip(spreads, (3, 4, 12), strict=True))
    plain = nested(draw[clusters[0]] + init[clusters[1]] + rest, clusters)

    found = moderated(plain, list(np.arange(7 * studies).reshape(studies, 7)))

    assert np.mean(np.abs(found.difference) <= found.half_width) >= 0.93
    assert np.mean(found.half_width) < 0.75 * np.mean(plain.half_width)
    assert np.all(found.seeds.degrees >= plain.seeds.degrees)
    assert found.plain.half_width == pytest.approx(plain.half_width)
