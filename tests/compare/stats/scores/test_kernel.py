"""The weighted scores beside scikit-learn's, and those of whole runs beside `evaluate`."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn import metrics as reference

from support.grids import output, random_grid, texts_of
from synthsweep.compare.grid import TestSet
from synthsweep.compare.result.effects import METRICS
from synthsweep.compare.stats.scores.kernel import base_counts, scorer

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


@pytest.mark.slow
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
