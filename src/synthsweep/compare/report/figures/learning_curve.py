"""The learning curve of real texts alone, and what synthetic texts add to it."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from synthsweep.compare.report.names import capital
from synthsweep.compare.report.tables.answer import worth, worth_in_words
from synthsweep.compare.result.comparison import Comparison
from synthsweep.compare.result.effects import averaged
from synthsweep.compare.result.supplements import RealWorth
from synthsweep.pages.pictures.palette import REFERENCE, ZERO_LINE, ink
from synthsweep.pages.pictures.panels import legend, wrapped
from synthsweep.pages.pictures.picture import Picture, canvas

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SPOKEN = 4


def learning_curves(answer: Comparison) -> list[Picture]:
    """The scores of real texts alone by their number, and each arm with synthetic texts at its number of real texts."""
    if not answer.worth:
        return []
    caption = (
        f"{capital(averaged(answer.primary))} by real training texts (logarithmic). Line: real texts alone. Marks: with "
        "synthetic texts, with the 95 % interval of the change; the dotted line leads to as many real texts as score the same."
    )
    alt = f"Learning curve. {' '.join(map(worth_in_words, answer.worth[:SPOKEN]))}"
    return [Picture("learning_curve", caption, alt, partial(_figure, answer), worth(answer))]


def _figure(answer: Comparison) -> "Figure":
    figure = canvas(3.0 + 0.12 * len(answer.worth))
    axes = figure.subplots()
    curves = dict.fromkeys(tuple((size, round(height, 9)) for size, height in one.curve) for one in answer.worth)
    for number, curve in enumerate(curves):
        label = "_others" if number else "real texts alone"
        axes.plot(*zip(*curve, strict=True), "-o", color=ZERO_LINE, markersize=4, label=label)
    for place, one in enumerate(answer.worth):
        _arm(axes, one, place)
    axes.set_xscale("log")
    sizes = sorted({size for curve in curves for size, _ in curve})
    axes.set_xticks(sizes, [f"{size:,.0f}" for size in sizes])
    axes.minorticks_off()
    axes.grid(alpha=0.3)
    axes.set(xlabel="real training texts", ylabel=wrapped(averaged(answer.primary), 40))
    legend(figure)
    return figure


def _arm(axes: Any, one: RealWorth, place: int) -> None:
    colour = ink(place).colour
    axes.plot(one.real, one.score, ink(place).marker, color=colour, markersize=6, zorder=3, label=one.arm)
    if one.difference is not None:
        base = _at(one.curve, one.real)
        axes.vlines(one.real, base + one.difference.low, base + one.difference.high, color=colour, linewidth=1.3)
    if one.equal is not None:
        axes.hlines(one.score, *sorted((one.real, one.equal)), color=REFERENCE, linestyle=":", linewidth=1.2)


def _at(curve: Sequence[tuple[float, float]], real: float) -> float:
    return min(curve, key=lambda point: abs(point[0] - real))[1]
