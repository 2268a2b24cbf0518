"""Ranking and operating point: each arm's path in the precision-recall plane, and the two parts as bars."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from synthsweep.compare.report.figures.drawn_arms import drawn_arms, left_out
from synthsweep.compare.report.figures.pagination import chunks, numbered, part_of
from synthsweep.compare.report.names import named, title
from synthsweep.compare.report.tables.effects import splits
from synthsweep.compare.result.comparison import Comparison
from synthsweep.compare.result.effects import ChangeDecomposition
from synthsweep.pages.numbers import DASH, points
from synthsweep.pages.pictures.marks import bars, segments
from synthsweep.pages.pictures.palette import MUTED, OPERATING_POINT, RANKING, ZERO_LINE, ink
from synthsweep.pages.pictures.panels import columns_for, legend, panels, series_marks, wrapped
from synthsweep.pages.pictures.picture import Picture, canvas

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ARMS_PER_PICTURE = 4
BARS_PER_PICTURE = 44
PAIR = ("precision", "recall")


def movements(answer: Comparison) -> list[Picture]:
    """One panel per criterion: an arrow from the baseline to each arm, and the point that ranking alone would reach."""
    arms, rows = _arms(answer), [row for row in _rows(answer) if any(_way(answer, arm, row) for arm in _arms(answer))]
    if not rows:
        return []
    pages = chunks(arms, ARMS_PER_PICTURE)
    return [_movement(answer, some, rows, (place, len(pages))) for place, some in enumerate(pages)]


def _arms(answer: Comparison) -> tuple[str, ...]:
    split = {one.contrast for one in answer.decompositions}
    return tuple(arm for arm in drawn_arms(answer) if arm in split)


def _rows(answer: Comparison) -> tuple[str, ...]:
    computed = {split.criterion for split in answer.decompositions}
    return tuple(row for row in (*answer.labels, "macro", "micro") if row in computed)


def _movement(answer: Comparison, arms: Sequence[str], rows: Sequence[str], place: tuple[int, int]) -> Picture:
    caption = (
        f"From {answer.baseline} (hollow circle) to each arm (arrow); the pale cross at its end is the 95 % interval of both "
        "changes. The small x is the arm when it calls as many texts positive as the baseline does: the way to it is ranking, "
        "the rest is the operating point. Each panel has its own scale."
        f"{left_out(answer)}{part_of(*place)}"
    )
    alt = f"Arrows in the precision-recall plane from the baseline to each arm. {_macro_changes(answer, arms)}"
    draw = partial(_movement_figure, answer, arms, rows)
    return Picture(numbered("movement", place[0]), caption, alt, draw, splits(answer))


def _movement_figure(answer: Comparison, arms: Sequence[str], rows: Sequence[str]) -> "Figure":
    columns = columns_for(len(rows))
    figure, axes = panels(len(rows), columns, 2.05 if columns == 4 else 2.6)
    for one, criterion in zip(axes, rows, strict=True):
        _panel(one, answer, arms, criterion)
        count = answer.positives.get(criterion)
        below = f"\nn={count}" if count is not None else ""
        one.set_title(wrapped(named(answer, criterion), 84 // columns, 2) + below, fontsize=8.5)
    figure.supxlabel("recall", fontsize=9)
    figure.supylabel("precision", fontsize=9)
    legend(figure, _handles(answer, arms))
    return figure


def _macro_changes(answer: Comparison, arms: Sequence[str]) -> str:
    return "Macro averages: " + "; ".join(f"{arm}: {_parts_in_words(answer, arm)}" for arm in arms) + "."


def _parts_in_words(answer: Comparison, arm: str) -> str:
    macro = [(metric, answer.decomposition(arm, metric, "macro")) for metric in PAIR]
    return ", ".join(
        f"{metric} {points(split.change)}, of which ranking {points(split.ranking)} and operating point "
        f"{points(split.operating_point)}"
        for metric, split in macro
        if split
    )


def _handles(answer: Comparison, arms: Sequence[str]) -> list[Any]:
    from matplotlib.lines import Line2D

    start = Line2D([], [], marker="o", color=ZERO_LINE, markerfacecolor="white", linestyle="none", label=answer.baseline)
    matched = Line2D([], [], marker="x", color=ZERO_LINE, linestyle=":", label="ranking alone")
    return [start, *series_marks(arms), matched]


def _way(answer: Comparison, arm: str, criterion: str) -> tuple[tuple[float, float], ...] | None:
    """Baseline, matched point and arm as (recall, precision); None if one is undefined."""
    effects = {metric: answer.effect(arm, metric, criterion) for metric in PAIR}
    parts = {metric: answer.decomposition(arm, metric, criterion) for metric in PAIR}
    starts = [effect.baseline if (effect := effects[metric]) else None for metric in reversed(PAIR)]
    ranking = [split.ranking if (split := parts[metric]) else None for metric in reversed(PAIR)]
    change = [split.change if (split := parts[metric]) else None for metric in reversed(PAIR)]
    (x, y), (right, up), (far_right, far_up) = starts, ranking, change
    if x is None or y is None or right is None or up is None or far_right is None or far_up is None:
        return None
    return (x, y), (x + right, y + up), (x + far_right, y + far_up)


def _panel(axes: Any, answer: Comparison, arms: Sequence[str], criterion: str) -> None:
    ways = {place: way for place, arm in enumerate(arms) if (way := _way(answer, arm, criterion))}
    axes.set_box_aspect(1)
    axes.grid(alpha=0.3)
    if not ways:
        axes.text(0.5, 0.5, "undefined", ha="center", va="center", color=MUTED, transform=axes.transAxes)
        axes.set(xticks=[], yticks=[])
        return
    corners = {place: _corners(answer, arms[place], criterion, way[0]) for place, way in ways.items()}
    _crosses(axes, {place: (corners[place], way[2]) for place, way in ways.items() if corners[place]})
    colours = [ink(place).colour for place in ways]
    segments(axes, [(*start, *matched) for start, matched, _ in ways.values()], colors=colours, linestyles=":", linewidths=1)
    for place, (start, matched, end) in ways.items():
        _arrow(axes, start, end, ink(place).colour)
        axes.plot(*matched, marker="x", color=ink(place).colour, markersize=5, zorder=3)
        axes.plot(*end, marker=ink(place).marker, color=ink(place).colour, markersize=5, zorder=3)
    # Each arm has its own start: the baseline's mean over the arm's pairs, some of which may be missing.
    starts = zip(*(way[0] for way in ways.values()), strict=True)
    axes.plot(*starts, "o", color="0.2", markerfacecolor="white", markersize=6, zorder=4)
    _square(axes, [point for place, way in ways.items() for point in (*way, *corners[place])])


def _crosses(axes: Any, ends: Mapping[int, tuple[Sequence[tuple[float, float]], tuple[float, float]]]) -> None:
    """The 95 % intervals of both changes, as a pale cross through the end of each arrow; `ends` has their corners and it."""
    lines = [
        (place, line)
        for place, (((left, low), (right, high)), (x, y)) in ends.items()
        for line in ((left, y, right, y), (x, low, x, high))
    ]
    colours = [ink(place).colour for place, _ in lines]
    segments(axes, [line for _, line in lines], colors=colours, linewidths=3, alpha=0.25, zorder=1)


def _arrow(axes: Any, start: tuple[float, float], end: tuple[float, float], colour: str) -> None:
    from matplotlib.patches import FancyArrowPatch

    style: dict[str, Any] = {"arrowstyle": "-|>", "color": colour, "linewidth": 1.2, "shrinkA": 3, "shrinkB": 0}
    arrow = FancyArrowPatch(start, end, mutation_scale=9, zorder=2, **style)
    # It lies within the axes: the layout need not measure it.
    arrow.set_in_layout(False)
    axes.add_artist(arrow)


def _corners(answer: Comparison, arm: str, criterion: str, start: tuple[float, float]) -> list[tuple[float, float]]:
    """(recall, precision) at the lower and at the upper ends of both intervals; empty without intervals."""
    effects = [answer.effect(arm, metric, criterion) for metric in reversed(PAIR)]
    spans = [effect.interval for effect in effects if effect is not None and effect.interval is not None]
    if len(spans) < 2:
        return []
    (x, y), (recall, precision) = start, spans
    return [
        (max(0.0, x + recall.low), max(0.0, y + precision.low)),
        (min(1.0, x + recall.high), min(1.0, y + precision.high)),
    ]


def _square(axes: Any, points_: Sequence[tuple[float, float]]) -> None:
    """Gives both axes the same length, so that slopes can be read."""
    from matplotlib.ticker import MaxNLocator

    spans = [(min(values), max(values)) for values in zip(*points_, strict=True)]
    half = max(0.02, *((high - low) * 0.62 for low, high in spans))
    (left, right), (low, high) = spans
    axes.set(
        xlim=((left + right) / 2 - half, (left + right) / 2 + half), ylim=((low + high) / 2 - half, (low + high) / 2 + half)
    )
    axes.tick_params(labelsize=7)
    axes.xaxis.set_major_locator(MaxNLocator(3))
    axes.yaxis.set_major_locator(MaxNLocator(4))


def parts(answer: Comparison) -> list[Picture]:
    """Ranking and operating point as stacked bars, one row of two panels per arm."""
    arms, rows = _arms(answer), _rows(answer)
    if not any(split.ranking is not None for split in answer.decompositions):
        return []
    pages = chunks(arms, max(1, BARS_PER_PICTURE // len(rows)))
    return [_stacks(answer, some, rows, (place, len(pages))) for place, some in enumerate(pages)]


def _stacks(answer: Comparison, arms: Sequence[str], rows: Sequence[str], place: tuple[int, int]) -> Picture:
    caption = (
        f"The change against {answer.baseline} as the sum of ranking and operating point; the mark is the sum."
        f"{left_out(answer)}{part_of(*place)}"
    )
    alt = f"Stacked bars of the two parts of each change, by criterion. {_macro_changes(answer, arms)}"
    return Picture(numbered("parts", place[0]), caption, alt, partial(_stacks_figure, answer, arms, rows), splits(answer))


def _stacks_figure(answer: Comparison, arms: Sequence[str], rows: Sequence[str]) -> "Figure":
    figure = canvas(len(arms) * (0.19 * len(rows) + 0.5) + 0.8)
    axes = figure.subplots(len(arms), 2, squeeze=False, sharex=True, sharey=True)
    width = 34 if max(map(len, rows)) > 12 else 46
    for arm, pair in zip(arms, axes, strict=True):
        for one, metric in zip(pair, PAIR, strict=True):
            one.set_title(wrapped(f"{title(metric)}: {arm}", width), loc="left", fontsize=8.5)
            _bars(one, [answer.decomposition(arm, metric, row) for row in rows], [wrapped(row, 30, 1) for row in rows])
    figure.supxlabel("change, points", fontsize=9)
    legend(figure)
    return figure


def _bars(axes: Any, changes: Sequence[ChangeDecomposition | None], names: Sequence[str]) -> None:
    ranking = [_points(split.ranking) if split else 0.0 for split in changes]
    moved = [_points(split.operating_point) if split else 0.0 for split in changes]
    # Parts with the same sign are stacked; parts with opposite signs both start at 0.
    starts = [first if first * second > 0 else 0.0 for first, second in zip(ranking, moved, strict=True)]
    bars(axes, ranking, 0.7, facecolors=RANKING.colour, label="ranking")
    style = {"facecolors": OPERATING_POINT.colour, "hatch": OPERATING_POINT.hatch, "edgecolors": "white"}
    bars(axes, moved, 0.7, starts, label="operating point", **style)
    sums = [(100 * one.change, height) for height, one in enumerate(changes) if one is not None and one.change is not None]
    if sums:
        axes.plot(*zip(*sums, strict=True), "D", color="0.1", markeredgecolor="white", markeredgewidth=0.8, markersize=5)
    for height in set(range(len(changes))) - {height for _, height in sums}:
        axes.text(0, height, f" {DASH}", va="center")
    axes.set_yticks(range(len(changes)), names)
    axes.set_ylim(len(changes) - 0.5, -0.5)
    axes.axvline(0, color=ZERO_LINE, linewidth=0.8)
    axes.grid(axis="x", alpha=0.3)
    axes.set_axisbelow(True)
    axes.tick_params(axis="y", length=0)


def _points(value: float | None) -> float:
    return 0.0 if value is None else 100 * value
