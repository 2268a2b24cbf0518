"""How numbers are written."""

import pytest

from synthsweep.pages.numbers import counted, number, share


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [(None, 2, "–"), (float("nan"), 2, "–"), (-0.25, 2, "−0.25"), (1234.4, 0, "1,234"), (0.0, 1, "0.0")],
)
def test_undefined_is_a_dash_and_never_0(value: float | None, decimals: int, expected: str) -> None:
    """A minus is a minus."""

    assert expected == number(value, decimals)


@pytest.mark.parametrize(
    ("part", "whole", "expected"), [(1, 3, "33 %"), (0, 3, "0 %"), (3, 1000, "0.3 %"), (1, 0, "–"), (5, 5, "100 %")]
)
def test_a_few_are_not_none(part: int, whole: int, expected: str) -> None:
    """Less than one in a hundred keeps a decimal."""

    assert expected == share(part, whole)


def test_one_is_no_plural() -> None:
    """And thousands have a comma."""

    assert [counted(count, "text") for count in (1, 0, 2000)] == ["1 text", "0 texts", "2,000 texts"]
