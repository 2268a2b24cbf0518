"""Numbers are written the same everywhere."""

import pytest

from synthsweep.compare.report.numbers import change, changed, money, percent, plain, points, probability, score, signed
from synthsweep.compare.result import Effect, Interval
from synthsweep.pages.numbers import counted


@pytest.mark.parametrize(
    ("difference", "expected"),
    [(0.0321, "+3.2"), (-0.004, "−0.4"), (0.0, "0"), (-0.0001, "−0.0"), (0.1, "+10.0"), (None, "–")],
)
def test_a_difference_is_in_points_with_its_sign(difference: float | None, expected: str) -> None:
    """A real minus sign, and a dash for what is undefined."""

    assert points(difference) == expected


@pytest.mark.parametrize(
    ("difference", "interval", "expected"),
    [
        (0.032, Interval(-0.004, 0.068), "+3.2 [−0.4, +6.8]"),
        (0.003, Interval(-0.0004, 0.0068), "+0.30 [−0.04, +0.68]"),
        (0.003, Interval(-0.004, 0.00999), "+0.3 [−0.4, +1.0]"),
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


@pytest.mark.parametrize(("value", "expected"), [(0.0123, "0.012"), (0.0004, "<0.001"), (1.0, "1.000"), (None, "")])
def test_a_p_value_below_a_thousandth_says_no_more(value: float | None, expected: str) -> None:
    """One that does not apply is blank: it is not undefined."""

    assert probability(value) == expected


@pytest.mark.parametrize(("value", "expected"), [(1234.5, "1,234.50"), (0.0031, "0.0031"), (0.0, "0.00"), (None, "–")])
def test_a_fraction_of_a_cent_is_not_nothing(value: float | None, expected: str) -> None:
    """Texts of a small model cost that little."""

    assert money(value) == expected


def test_other_numbers_have_a_form_of_their_own() -> None:
    """Scores are shares, correlations have no points, shares of a whole are percents."""

    written = [
        score(0.41234),
        score(0.4, 0.0187),
        plain(-0.637),
        percent(0.351),
        signed(3.21),
        counted(1, "run"),
        counted(1200, "run"),
    ]
    assert written == ["0.412", "0.400 ± 0.019", "−0.64", "35 %", "+3.2", "1 run", "1,200 runs"]
    assert [score(None), plain(None), percent(None), signed(None)] == ["–"] * 4
