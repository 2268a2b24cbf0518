"""The scores of runs on their test texts as they are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

from support.grids import against, grid_of, output, random_grid, texts_of
from synthsweep.compare.result.effects import METRICS
from synthsweep.compare.stats.effects import analyse
from synthsweep.compare.stats.scores.observed import average_precision, score_cells
from synthsweep.evaluate.metrics import evaluate
from synthsweep.evaluate.predictions import Predictions


@given(rows=st.lists(st.tuples(st.sampled_from([0.0, 0.2, 0.5, 0.500001, 1.0]), st.booleans()), min_size=1, max_size=40))
def test_average_precision_is_that_of_scikit_learn(rows: list[tuple[float, bool]]) -> None:
    """With ties; undefined without a positive."""

    scores, truth = (np.array(column) for column in zip(*rows, strict=True))
    found = average_precision(scores, truth)

    if truth.any():
        assert found == pytest.approx(average_precision_score(truth, scores), abs=1e-12)
    else:
        assert np.isnan(found)


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


def test_scores_that_an_analysis_has_already_are_the_same_and_are_taken_from_it() -> None:
    """Only cells that no contrast names are scored again."""
    grid = random_grid(np.random.default_rng(2), {"a": 0.5, "b": 2.0, "alone": 1.0}, blocks=2)
    known = analyse(grid, against("a", "b"), primary="f1", rng=np.random.default_rng(0)).scores

    assert sorted(known) == ["a", "b"]
    np.testing.assert_allclose(score_cells(grid, known), score_cells(grid), rtol=1e-12)
    assert np.isnan(score_cells(grid, {"a": np.full_like(known["a"], np.nan)})[0]).all()


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
