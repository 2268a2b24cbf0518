"""How shares are written: in per cent, undefined as a dash; pure."""

from synthsweep.audit.stats.findings import MARGINS, Findings, Part
from synthsweep.audit.stats.prediction_powered import PredictionPowered
from synthsweep.audit.stats.shares import Share
from synthsweep.pages.numbers import DASH


def percent(value: float | None) -> str:
    """`83.6 %`."""
    return DASH if value is None else f"{100 * value:.1f} %"


def within(found: Share | PredictionPowered) -> str:
    """Its interval: `[76.6 %, 88.8 %]`."""
    return f"[{percent(found.low)}, {percent(found.high)}]"


def ranged(found: Share | PredictionPowered | None) -> str:
    """Without the sign, for columns that have it above: `83.6 [76.6, 88.8]`; without an interval where there is none."""
    if found is None or found.value is None:
        return DASH
    message = f"{100 * found.value:.1f}"
    return message if found.low is None or found.high is None else f"{message} [{100 * found.low:.1f}, {100 * found.high:.1f}]"


def parts_of(found: Findings, group: str) -> tuple[Part, ...]:
    """The parts of a group; criteria in the order of the label set, the others in that of the pools."""
    order = {label: place for place, label in enumerate(found.audit.labels.ids)}
    parts = [part for part in found.parts if part.group == group]
    return tuple(sorted(parts, key=lambda part: order[part.name]) if group == "criterion" else parts)


def margins(found: Findings) -> dict[str, tuple[Part, ...]]:
    """Group to parts, of each way in which the sample is divided."""
    return {group: parts for group in MARGINS if (parts := parts_of(found, group))}
