"""Intervals that hold together: the two extremes, SciPy's multivariate normal, laws, and what a family of them covers."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.stats import multivariate_normal

from synthsweep.compare.stats.inference.intervals import moderated, nested
from synthsweep.compare.stats.inference.simultaneous import JointErrors, family_level, shrunk
from synthsweep.compare.stats.inference.text_variance import ObservedBlocks

HADAMARD = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]], dtype=float)


def errors(values: np.ndarray, contributions: np.ndarray | None = None) -> JointErrors:
    """Of blocks with (blocks, estimands) values; `contributions` are means over the blocks, (estimands, groups)."""
    found = nested(values)
    if contributions is None:
        return JointErrors(ObservedBlocks(values, np.zeros(values.shape[1])), found)
    texts, groups = (contributions**2).sum(axis=1), np.full(values.shape[1], contributions.shape[1] - 1.0)
    observed = ObservedBlocks(values, texts, contributions * len(values))
    return JointErrors(observed, replace(found, text_variance=texts, text_degrees=groups))


def test_independent_errors_take_sidaks_level() -> None:
    """Of three criteria whose differences are orthogonal over four seeds: t of 3 degrees at 1 - 0.95 ** (1 / 3)."""

    found = errors(0.1 + 0.02 * HADAMARD).half_widths(np.arange(3))

    tail = (1 - 0.95 ** (1 / 3)) / 2
    expected = stats.t.ppf(1 - tail, 3) * np.std(0.02 * HADAMARD[:, 0], ddof=1) / 2
    assert found == pytest.approx([expected] * 3, rel=0.01)


def test_errors_that_are_one_take_the_single_level() -> None:
    """Three criteria that change alike hold together as often as each alone, whatever their size."""

    column = np.array([0.1, 0.16, 0.04, 0.14, 0.2])[:, None]
    joint = errors(column * np.array([1.0, 2.0, -3.0]))

    assert joint.half_widths(np.arange(3)) == pytest.approx(joint.estimates.half_width, rel=1e-6)
    assert joint.mean_correlation(np.arange(2)) == pytest.approx(1.0)


@pytest.mark.parametrize(("size", "correlation"), [(3, 0.5), (7, 0.3), (7, 0.9)])
def test_the_level_is_that_of_the_multivariate_normal(size: int, correlation: float) -> None:
    """All of them lie within its quantile with the probability 0.95, as SciPy integrates it."""

    matrix = np.full((size, size), correlation) + (1 - correlation) * np.eye(size)
    reach = np.full(size, stats.norm.isf(family_level(matrix) / 2))

    inside = multivariate_normal(cov=matrix, seed=0).cdf(reach, lower_limit=-reach)
    assert inside == pytest.approx(0.95, abs=0.002)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 8), st.integers(1, 6))
def test_a_family_lies_between_the_single_interval_and_sidaks(seed: int, blocks: int, size: int) -> None:
    """Whatever the values; the same ones twice give the same widths."""

    rng = np.random.default_rng(seed)
    values, contributions = rng.normal(size=(blocks, size)), rng.normal(size=(size, 20)) / 10
    joint, places = errors(values, contributions), np.arange(size)

    found, tail = joint.half_widths(places), np.full(size, (1 - 0.95 ** (1 / size)) / 2)
    assert np.all(found >= joint.estimates.half_width * (1 - 1e-9))
    assert np.all(found <= joint.estimates.half_width_at(tail) * (1 + 1e-9))
    np.testing.assert_array_equal(found, errors(values, contributions).half_widths(places))


def test_what_has_no_interval_is_outside_the_family() -> None:
    """The others are as if it were not there."""

    values = np.random.default_rng(0).normal(size=(5, 3))
    with_gap = np.column_stack([values[:, 0], np.full(5, np.nan), values[:, 1:]])

    found = errors(with_gap).half_widths(np.arange(4))

    assert np.isnan(found[1])
    assert found[[0, 2, 3]] == pytest.approx(errors(values).half_widths(np.arange(3)))
    assert np.isnan(errors(np.full((3, 2), 0.1)).half_widths(np.arange(2))).all()


def test_few_seeds_say_little_of_correlation() -> None:
    """One degree says nothing; without correlation, the mean square is 1 / degrees, which shrinks to 0 on average."""

    rng = np.random.default_rng(1)
    matrices = [np.corrcoef(rng.normal(size=(4, 3)), rowvar=False) for _ in range(300)]
    kept = np.mean([shrunk(one, 3.0)[0, 1] ** 2 for one in matrices])

    assert shrunk(matrices[0], 1.0) == pytest.approx(np.eye(3))
    assert kept < 0.5 * np.mean([one[0, 1] ** 2 for one in matrices])
    assert shrunk(np.ones((3, 3)), 2.0) == pytest.approx(np.ones((3, 3)))


@pytest.mark.slow
@pytest.mark.parametrize("correlation", [0.0, 0.6])
def test_a_family_of_seven_criteria_holds_in_95_of_100_studies(correlation: float) -> None:
    """With three seeds, moderated, and 150 texts; single intervals do so in 9 of 10 at most."""

    rng, places, held = np.random.default_rng(3), np.arange(7), []

    def drawn(count: int) -> np.ndarray:
        shared = np.sqrt(correlation) * rng.normal(size=(count, 1))
        return np.asarray(shared + np.sqrt(1 - correlation) * rng.normal(size=(count, 7)))

    for _ in range(250):
        of_texts = drawn(150) / 150
        joint = errors(drawn(3) * 0.1 + of_texts.sum(axis=0), (of_texts - of_texts.mean(axis=0)).T)
        joint = replace(joint, estimates=moderated(joint.estimates, [places]))
        sizes = np.abs(joint.estimates.difference)
        held.append(((sizes <= joint.half_widths(places)).all(), (sizes <= joint.estimates.half_width).all()))

    together, single = np.mean(held, axis=0)
    assert together >= 0.93
    assert single < 0.9
