"""The heat map of arms by criteria: the change in the primary metric as colour and as a number."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from synthsweep.compare.report.figures.pagination import chunks, numbered, part_of
from synthsweep.compare.report.intervals import changed
from synthsweep.compare.report.names import contrasts, criteria, title
from synthsweep.compare.report.tables.effects import effects
from synthsweep.compare.result.comparison import Comparison
from synthsweep.compare.result.effects import Effect
from synthsweep.pages.numbers import DASH, points
from synthsweep.pages.pictures.marks import rectangles
from synthsweep.pages.pictures.palette import CHANGES, UNDEFINED_HATCH
from synthsweep.pages.pictures.panels import numbered_legend, wrapped
from synthsweep.pages.pictures.picture import Picture, canvas

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# With more columns, the numbers are too small to read.
COLUMNS = 11


def heat_maps(answer: Comparison) -> list[Picture]:
    """Criteria are columns, or rows if there are many; all parts share one colour scale."""
    sizes = [
        abs(effect.difference) for effect in answer.effects if effect.metric == answer.primary and effect.difference is not None
    ]
    if not sizes:
        return []
    across, down = _sides(answer)
    parts, limit = chunks(across, COLUMNS), max(0.01, *sizes)
    return [_heat_map(answer, one, down, (place, len(parts)), limit) for place, one in enumerate(parts)]


def _sides(answer: Comparison) -> tuple[tuple[str, ...], tuple[str, ...]]:
    arms, rows = contrasts(answer), criteria(answer)
    return (rows, arms) if len(rows) <= COLUMNS else (arms, rows)


def _heat_map(answer: Comparison, across: Sequence[str], down: Sequence[str], place: tuple[int, int], limit: float) -> Picture:
    caption = (
        f"Change in {title(answer.primary)} against {answer.baseline}, in points. Blue is up, red is down; a star and bold "
        f"print: significant after correcting for criteria and arms (an average: for arms); {DASH}: undefined.{part_of(*place)}"
    )
    draw = partial(_figure, answer, across, down, limit)
    return Picture(numbered("heat_map", place[0]), caption, _alt(answer), draw, effects(answer, answer.primary))


def _alt(answer: Comparison) -> str:
    defined = [
        effect
        for effect in answer.effects
        if effect.metric == answer.primary and effect.criterion in answer.labels and effect.difference is not None
    ]
    words = f"Heat map of the change in {title(answer.primary)} by arm and criterion, in points."
    if not defined:
        return words
    ends = (
        f"{name}: {effect.contrast} on {effect.criterion} {changed(effect)}"
        for name, pick in (("Lowest", min), ("highest", max))
        for effect in [pick(defined, key=lambda effect: effect.difference or 0.0)]
    )
    return f"{words} {'; '.join(ends)}."


def _figure(answer: Comparison, across: Sequence[str], down: Sequence[str], limit: float) -> "Figure":
    width = 54 // len(across) + 2
    long = any(len(wrapped(name, width, 9).split("\n")) > 3 for name in across)
    names = [wrapped(name, 34) for name in down]
    lines = max(name.count("\n") for name in names)
    figure = canvas((0.36 if lines < 2 else 0.46) * len(down) + 1.3 + 0.17 * len(across) * long)
    axes = figure.subplots()
    arms = set(contrasts(answer))
    cells = {
        (column, row): answer.effect(*((other, answer.primary, one) if other in arms else (one, answer.primary, other)))
        for column, one in enumerate(across)
        for row, other in enumerate(down)
    }
    _fill(axes, cells, limit)
    axes.set(xlim=(-0.5, len(across) - 0.5), ylim=(len(down) - 0.5, -0.5))
    axes.set_xticks(range(len(across)), [str(at + 1) if long else wrapped(name, width) for at, name in enumerate(across)])
    axes.set_yticks(range(len(down)), names)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    _scale(figure, axes, limit)
    if long:
        numbered_legend(figure, across)
    return figure


def _fill(axes: Any, cells: Mapping[tuple[int, int], Effect | None], limit: float) -> None:
    """`cells` maps (column, row) to what is shown there."""
    values = {place: effect.difference if effect else None for place, effect in cells.items()}
    known = {place: value for place, value in values.items() if value is not None}
    style = {"edgecolors": "0.85", "linewidths": 0.8}
    rectangles(
        axes,
        [_corners(place) for place in known],
        facecolors=_colours()([0.5 + one / limit / 2 for one in known.values()]),
        **style,
    )
    if undefined := [_corners(place) for place in values if place not in known]:
        rectangles(axes, undefined, facecolors="white", hatch=UNDEFINED_HATCH, **style)
    for (column, row), effect in cells.items():
        _number(axes, effect, column, row, limit)


def _corners(place: tuple[int, int]) -> tuple[float, float, float, float]:
    column, row = place
    return column - 0.5, row - 0.5, column + 0.5, row + 0.5


def _number(axes: Any, effect: Effect | None, column: int, row: int, limit: float) -> None:
    value = effect.difference if effect else None
    clear = effect is not None and effect.is_significant
    dark = value is not None and abs(value) > 0.62 * limit
    text = points(value) + ("*" if clear else "")
    style = {"ha": "center", "va": "center", "fontsize": 8.5, "color": "white" if dark else "0.1"}
    # It lies within the axes: the layout need not measure it.
    axes.text(column, row, text, fontweight="bold" if clear else "normal", **style).set_in_layout(False)


def _colours() -> Any:
    import matplotlib as mpl

    return mpl.colormaps[CHANGES]


def _scale(figure: "Figure", axes: Any, limit: float) -> None:
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    scale = ScalarMappable(Normalize(-100 * limit, 100 * limit), _colours())
    figure.colorbar(scale, ax=axes, location="bottom", shrink=0.5, aspect=40, pad=0.03, label="points")
