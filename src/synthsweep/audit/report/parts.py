"""The parts of the sample in display order, and their shares as text, in per cent; pure."""

from synthsweep.audit.stats.findings import MARGINS, Findings, Part
from synthsweep.audit.stats.prediction_powered import PredictionPowered
from synthsweep.audit.stats.shares import Share
from synthsweep.pages.numbers import DASH, percent


def margins(findings: Findings) -> dict[str, tuple[Part, ...]]:
    """The parts by LLM, by prompt and by criterion, as far as the sample is divided by these."""
    return {group: parts for group in MARGINS if (parts := parts_of(findings, group))}


def parts_of(findings: Findings, group: str) -> tuple[Part, ...]:
    """The parts of a group; criteria in the order of the label set, others in the order of the pools."""
    order = {label: place for place, label in enumerate(findings.audit.labels.ids)}
    parts = [part for part in findings.parts if part.group == group]
    return tuple(sorted(parts, key=lambda part: order[part.name]) if group == "criterion" else parts)


def within(share: Share | PredictionPowered) -> str:
    """The interval of a share: `[76.6 %, 88.8 %]`."""
    return f"[{percent(share.low)}, {percent(share.high)}]"


def ranged(share: Share | PredictionPowered | None) -> str:
    """For a column with % in its heading: `83.6 [76.6, 88.8]`; without brackets if there is no interval."""
    if share is None or share.value is None:
        return DASH
    value = f"{100 * share.value:.1f}"
    return value if share.low is None or share.high is None else f"{value} [{100 * share.low:.1f}, {100 * share.high:.1f}]"
