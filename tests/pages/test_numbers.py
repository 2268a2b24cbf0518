"""Numbers are written the same on every page."""

import pytest

from synthsweep.pages.numbers import (
    counted,
    money,
    number,
    p_value,
    percent,
    percent_of,
    points,
    score,
    signed_points,
    size_in_points,
)


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [(None, 2, "–"), (float("nan"), 2, "–"), (-0.25, 2, "−0.25"), (1234.4, 0, "1,234"), (0.0, 1, "0.0"), (-0.637, 2, "−0.64")],
)
def test_undefined_is_a_dash_and_never_0(value: float | None, decimals: int, expected: str) -> None:
    assert number(value, decimals) == expected


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [(1, 3, "33 %"), (0, 3, "0 %"), (3, 1000, "0.3 %"), (1, 0, "–"), (5, 5, "100 %"), (0.5, 1, "50 %")],
)
def test_a_few_are_not_none(part: float, whole: float, expected: str) -> None:
    """Less than one in a hundred keeps a decimal."""

    assert percent_of(part, whole) == expected


def test_one_is_not_a_plural() -> None:
    assert [counted(count, "text") for count in (1, 0, 2000)] == ["1 text", "0 texts", "2,000 texts"]


@pytest.mark.parametrize(
    ("difference", "expected"),
    [(0.0321, "+3.2"), (-0.004, "−0.4"), (0.0, "0"), (-0.0001, "−0.0"), (0.1, "+10.0"), (None, "–")],
)
def test_a_difference_is_in_points_with_its_sign(difference: float | None, expected: str) -> None:
    assert points(difference) == expected


def test_points_that_are_points_already_get_a_sign_and_sizes_have_none() -> None:
    assert [signed_points(3.21), signed_points(None), size_in_points(-0.0321), size_in_points(0.0)] == ["+3.2", "–", "3.2", "0"]


@pytest.mark.parametrize(("value", "expected"), [(0.0123, "0.012"), (0.0004, "<0.001"), (1.0, "1.000"), (None, "")])
def test_a_p_value_below_a_thousandth_says_no_more(value: float | None, expected: str) -> None:
    """One that does not apply is blank: it is not undefined."""

    assert p_value(value) == expected


@pytest.mark.parametrize(("value", "expected"), [(1234.5, "1,234.50"), (0.0031, "0.0031"), (0.0, "0.00"), (None, "–")])
def test_a_fraction_of_a_cent_is_not_nothing(value: float | None, expected: str) -> None:
    """Texts of a small model cost that little."""

    assert money(value) == expected


def test_a_score_has_three_decimals_and_its_deviation() -> None:
    assert [score(0.41234), score(0.4, 0.0187), score(-0.5), score(None)] == ["0.412", "0.400 ± 0.019", "−0.500", "–"]


def test_a_share_is_in_per_cent() -> None:
    assert [percent(0.351), percent(0.351, 0), percent(None)] == ["35.1 %", "35 %", "–"]
