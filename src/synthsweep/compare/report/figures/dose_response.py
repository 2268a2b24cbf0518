"""Dose-response: one panel per criterion, with points, a band of their intervals, and the monotone fit."""

from collections.abc import Sequence
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any

from synthsweep.compare.report.figures.pagination import numbered
from synthsweep.compare.report.intervals import changed
from synthsweep.compare.report.names import title
from synthsweep.compare.report.tables.effects import doses
from synthsweep.compare.result.comparison import Comparison
from synthsweep.compare.result.effects import DoseCurve, average_of
from synthsweep.pages.pictures.marks import bands, segments
from synthsweep.pages.pictures.palette import MUTED, ZERO_LINE, Ink, ink
from synthsweep.pages.pictures.panels import columns_for, legend, panels, series_marks, wrapped
from synthsweep.pages.pictures.picture import Picture

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TOGETHER = " In 95 of 100 studies, all doses of a curve lie in the light band at once."
BANDS = {"95 % interval of a dose": 0.15, "all doses at once": 0.07}


def dose_curves(answer: Comparison) -> list[Picture]:
    """One picture per factor and metric with a defined effect."""
    ordered = sorted(answer.doses, key=lambda curve: (curve.factor, curve.metric != answer.primary, curve.metric))
    groups = [list(curves) for _, curves in groupby(ordered, key=lambda curve: (curve.factor, curve.metric))]
    return [_picture(answer, curves, place) for place, curves in enumerate(filter(_defined, groups))]


def _defined(curves: Sequence[DoseCurve]) -> bool:
    return any(point.effect.difference is not None for curve in curves for point in curve.points)


def _picture(answer: Comparison, curves: Sequence[DoseCurve], place: int) -> Picture:
    factor, metric = curves[0].factor, title(curves[0].metric)
    caption = (
        f"Change in {metric} against {answer.baseline} by {factor}. Points with 95 % intervals (dark band); "
        f"the dashed line is the monotone fit.{TOGETHER if any(map(_spans_together, curves)) else ''}"
    )
    main = [curve for curve in curves if curve.criterion == average_of(curve.metric)] or curves[:3]
    changes = "; ".join(f"{curve.criterion}{_held(curve)}: {_changes(curve)}" for curve in main)
    alt = f"Curves of the change in {metric} by {factor}, in points, one panel per criterion. {changes}."
    return Picture(numbered("doses", place), caption, alt, partial(_figure, curves), doses(answer))


def _held(curve: DoseCurve) -> str:
    return f" ({curve.held})" if curve.held else ""


def _changes(curve: DoseCurve) -> str:
    return ", ".join(f"{changed(point.effect)} at {point.dose:g}" for point in curve.points)


def _figure(curves: Sequence[DoseCurve]) -> "Figure":
    names = list(dict.fromkeys(curve.criterion for curve in curves))
    held = list(dict.fromkeys(curve.held for curve in curves))
    columns = columns_for(len(names))
    figure, axes = panels(len(names), columns, 1.75, sharex=True, sharey=True)
    for one, name in zip(axes, names, strict=True):
        own = [curve for curve in curves if curve.criterion == name]
        _curves(one, own, [ink(held.index(curve.held)) for curve in own])
        if not _defined(own):
            one.text(0.5, 0.6, "undefined", ha="center", transform=one.transAxes, color=MUTED)
        one.set_title(wrapped(name, 84 // columns, 2), fontsize=8.5)
        one.axhline(0, color=ZERO_LINE, linewidth=0.8)
        one.grid(alpha=0.3)
    figure.supxlabel(curves[0].factor, fontsize=9)
    figure.supylabel("change, points", fontsize=9)
    marks = series_marks([name or "all" for name in held], linestyle="--") if len(held) > 1 else []
    shades = _band_marks() if any(map(_spans_together, curves)) else []
    if marks or shades:
        legend(figure, [*marks, *shades])
    return figure


def _band_marks() -> list[Any]:
    from matplotlib.patches import Patch

    # The light band lies behind the dark one as well.
    shades = zip(BANDS, (sum(BANDS.values()), BANDS["all doses at once"]), strict=True)
    return [Patch(facecolor=ink(0).colour, alpha=shade, label=name) for name, shade in shades]


def _curves(axes: Any, curves: Sequence[DoseCurve], inks: Sequence[Ink]) -> None:
    narrow, wide = BANDS.values()
    bands(axes, [(_spans(curve), one.colour) for curve, one in zip(curves, inks, strict=True)], narrow)
    bands(axes, [(_spans_together(curve), one.colour) for curve, one in zip(curves, inks, strict=True)], wide)
    ends = [((x, low, x, high), one.colour) for curve, one in zip(curves, inks, strict=True) for x, low, high in _spans(curve)]
    segments(axes, [end for end, _ in ends], colors=[colour for _, colour in ends], linewidths=1)
    for curve, one in zip(curves, inks, strict=True):
        defined = [(point.dose, 100 * point.effect.difference) for point in curve.points if point.effect.difference is not None]
        if defined:
            axes.plot(*zip(*defined, strict=True), one.marker, color=one.colour, markersize=5)
        if curve.smooth:
            axes.plot([x for x, _ in curve.smooth], [100 * y for _, y in curve.smooth], "--", color=one.colour, linewidth=1.3)


def _spans(curve: DoseCurve) -> list[tuple[float, float, float]]:
    """(dose, low, high) of the intervals, in points."""
    return [
        (point.dose, 100 * interval.low, 100 * interval.high) for point in curve.points if (interval := point.effect.interval)
    ]


def _spans_together(curve: DoseCurve) -> list[tuple[float, float, float]]:
    """The same for the intervals that hold at once."""
    found = ((point.dose, point.effect.simultaneous_interval) for point in curve.points)
    return [(dose, 100 * interval.low, 100 * interval.high) for dose, interval in found if interval]
