"""Formats numbers for all pages: a dash for undefined, a true minus, a number with its noun; pure."""

import math

DASH, MINUS = "–", "−"


def counted(number: int, noun: str) -> str:
    """`1 seed`, `3 seeds`, `2,000 seeds`."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def number(value: float | None, decimals: int = 2) -> str:
    """`1,234` or `0.52`, with a true minus; a dash for None and nan."""
    if value is None or math.isnan(value):
        return DASH
    return f"{value:,.{decimals}f}".replace("-", MINUS)


def score(value: float | None, deviation: float | None = None) -> str:
    """A score with its standard deviation, if any: `0.412 ± 0.018`."""
    if value is None:
        return DASH
    text = f"{value:.3f}".replace("-", MINUS)
    return text if deviation is None else f"{text} ± {deviation:.3f}"


def percent(share: float | None, decimals: int = 1) -> str:
    """A share of a whole: `83.6 %`."""
    return DASH if share is None else f"{100 * share:.{decimals}f} %"


def percent_of(part: float, whole: float = 1) -> str:
    """`34 %`; shares below 1 % have a decimal, so that a few do not look like none."""
    if not whole:
        return DASH
    value = 100 * part / whole
    return f"{value:.1f} %" if 0 < value < 1 else f"{value:.0f} %"


def points(difference: float | None, decimals: int = 1) -> str:
    """A difference of shares in points: 0.032 is `+3.2`. The sign stays even if rounding leaves only zeros."""
    if difference is None:
        return DASH
    return "0" if difference == 0 else f"{100 * difference:+.{decimals}f}".replace("-", MINUS)


def size_in_points(difference: float) -> str:
    """The size of a difference of shares, without a sign: 0.032 is `3.2`."""
    return points(abs(difference)).removeprefix("+")


def signed_points(value: float | None) -> str:
    """A difference that is in points already: 3.2 is `+3.2`."""
    return points(None if value is None else value / 100)


def p_value(value: float | None) -> str:
    """A p or q value; `<0.001` if it is smaller. None is blank: it does not apply, which is not undefined."""
    if value is None:
        return ""
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def money(value: float | None) -> str:
    """Dollars; a fraction of a cent is not rounded to 0."""
    if value is None:
        return DASH
    return f"{value:,.2f}" if value == 0 or abs(value) >= 0.1 else f"{value:.2g}"
