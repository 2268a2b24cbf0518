"""How numbers are written on the page; undefined is a dash; pure."""

import math

from synthsweep.pages.numbers import DASH, MINUS


def number(value: float | None, decimals: int = 2) -> str:
    """`1,234` or `0.52`, with a true minus; a dash for None and nan."""
    if value is None or math.isnan(value):
        return DASH
    return f"{value:,.{decimals}f}".replace("-", MINUS)


def share(part: float, whole: float) -> str:
    """`34 %`; less than one in a hundred keeps a decimal, so that a few are not none."""
    if not whole:
        return DASH
    percent = 100 * part / whole
    return f"{percent:.1f} %" if 0 < percent < 1 else f"{percent:.0f} %"
