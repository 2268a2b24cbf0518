"""The forest plot: one row per criterion, with a point and its interval for each arm."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from synthsweep.compare.report.figures.drawn_arms import drawn_arms, left_out, ranked_arms
from synthsweep.compare.report.figures.pagination import chunks, numbered, part_of
from synthsweep.compare.report.intervals import changed
from synthsweep.compare.report.names import named, primary_criteria, title
from synthsweep.compare.report.tables.effects import effects
from synthsweep.compare.result.comparison import Comparison
from synthsweep.compare.result.effects import Effect, average_of
from synthsweep.pages.numbers import DASH
from synthsweep.pages.pictures.marks import segments
from synthsweep.pages.pictures.palette import MUTED, ZERO_LINE, Ink, ink
from synthsweep.pages.pictures.panels import legend, series_marks, wrapped
from synthsweep.pages.pictures.picture import Picture, canvas

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ARMS_PER_PICTURE = 5
# A plot with more lines has two columns and no room for numbers.
LINES = 48
# In inches.
LINE_HEIGHT = 0.17


def forests(answer: Comparison) -> list[Picture]:
    """Forest plots of the primary metric, at most five arms each; none if no effect is defined."""
    if not any(effect.metric == answer.primary and effect.difference is not None for effect in answer.effects):
        return []
    parts = chunks(_ordered(answer), ARMS_PER_PICTURE)
    return [_forest(answer, arms, place, len(parts)) for place, arms in enumerate(parts)]


def _ordered(answer: Comparison) -> list[str]:
    """The arms as the study has them; where one picture cannot hold all, those that the verdict names come first."""
    arms = drawn_arms(answer)
    return list(arms) if len(arms) <= ARMS_PER_PICTURE else [arm for arm in ranked_arms(answer) if arm in arms]


def _forest(answer: Comparison, arms: Sequence[str], place: int, count: int) -> Picture:
    caption = (
        f"Change in {title(answer.primary)} against {answer.baseline}, in points, with 95 % intervals. "
        "A filled mark is significant after correction (a criterion over criteria and arms, an average over arms), a hollow "
        f"one is not.{left_out(answer)}{part_of(place, count)}"
    )
    table = effects(answer, answer.primary)
    return Picture(numbered("forest", place), caption, _alt(answer, arms), partial(_figure, answer, arms), table)


def _alt(answer: Comparison, arms: Sequence[str]) -> str:
    average = average_of(answer.primary)
    changes = [
        f"{arm}: {average} {changed(answer.effect(arm, answer.primary, average))}, "
        f"{_clear_count(answer, arm)} of {len(answer.labels)} criteria significant"
        for arm in arms
    ]
    return f"Forest plot of the change in {title(answer.primary)} by criterion and arm, in points. " + "; ".join(changes) + "."


def _clear_count(answer: Comparison, arm: str) -> int:
    return sum(_is_significant(answer.effect(arm, answer.primary, label)) for label in answer.labels)


def _is_significant(effect: Effect | None) -> bool:
    return effect is not None and effect.is_significant


def _figure(answer: Comparison, arms: Sequence[str]) -> "Figure":
    rows = primary_criteria(answer)
    single = len(rows) * len(arms) <= LINES
    columns = chunks(rows, len(rows) if single else -(-len(rows) // 2))
    tallest = max(map(len, columns))
    figure = canvas(tallest * max(len(arms) + 0.6, 2.0 if single else 2.4) * LINE_HEIGHT + 1.1)
    axes = figure.subplots(1, len(columns), squeeze=False, sharex=True)[0]
    for one, column in zip(axes, columns, strict=True):
        _panel(one, answer, arms, column, with_numbers=single)
        # Rows stay equally high in columns of unequal length.
        one.set_ylim(tallest - 0.5, -0.5)
    figure.supxlabel(f"change in {title(answer.primary)}, points", fontsize=9)
    legend(figure, series_marks(arms, linewidth=1.4, markersize=5))
    return figure


def _panel(axes: Any, answer: Comparison, arms: Sequence[str], rows: Sequence[str], *, with_numbers: bool) -> None:
    axes.axvline(0, color=ZERO_LINE, linewidth=0.8)
    for row in range(0, len(rows), 2):
        axes.axhspan(row - 0.5, row + 0.5, color="0.955", linewidth=0)
    for place, arm in enumerate(arms):
        shift = (place - (len(arms) - 1) / 2) * 0.84 / len(arms)
        shown = [(answer.effect(arm, answer.primary, criterion), row + shift) for row, criterion in enumerate(rows)]
        _points(axes, shown, ink(place))
        for effect, height in shown if with_numbers else ():
            _number(axes, effect, height)
    axes.set_yticks(range(len(rows)), [_name(answer, criterion, 32 if with_numbers else 24) for criterion in rows])
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", alpha=0.3)
    axes.set_axisbelow(True)


def _points(axes: Any, shown: Sequence[tuple[Effect | None, float]], of_arm: Ink) -> None:
    """Effects at their heights."""
    known = [(effect, height) for effect, height in shown if effect is not None and effect.difference is not None]
    for height in (height for effect, height in shown if effect is None or effect.difference is None):
        axes.text(0, height, f" {DASH}", va="center", fontsize=8, color=of_arm.colour)
    spans = [(effect.interval, height) for effect, height in known if effect.interval is not None]
    ends = [(100 * interval.low, height, 100 * interval.high, height) for interval, height in spans]
    segments(axes, ends, colors=of_arm.colour, linewidths=1.4)
    style = {"color": of_arm.colour, "marker": of_arm.marker, "markersize": 5, "zorder": 3, "linestyle": "none"}
    for significant, inside in ((True, of_arm.colour), (False, "white")):
        spots = [(100 * (one.difference or 0.0), height) for one, height in known if one.is_significant == significant]
        if spots:
            axes.plot(*zip(*spots, strict=True), markerfacecolor=inside, **style)


def _number(axes: Any, effect: Effect | None, height: float) -> None:
    shade = "black" if _is_significant(effect) else MUTED
    axes.text(1.02, height, changed(effect), color=shade, transform=axes.get_yaxis_transform(), va="center", fontsize=7.5)


def _name(answer: Comparison, criterion: str, width: int) -> str:
    count = answer.positives.get(criterion)
    return wrapped(named(answer, criterion), width, 2) + (f" (n={count})" if count is not None else "")
