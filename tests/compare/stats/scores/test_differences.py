import numpy as np
import pytest

from support.grids import grid_of, output, random_grid, texts_of
from support.resampled import Differences
from synthsweep.compare.stats.scores.differences import baseline_and_arm, weighted_sums
from synthsweep.compare.stats.scores.kernel import base_counts, scorer
from synthsweep.compare.stats.scores.observed import score_cells

NAN = np.nan


def test_a_difference_is_undefined_where_any_of_its_cells_is() -> None:
    """And only there: a cell without weight does not matter."""

    scores = np.array([[0.5, NAN, 0.2], [0.7, 0.3, 0.1], [NAN, 0.4, 0.6]])
    weights = np.array([[-1.0, 1.0, 0.0], [0.0, -1.0, 1.0], [-0.5, -0.5, 1.0]])

    expected = [[0.2, NAN, -0.1], [NAN, 0.1, 0.5], [NAN, NAN, 0.45]]
    np.testing.assert_allclose(weighted_sums(weights, scores), expected)


def test_a_macro_difference_compares_the_criteria_that_both_cells_have() -> None:
    """The baseline predicts no B: precision is compared in A alone, though the arm's macro would count both."""

    truth = np.array([[1, 0], [0, 1], [1, 1]])
    test = texts_of(truth)
    baseline, arm = (
        output(np.array([[0.9, 0.1], [0.9, 0.1], [0.1, 0.1]])),
        output(np.array([[0.9, 0.9], [0.1, 0.9], [0.9, 0.1]])),
    )
    statistic = Differences([scorer(run, test) for run in (baseline, arm)], base_counts(test), np.array([[-1.0, 1.0]]))

    precision = statistic(np.ones((3, 1)))[0, 0, :, 0]

    np.testing.assert_allclose(precision, [0.5, NAN, 0.5, 3 / 4 - 1 / 2])


def test_baseline_and_arm_are_means_over_the_compared_criteria_and_blocks() -> None:
    """So that they differ by the mean difference: here of A in one block and B in two."""

    truth = np.array([[1, 1], [0, 1], [0, 0]])
    some = np.array([[0.9, 0.9], [0.9, 0.1], [0.1, 0.9]])
    mixed = np.where([True, False], 0, some)
    grid = grid_of([texts_of(truth)] * 2, {"base": [output(some), output(mixed)], "arm": [output(some), output(some)]})

    baseline, arm = baseline_and_arm(np.array([[-1.0, 1.0]]), score_cells(grid))

    np.testing.assert_allclose(baseline[0, 0], [0.5, 0.5, 0.5, (2 / 4 + 1 / 2) / 2])
    np.testing.assert_allclose(arm[0, 0], [0.5, 0.5, 0.5, 2 / 4])
    assert np.all(np.isnan(baseline_and_arm(np.array([[-1.0, 1.0]]), np.full((2, 2, 5, 4), NAN))[0]))


def test_an_arm_of_several_cells_is_their_mean() -> None:
    """Their weights are scaled to a sum of 1."""

    grid = random_grid(np.random.default_rng(0), {"a": 0.5, "b": 1.0, "c": 2.0})
    scores = score_cells(grid)

    baseline, arm = baseline_and_arm(np.array([[-1.0, -1.0, 2.0]]), scores)

    np.testing.assert_allclose(baseline[0, 1, 0], scores[:2, :, 1, 0].mean())
    np.testing.assert_allclose(arm[0, 1, 0], scores[2, :, 1, 0].mean())


@pytest.mark.parametrize("draws", [1, 7])
def test_a_difference_under_weights_is_that_of_the_weighted_scores(draws: int) -> None:
    rng = np.random.default_rng(1)
    grid = random_grid(rng, {"a": 0.5, "b": 1.0, "c": 2.0}, blocks=1)
    test, weights = grid.tests[0], rng.poisson(1.0, (80, draws)).astype(float)
    runs = [scorer(cell.outputs[0], test) for cell in grid.cells]
    base = base_counts(test)

    found = Differences(runs, base, np.array([[-1.0, 0.5, 0.5]]))(weights)

    a, b, c = (run.scores(base @ weights, weights) for run in runs)
    np.testing.assert_allclose(found[0][:, [0, 1, 2, 4]], (b + c) / 2 - a, atol=1e-12)
