"""Thresholds beside a search through all that there are."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthsweep.evaluate.thresholds import UNTUNED, best_f1_threshold, choose_thresholds

# Coarse values give ties; those near 0 and 1 are as close to each other as floats can be.
NEIGHBOURS = [0.0, 5e-324, 1e-323, 1 - 2**-51, 1 - 2**-52, 1 - 2**-53, 1.0]
VALUES = st.one_of(st.integers(0, 20).map(lambda value: value / 20), st.sampled_from(NEIGHBOURS), st.floats(0, 1))
ROWS = st.lists(st.tuples(st.booleans(), VALUES), min_size=1, max_size=25)


def f1_at(truth: np.ndarray, probabilities: np.ndarray, threshold: float) -> float:
    predicted = probabilities >= threshold
    found = int((truth & predicted).sum())
    return 2 * found / (int(truth.sum()) + int(predicted.sum()))


def columns(rows: list[tuple[bool, float]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([truth for truth, _ in rows]), np.array([value for _, value in rows])


@given(ROWS)
@settings(max_examples=150, deadline=None)
def test_no_threshold_has_a_better_f1(rows: list[tuple[bool, float]]) -> None:
    """Every probability is tried as the threshold."""
    truth, probabilities = columns(rows)
    found = best_f1_threshold(truth, probabilities)

    if not truth.any():
        assert found is None
        return
    best = max(f1_at(truth, probabilities, value) for value in probabilities)
    assert f1_at(truth, probabilities, found) == pytest.approx(best)


def test_a_threshold_lies_midway_to_the_next_lower_probability() -> None:
    """So that a text a little below the lowest positive of dev is found too."""
    assert best_f1_threshold(np.array([0, 0, 1, 1]), np.array([0.1, 0.25, 0.75, 0.9])) == 0.5


def test_a_threshold_with_nothing_below_it_is_the_lowest_probability() -> None:
    """There is no gap to put it into."""
    assert best_f1_threshold(np.array([1, 1]), np.array([0.3, 0.9])) == 0.3


def test_each_criterion_is_tuned_by_itself_and_one_without_positives_keeps_a_half() -> None:
    """Nothing can be tuned on a criterion that dev does not show."""
    truth = np.array([[0, 1, 0], [1, 0, 0]])
    probabilities = np.array([[0.2, 0.8, 0.9], [0.6, 0.1, 0.7]])

    assert choose_thresholds("dev_f1", truth, probabilities).tolist() == pytest.approx([0.4, 0.45, UNTUNED])
    assert UNTUNED == 0.5


@pytest.mark.parametrize("policy", [0.25, 0, 1, "0.25"])
def test_a_number_is_the_threshold_of_every_criterion(policy: float | str) -> None:
    """Dev then plays no part."""
    found = choose_thresholds(policy, np.array([[0, 1, 0]]), np.array([[0.2, 0.8, 0.9]]))

    assert found.tolist() == [float(policy)] * 3
