"""Predictions that no score can be computed from are refused, with the text."""

from dataclasses import replace

import numpy as np
import pytest

from synthsweep.compare.read.usable_predictions import why_unusable
from synthsweep.evaluate.predictions import Predictions

GOOD = Predictions("test", ("A", "B"), ("t1", "t2"), (None, None), np.eye(2, dtype=int), np.array([[0.0, 1.0], [0.5, 0.25]]))


def test_probabilities_from_zero_to_one_are_usable() -> None:
    """Both ends included."""

    assert why_unusable(GOOD) == ""


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (np.nan, "its test probability of B for text 't2' is not a number"),
        (np.inf, "its test probability of B for text 't2' must be in [0, 1], got inf"),
        (-0.25, "its test probability of B for text 't2' must be in [0, 1], got -0.25"),
        (1.5, "its test probability of B for text 't2' must be in [0, 1], got 1.5"),
    ],
)
def test_what_is_no_probability_is_named(value: float, reason: str) -> None:
    """Label, text and value."""

    wrong = GOOD.probabilities.copy()
    wrong[1, 1] = value

    assert why_unusable(replace(GOOD, probabilities=wrong)) == reason
    assert why_unusable(replace(GOOD, probabilities=np.full((2, 2), value))).endswith("; 4 such values")


def test_an_id_that_occurs_twice_is_named() -> None:
    """Texts are matched by id."""

    assert why_unusable(replace(GOOD, ids=("t1", "t1"))).startswith("its test texts have id 't1' 2 times")
