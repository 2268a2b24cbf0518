"""Calibration beside a plain loop."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthsweep.evaluate.calibration import ReliabilityBin, expected_calibration_error, fit_temperature, reliability
from synthsweep.evaluate.predictions import Predictions
from synthsweep.examples import UNKNOWN

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


def dev_of(truth: np.ndarray, probabilities: np.ndarray, kind: str = "multi") -> Predictions:
    names = tuple(map(str, range(len(truth))))
    labels = tuple(f"L{place}" for place in range(truth.shape[1]))
    return Predictions("dev", labels, names, (None,) * len(names), truth, probabilities, kind=kind)


@pytest.mark.parametrize("factor", [0.5, 1.0, 3.0])
def test_the_temperature_undoes_what_logits_were_multiplied_by(factor: float) -> None:
    """It is found again, and the calibration error falls unless the factor is 1; unknown cells count for nothing."""
    rng = np.random.default_rng(1)
    logits = rng.normal(0, 1.5, (4000, 2))
    truth = (rng.random(logits.shape) < 1 / (1 + np.exp(-logits))).astype(int)
    wrong = 1 / (1 + np.exp(-factor * logits))
    found = fit_temperature(dev_of(truth, wrong))
    masked = np.vstack([truth, np.full((500, 2), UNKNOWN)])

    assert found is not None
    assert found == pytest.approx(factor, rel=0.1)
    assert fit_temperature(dev_of(masked, np.vstack([wrong, np.full((500, 2), 0.99)]))) == pytest.approx(found, rel=1e-4)
    right = 1 / (1 + np.exp(-factor * logits / found))
    before, after = (expected_calibration_error(truth.ravel(), p.ravel(), 10) for p in (wrong, right))
    assert after < 0.02
    assert factor == 1.0 or before > 2 * after


def test_the_temperature_of_classes_is_that_of_softmax() -> None:
    rng = np.random.default_rng(2)
    logits = rng.normal(0, 1.5, (4000, 3))
    softmax = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    classes = (softmax.cumsum(axis=1) < rng.random((4000, 1))).sum(axis=1).clip(max=2)
    sharp = softmax**2 / (softmax**2).sum(axis=1, keepdims=True)

    assert fit_temperature(dev_of(np.eye(3, dtype=int)[classes], sharp, "single")) == pytest.approx(2.0, rel=0.1)


@pytest.mark.parametrize(("value", "kind"), [(0, "multi"), (1, "multi"), (UNKNOWN, "multi"), (UNKNOWN, "single")])
def test_there_is_no_temperature_where_one_class_alone_is_known(value: int, kind: str) -> None:
    """None of no texts, too; where dev separates the classes for sure, it ends at its bound."""
    assert fit_temperature(dev_of(np.full((9, 2), value), np.full((9, 2), 0.5), kind)) is None
    assert fit_temperature(dev_of(np.zeros((0, 2), dtype=int), np.zeros((0, 2)), kind)) is None
    sure = np.array([[0.0, 1.0], [1.0, 0.0]])
    assert fit_temperature(dev_of(sure.astype(int), np.clip(sure, 0.2, 0.8))) == pytest.approx(0.05, abs=0.01)


def test_certain_probabilities_give_a_temperature() -> None:
    """Those of exactly 0 and 1 have no logit; a bound replaces it. One that is wrong makes the rest less sure."""
    truth = np.array([[1], [0], [1], [0], [0]])

    found = fit_temperature(dev_of(truth, np.array([[1.0], [0.0], [1.0], [0.0], [1.0]])))
    assert found is not None
    assert 1 < found <= 20.0
