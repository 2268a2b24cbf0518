"""Logistic regression on the features of texts: its probabilities, and what it does where a label cannot be learnt."""

import numpy as np
import pytest
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from synthsweep.examples import UNKNOWN
from synthsweep.train.linear.regression import fit_regressions


def drawn(seed: int = 0, count: int = 4000) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows, the probability of a rare and of a frequent label, and labels that are drawn with it."""
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(count, 3))
    known = expit(rows @ np.array([[1.0, -0.5], [0.5, 1.0], [0.0, 0.3]]) + np.array([-2.5, 1.0]))
    return rows, known, (rng.random(known.shape) < known).astype(int)


def test_probabilities_are_those_with_which_the_labels_were_drawn() -> None:
    """Though both classes weigh the same in the fit, which by itself would draw a rare label towards a half."""
    rows, known, truth = drawn()

    found = fit_regressions(rows, truth, "multi", inverse_penalty=100.0).probabilities(rows)

    assert np.abs(found - known).mean() < 0.03
    assert found.mean(axis=0) == pytest.approx(truth.mean(axis=0), abs=0.02)


def test_scores_are_those_of_scikit_learns_balanced_regression() -> None:
    """The probabilities rank the texts of a label in the same order."""
    rows, _, truth = drawn(count=300)
    fitted = fit_regressions(rows, truth, "multi")

    for column in range(2):
        reference = LogisticRegression(class_weight="balanced", max_iter=1000).fit(rows, truth[:, column])
        assert fitted.scores(rows)[:, column] == pytest.approx(reference.decision_function(rows), abs=1e-3)
        assert np.array_equal(np.argsort(fitted.scores(rows)[:, column]), np.argsort(fitted.probabilities(rows)[:, column]))


def test_a_weight_of_two_is_the_same_as_the_text_twice_and_a_weight_of_zero_as_none() -> None:
    rows, _, truth = drawn(count=200)
    weights = np.array([2.0, 0.0] * 100)
    twice = np.repeat(np.arange(0, 200, 2), 2)

    weighted = fit_regressions(rows, truth, "multi", weights=weights).probabilities(rows)

    assert weighted == pytest.approx(fit_regressions(rows[twice], truth[twice], "multi").probabilities(rows), abs=1e-3)


def test_what_nobody_decided_on_is_left_out() -> None:
    rows, _, truth = drawn(count=200)
    masked = truth.copy()
    masked[::2, 0] = UNKNOWN

    found = fit_regressions(rows, masked, "multi").probabilities(rows)

    assert found[:, 0] == pytest.approx(fit_regressions(rows[1::2], truth[1::2], "multi").probabilities(rows)[:, 0])


def test_a_label_without_both_classes_has_one_probability_within_0_and_1() -> None:
    """None has it, all have it, and nobody decided: Jeffreys' estimate of its share."""
    rows = drawn(count=9)[0]
    truth = np.column_stack([np.zeros(9, int), np.ones(9, int), np.full(9, UNKNOWN)])

    fitted = fit_regressions(rows, truth, "multi")

    assert fitted.unlearnt == [0, 1, 2]
    assert fitted.probabilities(rows[:2]).tolist() == [[0.05, 0.95, 0.5]] * 2


@pytest.mark.parametrize("present", [(0, 2), (1,)])
def test_of_classes_the_probabilities_sum_to_one_and_one_without_a_text_has_none(present: tuple[int, ...]) -> None:
    """Their means are the shares of the classes in the training texts."""
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(400, 2))
    classes = np.array([present[0] if row[0] + rng.normal() > -1 else present[-1] for row in rows])
    truth = np.eye(3, dtype=int)[classes]

    fitted = fit_regressions(rows, truth, "single", inverse_penalty=100.0)
    found = fitted.probabilities(rows)

    assert found.sum(axis=1) == pytest.approx(np.ones(400))
    assert found.mean(axis=0) == pytest.approx(truth.mean(axis=0), abs=0.02)
    assert fitted.unlearnt == [place for place in range(3) if place not in present]
