"""Formats changes and their intervals; pure."""

from synthsweep.compare.result.effects import Effect, Interval
from synthsweep.pages.numbers import DASH, number, points


def change(difference: float | None, interval: Interval | None) -> str:
    """`+3.2 [−0.4, +6.8]`, in points; with two decimals if all values are below one point. One seed is said to be one."""
    if difference is None or interval is None:
        return points(difference)
    decimals = 1 if max(abs(difference), abs(interval.low), abs(interval.high)) >= 0.00995 else 2
    low, high = points(interval.low, decimals), points(interval.high, decimals)
    return f"{points(difference, decimals)} [{low}, {high}]{_scope(interval)}"


def changed(effect: Effect | None) -> str:
    """The change of an effect, or a dash if it was not computed."""
    return DASH if effect is None else change(effect.difference, effect.interval)


def range_in_words(interval: Interval) -> str:
    """`−0.4 to +6.8`, in points."""
    return f"{points(interval.low)} to {points(interval.high)}{_scope(interval)}"


def _scope(interval: Interval) -> str:
    return "" if interval.new_seeds else " for new texts alone"


def equivalence(effect: Effect) -> str:
    """What two one-sided tests say of the margin that was asked for; blank if none was, or without an interval."""
    return "" if effect.equivalent is None else "excluded" if effect.equivalent else "not excluded"


def within(interval: Interval | None) -> str:
    """`[−0.4, +6.8]`, in points; a dash without an interval."""
    return DASH if interval is None else f"[{points(interval.low)}, {points(interval.high)}]"


def bracketed(interval: Interval | None, decimals: int = 2) -> str:
    """` [0.41, 0.55]`, to follow a number that is not a difference of shares; blank without an interval."""
    return "" if interval is None else f" [{number(interval.low, decimals)}, {number(interval.high, decimals)}]"


def leaves_scores(effect: Effect) -> bool:
    """Whether an interval holds changes for which the baseline's score has no room: such an arm scores below 0 or above 1."""
    if effect.interval is None or effect.baseline is None:
        return False
    return effect.baseline + effect.interval.low < 0 or effect.baseline + effect.interval.high > 1
