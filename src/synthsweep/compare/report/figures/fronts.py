"""Scatter plots of trade-offs: gain against cost, and the trials of a search."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from synthsweep.compare.cautions import differ
from synthsweep.compare.report.tables.costs import costs
from synthsweep.compare.report.tables.search import ranked, trials
from synthsweep.compare.result.comparison import Comparison
from synthsweep.compare.result.search import SearchResult, SearchTrial
from synthsweep.pages.numbers import money, number, score, signed_points
from synthsweep.pages.pictures.palette import BEST, OTHERS
from synthsweep.pages.pictures.panels import numbered_legend, wrapped
from synthsweep.pages.pictures.picture import Picture, canvas

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Spot:
    """A named point; `front` is True if no other point beats it."""

    x: float
    y: float
    name: str
    front: bool


def frontier(answer: Comparison) -> list[Picture]:
    """Average precision gained against dollars, or against seconds of training if no arm cost any.

    There is none where nothing was paid and all arms trained for as many steps: seconds would show noise as a price.
    """
    paid = any(cost.usd for cost in answer.costs)
    if not paid and equal_steps(answer):
        return []
    spots = [
        Spot(float(price), cost.ap_points, cost.arm, cost.frontier)
        for cost in answer.costs
        if (price := cost.usd if paid else cost.train_s) is not None and cost.ap_points is not None
    ]
    if not spots:
        return []
    unit = "dollars" if paid else "seconds of training"
    best = "; ".join(
        f"{spot.name} {signed_points(spot.y)} for {money(spot.x) if paid else number(spot.x, 1)}"
        for spot in spots
        if spot.front
    )
    caption = (
        f"Points of average precision gained, against {answer.baseline}, by {unit}. Filled: no other arm gives more for less."
    )
    alt = f"Scatter of the points gained against {unit}. On the frontier: {best or 'none'}."
    numbered = [replace(spot, name=str(place)) for place, spot in enumerate(spots, start=1)]
    draw = partial(_scatter, numbered, unit, "change in average precision, points", [spot.name for spot in spots])
    return [Picture("frontier", caption, alt, draw, costs(answer))]


def equal_steps(answer: Comparison) -> bool:
    """Whether all arms are known to have trained for the same number of steps."""
    steps = [arm.facts.get("train/steps", 0.0) for arm in answer.arms]
    return bool(steps) and min(steps) > 0 and not differ(min(steps), max(steps))


def fronts(search: SearchResult) -> list[Picture]:
    """The trials by two objectives, or by trial number and the only objective."""
    done = [trial for trial in search.trials if trial.values and None not in trial.values]
    if not done:
        return []
    pair = len(search.objectives) > 1
    x, y = search.objectives[:2] if pair else ("trial", search.objectives[0])
    spots = [_spot(trial, pair) for trial in done]
    best = [trial for trial in ranked(search) if trial.front][:3]
    values = "; ".join(f"trial {trial.number}: {', '.join(map(score, trial.values))}" for trial in best)
    caption = f"Trials of the search: {y} over {x}, on dev. Filled marks: no trial beats them."
    if len(search.objectives) > 2:
        caption += f" Not shown: {', '.join(search.objectives[2:])}."
    alt = f"Scatter of {len(spots)} trials, {y} over {x}. Best: {values or 'none'}."
    return [Picture("front", caption, alt, partial(_scatter, spots, x, y), trials(search))]


def _spot(trial: SearchTrial, pair: bool) -> Spot:
    first, *others = (value or 0.0 for value in trial.values)
    x, y = (first, others[0]) if pair else (float(trial.number), first)
    return Spot(x, y, str(trial.number), trial.front)


def _scatter(spots: Sequence[Spot], x: str, y: str, names: Sequence[str] = ()) -> "Figure":
    figure = canvas(3.6 + 0.17 * len(names))
    axes = figure.subplots()
    front = sorted((spot.x, spot.y) for spot in spots if spot.front)
    rest = [(spot.x, spot.y) for spot in spots if not spot.front]
    if len(front) > 1:
        axes.plot(*zip(*front, strict=True), color=BEST.colour, linewidth=1, alpha=0.6)
    if rest:
        axes.plot(*zip(*rest, strict=True), OTHERS.marker, color=OTHERS.colour, markerfacecolor="white", markersize=6)
    if front:
        axes.plot(*zip(*front, strict=True), BEST.marker, color=BEST.colour, markersize=7)
    _label(axes, spots)
    axes.margins(0.12)
    axes.grid(alpha=0.3)
    axes.set(xlabel=x, ylabel=wrapped(y, 46))
    if names:
        numbered_legend(figure, names)
    return figure


def _label(axes: Any, spots: Sequence[Spot]) -> None:
    # Of many points, only those on the front have a name.
    for spot in spots:
        if spot.front or len(spots) <= 16:
            axes.annotate(spot.name, (spot.x, spot.y), xytext=(6, 4), textcoords="offset points", fontsize=8.5)
