"""Which single criteria stand out, after the correction over criteria and arms; pure."""

from collections.abc import Sequence

from synthsweep.compare.result.comparison import Comparison
from synthsweep.compare.result.effects import MACRO, MICRO, TITLES
from synthsweep.compare.result.supplements import Power
from synthsweep.pages.numbers import counted, points, size_in_points

SHOWN_CRITERIA = 4
AVERAGES = (MACRO, MICRO)


def criteria_line(answer: Comparison) -> tuple[str, ...]:
    """The surest first, or the changes that the study would have found."""
    family = [one for one in answer.effects if one.metric == answer.primary and one.p_family is not None]
    family = [one for one in family if one.criterion not in AVERAGES]
    if not family:
        return ()
    what = f"in {TITLES[answer.primary]} after correcting for {counted(len(family), 'comparison')}"
    clear = sorted((one for one in family if one.is_significant), key=lambda one: (one.p_family or 0.0, one.criterion))
    if not clear:
        return (f"No single criterion stands out {what}{_detectable(answer.power)}.",)
    named = [f"{one.criterion} ({points(one.difference or 0.0)} points with {one.contrast})" for one in clear[:SHOWN_CRITERIA]]
    more = f" and {len(clear) - SHOWN_CRITERIA} more" if len(clear) > SHOWN_CRITERIA else ""
    return (f"{', '.join(named)}{more} stand{'s' * (len(clear) == 1)} out {what}.",)


def _detectable(power: Sequence[Power]) -> str:
    rows = (one for one in power if one.criterion not in AVERAGES)
    known = sorted((one.detectable, one.criterion) for one in rows if one.detectable is not None)
    if not known:
        return "; how large a change in one this design would have found is not known"
    (least, easy), (most, hard) = known[0], known[-1]
    if least >= 1:
        return f"; no true change in one is so large that this design finds it {power[0].chance}"
    range_ = f"{size_in_points(least)} ({easy})"
    range_ += f" to {_largest(most)} ({hard})" if len(known) > 1 else ""
    return f"; this design finds a true change of {range_} points in one {power[0].chance}"


def _largest(size: float) -> str:
    # No change of a score is larger.
    return size_in_points(size) if size < 1 else "over 100"
