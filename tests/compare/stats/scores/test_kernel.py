"""The weighted scores beside scikit-learn's, and those of whole runs beside `evaluate`."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn import metrics as reference

from support.grids import grid_of, output, random_grid, texts_of
from synthsweep.compare.grid import TestSet
from synthsweep.compare.result import METRICS
from synthsweep.compare.stats.scores.kernel import base_counts, score_cells, scorer
from synthsweep.evaluate.metrics import evaluate
from synthsweep.evaluate.predictions import Predictions

# Tenths, so that many texts tie and some lie at the threshold.
PROBABILITIES = st.integers(0, 10).map(lambda tenths: tenths / 10)


@st.composite
def weighted_runs(draw: st.DrawFn) -> tuple[TestSet, np.ndarray, np.ndarray]:
    """Texts in groups, probabilities, and three draws of weights for the groups, 0 among them."""
    size, texts = draw(st.integers(1, 3)), draw(st.integers(2, 24))
    truth = draw(arrays(int, (texts, 2), elements=st.integers(0, 1)))
    test = texts_of(truth, size)
    weights = draw(arrays(float, (test.group_count, 3), elements=st.integers(0, 4).map(float)))
    return test, draw(arrays(float, truth.shape, elements=PROBABILITIES)), weights


def expected_scores(truth: np.ndarray, chances: np.ndarray, weights: np.ndarray) -> list[float]:
    """In the order of METRICS; NaN where undefined."""
    if not weights.any():
        return [np.nan] * len(METRICS)
    decided, positives = chances >= 0.5, (weights * truth).sum()
    words = {"sample_weight": weights, "zero_division": np.nan}
    f1 = reference.f1_score(truth, decided, sample_weight=weights, zero_division=0.0)
    return [
        reference.precision_score(truth, decided, **words) if (weights * decided).any() else np.nan,
        reference.recall_score(truth, decided, **words) if positives else np.nan,
        f1 if positives else np.nan,
        reference.average_precision_score(truth, chances, sample_weight=weights) if positives else np.nan,
        np.average((chances - truth) ** 2, weights=weights),
    ]


@given(weighted_runs())
@settings(max_examples=60)
def test_weighted_scores_are_scikit_learns(case: tuple[TestSet, np.ndarray, np.ndarray]) -> None:
    """Of each criterion and of all pooled, under weights of groups; NaN exactly where there is nothing to divide by."""

    test, chances, weights = case
    found = scorer(output(chances), test).scores(base_counts(test) @ weights, weights)

    for draw in range(weights.shape[1]):
        each = weights[test.groups, draw]
        columns = [(test.truth[:, k], chances[:, k], each) for k in range(2)]
        pooled = (test.truth.ravel(), chances.ravel(), np.repeat(each, 2))
        expected = np.transpose([expected_scores(*column) for column in [*columns, pooled]])
        np.testing.assert_allclose(found[:, :, draw], expected, rtol=1e-12, atol=1e-12)


def test_many_draws_give_what_each_gives_alone() -> None:
    """However sums are run for many draws at once, in single precision."""

    rng = np.random.default_rng(0)
    grid = random_grid(rng, {"a": 1.0}, blocks=1, texts=200)
    run, base = scorer(grid.cells[0].outputs[0], grid.tests[0]), base_counts(grid.tests[0])
    weights = rng.poisson(1.0, (200, 130)).astype(np.float32)
    alone = [run.scores(base @ column, column) for column in np.split(weights.astype(float), 130, axis=1)]

    together = run.scores(base.astype(np.float32) @ weights, weights)

    assert together.dtype == np.float32
    np.testing.assert_allclose(together, np.concatenate(alone, axis=2), rtol=2e-6)


def test_the_scores_of_cells_are_those_that_a_run_logs() -> None:
    """To the last digits, macro and micro among them."""

    grid = random_grid(np.random.default_rng(1), {"a": 0.5, "b": 2.0}, blocks=2)
    found = score_cells(grid)

    for c, cell in enumerate(grid.cells):
        for b, run in enumerate(cell.outputs):
            test = grid.tests[b]
            predictions = Predictions("test", grid.labels, test.ids, (None,) * 80, test.truth, run.probabilities)
            logged = evaluate(predictions, run.thresholds, bins=10)
            expected = [[logged[f"{metric}/{name}"] for name in (*grid.labels, "macro", "micro")] for metric in METRICS]
            np.testing.assert_allclose(found[c, b], np.array(expected, dtype=float), rtol=1e-12)


def test_what_a_run_cannot_score_is_nan_and_left_out_of_macro() -> None:
    """A has no positive and B nothing predicted: recall of A, precision of B; macro is the other criterion's."""

    truth = np.array([[0, 1], [0, 0], [0, 1]])
    grid = grid_of([texts_of(truth)], {"a": [output(np.array([[0.9, 0.1], [0.1, 0.2], [0.1, 0.3]]))]})

    precision, recall, f1, average_precision, brier = score_cells(grid)[0, 0]

    np.testing.assert_equal(precision, [0, np.nan, 0, 0])
    np.testing.assert_equal(recall, [np.nan, 0, 0, 0])
    np.testing.assert_equal(f1, [np.nan, 0, 0, 0])
    assert np.isnan(average_precision[0])
    assert average_precision[2] == average_precision[1] == pytest.approx((1 + 2 / 3) / 2)
    assert brier[2] == pytest.approx((brier[0] + brier[1]) / 2)
