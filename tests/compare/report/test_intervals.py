"""How changes and their intervals are written."""

import pytest

from synthsweep.compare.report.intervals import bracketed, change, changed, range_in_words
from synthsweep.compare.result.effects import Effect, Interval


@pytest.mark.parametrize(
    ("difference", "interval", "expected"),
    [
        (0.032, Interval(-0.004, 0.068), "+3.2 [−0.4, +6.8]"),
        (0.003, Interval(-0.0004, 0.0068), "+0.30 [−0.04, +0.68]"),
        (0.003, Interval(-0.004, 0.00999), "+0.3 [−0.4, +1.0]"),
        (0.032, Interval(-0.004, 0.068, new_seeds=False), "+3.2 [−0.4, +6.8] for new texts alone"),
        (0.032, None, "+3.2"),
        (None, None, "–"),
    ],
)
def test_an_interval_stands_beside_its_difference(difference: float | None, interval: Interval | None, expected: str) -> None:
    """With a second decimal where nothing in it reaches a point, so that it does not read as 0."""

    assert change(difference, interval) == expected


def test_an_effect_that_was_not_computed_is_a_dash() -> None:
    """As is one that is undefined."""

    assert [changed(None), changed(Effect("a", "f1", "A1", None, None, None, None, 0))] == ["–", "–"]


def test_an_interval_of_other_numbers_stands_in_brackets() -> None:
    assert [bracketed(Interval(-0.637, 0.5)), bracketed(Interval(0.401, 0.452), 3), bracketed(None)] == [
        " [−0.64, 0.50]",
        " [0.401, 0.452]",
        "",
    ]


def test_a_sentence_has_the_ends_of_an_interval_in_points() -> None:
    assert range_in_words(Interval(-0.004, 0.068)) == "−0.4 to +6.8"
