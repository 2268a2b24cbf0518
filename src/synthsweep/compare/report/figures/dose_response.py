"""Dose-response: a panel a criterion, points with their intervals as a band, and the monotone fit."""

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from synthsweep.compare.report.figures.style import (
    Picture,
    colour,
    columns_for,
    legend,
    marker,
    marks,
    numbered,
    panels,
    wrapped,
)
from synthsweep.compare.report.numbers import changed
from synthsweep.compare.report.tables.effects import doses, title
from synthsweep.compare.result import Comparison, DoseCurve

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def dose_curves(answer: Comparison) -> list[Picture]:
    """A picture a factor and metric, of which something is defined."""
    ordered = sorted(answer.doses, key=lambda curve: (curve.factor, curve.metric != answer.primary, curve.metric))
    groups = [list(found) for _, found in groupby(ordered, key=lambda curve: (curve.factor, curve.metric))]
    return [_picture(answer, found, place) for place, found in enumerate(filter(_defined, groups))]


def _defined(curves: Sequence[DoseCurve]) -> bool:
    return any(point.effect.difference is not None for curve in curves for point in curve.points)


def _picture(answer: Comparison, curves: Sequence[DoseCurve], place: int) -> Picture:
    factor, metric = curves[0].factor, title(curves[0].metric)
    caption = (
        f"Change in {metric} against {answer.baseline} by {factor}. Points with 95 % intervals (band); "
        "the dashed line is the monotone fit."
    )
    said = [f"{curve.criterion}{_held(curve)}: {_course(curve)}" for curve in curves if curve.criterion == "macro"]
    said = said or [f"{curve.criterion}{_held(curve)}: {_course(curve)}" for curve in curves[:3]]
    alt = f"Curves of the change in {metric} by {factor}, in points, a panel a criterion. {'; '.join(said)}."
    return Picture(numbered("doses", place), caption, alt, _drawn(curves), doses(answer))


def _held(curve: DoseCurve) -> str:
    return f" ({curve.held})" if curve.held else ""


def _course(curve: DoseCurve) -> str:
    return ", ".join(f"{changed(point.effect)} at {point.dose:g}" for point in curve.points)


def _drawn(curves: Sequence[DoseCurve]) -> "Figure":
    names = list(dict.fromkeys(curve.criterion for curve in curves))
    held = list(dict.fromkeys(curve.held for curve in curves))
    columns = columns_for(len(names))
    figure, axes = panels(len(names), columns, 1.75, sharex=True, sharey=True)
    for one, name in zip(axes, names, strict=True):
        for curve in curves:
            if curve.criterion == name:
                _curve(one, curve, held.index(curve.held))
        if not _defined([curve for curve in curves if curve.criterion == name]):
            one.text(0.5, 0.6, "undefined", ha="center", transform=one.transAxes, color="0.35")
        one.set_title(wrapped(name, 84 // columns, 2), fontsize=8.5)
        one.axhline(0, color="0.3", linewidth=0.8)
        one.grid(alpha=0.3)
    figure.supxlabel(curves[0].factor, fontsize=9)
    figure.supylabel("change, points", fontsize=9)
    if len(held) > 1:
        legend(figure, marks([name or "all" for name in held], linestyle="--"))
    return figure


def _curve(axes: Any, curve: DoseCurve, place: int) -> None:
    found = [(p.dose, p.effect.difference, p.effect.interval) for p in curve.points if p.effect.difference is not None]
    xs = [dose for dose, _, _ in found]
    axes.plot(
        xs, [100 * value for _, value, _ in found], marker=marker(place), linestyle="none", color=colour(place), markersize=5
    )
    spans = [(dose, 100 * interval.low, 100 * interval.high) for dose, _, interval in found if interval]
    if spans:
        axes.fill_between(*zip(*spans, strict=True), color=colour(place), alpha=0.15, linewidth=0)
        axes.vlines(*zip(*spans, strict=True), color=colour(place), linewidth=1)
    if curve.smooth:
        axes.plot([x for x, _ in curve.smooth], [100 * y for _, y in curve.smooth], "--", color=colour(place), linewidth=1.3)
