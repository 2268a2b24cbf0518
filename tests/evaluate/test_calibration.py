"""Calibration beside a plain loop."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthsweep.evaluate.calibration import ReliabilityBin, expected_calibration_error, reliability

ROWS = st.lists(st.tuples(st.integers(0, 1), st.floats(0, 1)), min_size=1, max_size=40)


def plain_error(rows: list[tuple[int, float]], bins: int) -> float:
    total = 0.0
    for position in range(bins):
        inside = [row for row in rows if min(int(row[1] * bins), bins - 1) == position]
        if inside:
            rate = sum(truth for truth, _ in inside) / len(inside)
            confidence = sum(value for _, value in inside) / len(inside)
            total += len(inside) / len(rows) * abs(rate - confidence)
    return total


@given(ROWS, st.integers(2, 15))
@settings(max_examples=100, deadline=None)
def test_the_error_is_that_of_a_plain_loop_over_the_bins(rows: list[tuple[int, float]], bins: int) -> None:
    """Naeini et al. 2015, with bins of equal width."""
    truth, probabilities = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])

    assert plain_error(rows, bins) == pytest.approx(expected_calibration_error(truth, probabilities, bins), abs=1e-12)


@given(ROWS, st.integers(2, 15))
@settings(max_examples=60, deadline=None)
def test_every_example_is_in_one_bin(rows: list[tuple[int, float]], bins: int) -> None:
    """Those with probability 0 and 1 too."""
    truth, probabilities = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    found = reliability(truth, probabilities, bins)

    assert sum(b.count for b in found) == len(rows)
    assert truth.sum() == pytest.approx(sum(b.count * b.positive_rate for b in found))
    assert [b.mean_probability for b in found] == sorted(b.mean_probability for b in found)


def test_empty_bins_are_left_out() -> None:
    """They have no rate that a curve could show."""
    found = reliability(np.array([0, 1, 1]), np.array([0.25, 0.125, 1.0]), bins=2)

    assert found == [ReliabilityBin(2, 0.1875, 0.5), ReliabilityBin(1, 1.0, 1.0)]


@pytest.mark.parametrize(("probability", "expected"), [(1.0, 0.0), (0.0, 1.0), (0.75, 0.25)])
def test_the_error_of_a_sure_event_is_what_its_probability_lacks(probability: float, expected: float) -> None:
    assert expected_calibration_error(np.ones(4), np.full(4, probability), bins=10) == expected
