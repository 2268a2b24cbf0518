"""How many draws of texts a difference rests on."""

import numpy as np
import pytest

from support.grids import output, texts_of
from synthsweep.compare.grid import TestSet
from synthsweep.compare.result.effects import METRICS
from synthsweep.compare.stats.inference.effective_draws import EffectiveDraws, effective_draws, macro_draws
from synthsweep.compare.stats.scores.influence import run_influences, text_counts


def found(truth: np.ndarray, *runs: np.ndarray, group_size: int = 1) -> EffectiveDraws:
    """Of a contrast of all runs, in one block."""
    test = texts_of(truth, group_size)
    return effective_draws(test, predicted_by(test, *runs), np.array([[1.0, *[-1.0] * (len(runs) - 1)]]))


def predicted_by(test: TestSet, *runs: np.ndarray) -> np.ndarray:
    """(runs, criteria and micro) groups with a predicted text."""
    counts = text_counts(test)
    return np.stack([(run_influences(output(run), test, counts).predicted > 0).sum(axis=1) for run in runs])


def of(metric: str, table: np.ndarray) -> list[float]:
    return [float(value) for value in table[0, METRICS.index(metric)]]


# Positives: A in texts 0-3, B in texts 0-1. Predicted: A in texts 3-8 by the one run, 3-4 by the other; B in texts 0-4.
TRUTH = np.repeat([[1, 1], [1, 0], [0, 0]], [2, 2, 8], axis=0)
WIDE = np.repeat([[0, 1], [1, 1], [1, 0], [0, 0]], [3, 2, 4, 3], axis=0).astype(float)
NARROW = np.repeat([[0, 1], [1, 1], [0, 0]], [3, 2, 7], axis=0).astype(float)


def test_recall_rests_on_the_positives() -> None:
    """F1 and average precision too; micro on the texts with any."""

    draws = found(TRUTH, WIDE, NARROW).count

    for metric in ("recall", "f1", "average_precision"):
        assert of(metric, draws) == pytest.approx([4, 2, macro_draws(np.array([4.0, 2.0])), 4])


def test_precision_rests_on_the_predicted_where_they_are_fewer() -> None:
    """The mean of the runs': A 6 and 2, of 4 positives; then 2 and 2."""

    assert of("precision", found(TRUTH, WIDE, NARROW).count)[:2] == [4, 2]
    assert of("precision", found(TRUTH, NARROW, NARROW).count)[:2] == [2, 2]


def test_the_brier_score_rests_on_all_texts() -> None:
    assert of("brier", found(TRUTH, WIDE, NARROW).count) == [12] * 4


def test_a_group_is_one_draw() -> None:
    """Twelve texts of six groups, the positives of A in two of them and those of B in one."""

    draws = found(TRUTH, WIDE, NARROW, group_size=2).count

    assert of("recall", draws)[:2] == [2, 1]
    assert of("brier", draws) == [6] * 4


def test_the_floor_is_one_draw_over_the_four_cells() -> None:
    """1 / 2 (n + 1)^2 of what a draw moves: positives, predicted, their mean; a mean of criteria has their mean's variance."""

    floor = found(TRUTH, NARROW, NARROW).variance_floor

    assert of("recall", floor) == pytest.approx([1 / 50, 1 / 18, (1 / 50 + 1 / 18) / 4, 1 / 50])
    assert of("precision", floor)[:2] == pytest.approx([1 / 18, 1 / 72])
    assert of("f1", floor)[:2] == pytest.approx([1 / 32, 1 / (2 * 4.5**2)])
    assert of("brier", floor) == of("average_precision", floor) == [0.0] * 4


def test_the_floor_follows_the_weights() -> None:
    """A slope of a tenth per unit has a hundredth of the variance."""

    test = texts_of(TRUTH)
    weights = np.array([[1.0, -1.0], [0.1, -0.1]])

    plain, slope = effective_draws(test, predicted_by(test, NARROW, WIDE), weights).variance_floor

    np.testing.assert_allclose(slope, plain / 100)


def test_macro_rests_on_no_more_texts_than_there_are() -> None:
    """Criteria that the same texts show are no more draws than one of them."""

    draws = found(np.repeat([[1, 1, 1], [0, 0, 0]], 4, axis=0), np.ones((8, 3))).count

    assert of("recall", draws) == [4] * 5


def test_a_cell_without_weight_does_not_count() -> None:
    test = texts_of(TRUTH)
    predicted = predicted_by(test, NARROW, NARROW, np.zeros_like(NARROW))

    assert of("precision", effective_draws(test, predicted, np.array([[1.0, -1.0, 0.0]])).count)[:2] == [2, 2]


def test_the_rarest_criterion_decides_what_macro_rests_on() -> None:
    """Equal ones add their degrees of freedom; beside a rare one, common ones add little; none is none."""

    assert macro_draws(np.array([11.0] * 7)) == pytest.approx(71)
    assert 10 < macro_draws(np.array([10.0, 1000.0, 1000.0])) < 11
    assert macro_draws(np.array([0.0, 1.0])) == 0.0
