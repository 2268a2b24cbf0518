"""The joint sign-flip beside SciPy's permutation test, and what it promises to a family."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import permutation_test

from synthsweep.compare.stats.inference.sign_flip import DRAWN_FLIPS, EXACT_BLOCKS, flips, sign_flip

RNG = np.random.default_rng(0)


@given(st.lists(st.integers(-9, 9), min_size=2, max_size=9))
@settings(max_examples=40)
def test_of_one_hypothesis_it_is_scipys(values: list[int]) -> None:
    """Exact, two-sided."""

    expected = permutation_test(
        (np.array(values, dtype=float),), np.mean, permutation_type="samples", n_resamples=np.inf, alternative="two-sided"
    )

    assert sign_flip(np.array(values, dtype=float)[:, None], RNG)[0] == pytest.approx(expected.pvalue)


def test_six_blocks_that_agree_are_two_of_64_flips() -> None:
    """The least p of 6 blocks; the least of 3 is 0.25."""

    assert sign_flip(np.full((6, 2), 0.1), RNG) == pytest.approx([2 / 64] * 2)
    assert sign_flip(np.full((3, 2), 0.1), RNG) == pytest.approx([2 / 8] * 2)


def test_an_effect_in_one_of_seven_is_found_at_six_blocks() -> None:
    """Where Holm on single sign-flips gives 7 x 2/64 at best."""

    differences = np.random.default_rng(4).normal(0, 0.1, (6, 7))
    differences[:, 2] = 0.3 + 0.01 * np.arange(6)

    p = sign_flip(differences, RNG)

    assert p[2] <= 0.05 < min(np.delete(p, 2))


@given(arrays(float, (5, 3), elements=st.integers(-9, 9).map(float)))
@settings(max_examples=40)
def test_a_family_makes_no_p_smaller(differences: np.ndarray) -> None:
    """The maximum over the family is at least each one's own statistic."""

    alone = [sign_flip(differences[:, [k]], RNG)[0] for k in range(3)]

    assert np.all(sign_flip(differences, RNG) >= np.array(alone) - 1e-12)


def test_hypotheses_that_are_the_same_cost_nothing() -> None:
    """One sign per block for all of them keeps their dependence; Bonferroni would multiply by five."""

    column = np.array([0.3, 0.1, 0.2, 0.4, 0.3, -0.1])[:, None]

    assert sign_flip(np.repeat(column, 5, axis=1), RNG) == pytest.approx([sign_flip(column, RNG)[0]] * 5)


def test_the_scale_of_a_hypothesis_does_not_matter_much() -> None:
    """A criterion whose scores vary ten times as much does not take the family for itself."""

    differences = np.random.default_rng(5).normal(0, 1.0, (10, 3))
    differences[:, 0] = 0.1 + 0.02 * np.random.default_rng(6).normal(size=10)

    assert sign_flip(differences, RNG)[0] > 0.05
    differences[:, 0] *= 10
    assert sign_flip(differences, RNG)[0] <= 0.05


def test_absent_blocks_flip_nothing() -> None:
    """As if the hypothesis had been tested on the others; without any block it is not tested."""

    whole = np.array([0.3, 0.1, 0.2, 0.4, -0.1])
    some = np.array([0.3, np.nan, 0.1, 0.2, 0.4, np.nan, -0.1])
    never = np.full(7, np.nan)

    p = sign_flip(np.stack([some, never], axis=1), RNG)

    np.testing.assert_allclose(p, [sign_flip(whole[:, None], RNG)[0], np.nan])


def test_differences_of_zero_are_no_evidence() -> None:
    """Their p is 1, beside others too."""

    assert sign_flip(np.zeros((6, 2)), RNG).tolist() == [1.0, 1.0]
    assert sign_flip(np.stack([np.zeros(6), np.ones(6)], axis=1), RNG)[0] == 1.0


def test_many_blocks_are_flipped_at_random() -> None:
    """Itself among the flips, so that p is never 0; close to the exact p otherwise."""

    assert flips(EXACT_BLOCKS + 1, RNG).shape == (DRAWN_FLIPS, EXACT_BLOCKS + 1)
    assert np.all(flips(EXACT_BLOCKS + 1, RNG)[0] == 1)
    assert sign_flip(np.ones((40, 1)), RNG)[0] == pytest.approx(1 / DRAWN_FLIPS)
    values = np.random.default_rng(7).normal(0.2, 0.5, 13)
    exact = permutation_test((values,), np.mean, permutation_type="samples", n_resamples=np.inf).pvalue
    assert sign_flip(values[:, None], RNG)[0] == pytest.approx(exact, abs=4 * np.sqrt(exact / DRAWN_FLIPS))


def test_without_effects_at_most_one_family_in_twenty_rejects() -> None:
    """800 families of seven dependent hypotheses at 6 blocks, within three standard errors."""

    rng = np.random.default_rng(8)
    studies = rng.normal(size=(800, 6, 7)) * [1, 1, 2, 5, 1, 1, 1] + rng.normal(size=(800, 6, 1))
    rejected = np.mean([sign_flip(study, rng).min() <= 0.05 for study in studies])

    assert rejected <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 800)
