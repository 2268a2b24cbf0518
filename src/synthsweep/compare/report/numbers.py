"""How numbers are written: a difference in points with its sign, undefined as a dash; pure."""

from synthsweep.compare.result import Effect, Interval
from synthsweep.pages.numbers import DASH, MINUS


def points(value: float | None, decimals: int = 1) -> str:
    """A difference of shares in points: 0.032 is `+3.2`. The sign stays where rounding leaves only zeros."""
    if value is None:
        return DASH
    return "0" if value == 0 else f"{100 * value:+.{decimals}f}".replace("-", MINUS)


def change(difference: float | None, interval: Interval | None) -> str:
    """`+3.2 [−0.4, +6.8]`; with two decimals where nothing in it reaches a point."""
    if difference is None:
        return DASH
    if interval is None:
        return points(difference)
    decimals = 1 if max(abs(difference), abs(interval.low), abs(interval.high)) >= 0.00995 else 2
    low, high = points(interval.low, decimals), points(interval.high, decimals)
    return f"{points(difference, decimals)} [{low}, {high}]"


def changed(effect: Effect | None) -> str:
    """The change of an effect, or a dash where it was not computed."""
    return DASH if effect is None else change(effect.difference, effect.interval)


def score(value: float | None, spread: float | None = None) -> str:
    """A share in [0, 1] as it is, with its standard deviation: `0.412 ± 0.018`."""
    if value is None:
        return DASH
    return f"{value:.3f}" if spread is None else f"{value:.3f} ± {spread:.3f}"


def plain(value: float | None, decimals: int = 2) -> str:
    """A number that is no share, as a correlation or an importance."""
    return DASH if value is None else f"{value:,.{decimals}f}".replace("-", MINUS)


def signed(value: float | None, decimals: int = 1) -> str:
    """Points that are points already."""
    return points(None if value is None else value / 100, decimals)


def between(interval: Interval | None, decimals: int = 2) -> str:
    """An interval of something that is no difference of shares."""
    return "" if interval is None else f" [{plain(interval.low, decimals)}, {plain(interval.high, decimals)}]"


def probability(value: float | None) -> str:
    """A p or q value; below a thousandth it says no more than that. One that does not apply is blank: it is not undefined."""
    if value is None:
        return ""
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def percent(share: float | None) -> str:
    """A share of a whole."""
    return DASH if share is None else f"{100 * share:.0f} %"


def money(value: float | None) -> str:
    """Dollars; a fraction of a cent is not rounded to nothing."""
    if value is None:
        return DASH
    return f"{value:,.2f}" if value == 0 or abs(value) >= 0.1 else f"{value:.2g}"
