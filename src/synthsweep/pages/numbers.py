"""What all pages write alike: undefined as a dash, a true minus, a number with its noun; pure."""

import math

DASH, MINUS = "–", "−"


def counted(number: int, noun: str) -> str:
    """`1 seed`, `3 seeds`, `two thousand` as `2,000`."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


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
