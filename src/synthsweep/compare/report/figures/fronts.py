"""More for less: the frontier of cost, and the trials of a search."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from synthsweep.compare.report.figures.style import COLOURS, GREY, Picture, key, wrapped
from synthsweep.compare.report.numbers import money, plain, score, signed
from synthsweep.compare.report.tables.details import costs, ranked, trials
from synthsweep.compare.result import Comparison, SearchResult, SearchTrial
from synthsweep.pages.drawing import canvas

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Spot:
    """A point with a name; `front`: nothing beats it."""

    x: float
    y: float
    name: str
    front: bool


def frontier(answer: Comparison) -> list[Picture]:
    """Points of average precision over dollars, or over seconds where no arm cost any."""
    paid = any(cost.usd for cost in answer.costs)
    found = [
        Spot(float(price), cost.ap_points, cost.arm, cost.frontier)
        for cost in answer.costs
        if (price := cost.usd if paid else cost.train_s) is not None and cost.ap_points is not None
    ]
    if not found:
        return []
    unit = "dollars" if paid else "seconds of training"
    said = "; ".join(f"{s.name} {signed(s.y)} for {money(s.x) if paid else plain(s.x, 1)}" for s in found if s.front)
    caption = (
        f"Points of average precision gained, against {answer.baseline}, by {unit}. Filled: no other arm gives more for less."
    )
    alt = f"Scatter of the points gained against {unit}. On the frontier: {said or 'none'}."
    spots = [replace(spot, name=str(place)) for place, spot in enumerate(found, start=1)]
    figure = _scatter(spots, unit, "change in average precision, points", [spot.name for spot in found])
    return [Picture("frontier", caption, alt, figure, costs(answer))]


def fronts(search: SearchResult) -> list[Picture]:
    """The trials by two objectives, or one by its order in time."""
    done = [trial for trial in search.trials if trial.values and None not in trial.values]
    if not done:
        return []
    pair = len(search.objectives) > 1
    x, y = search.objectives[:2] if pair else ("trial", search.objectives[0])
    found = [_spot(trial, pair) for trial in done]
    best = [trial for trial in ranked(search) if trial.front][:3]
    said = "; ".join(f"trial {t.number}: {', '.join(map(score, t.values))}" for t in best)
    caption = f"Trials of the search: {y} over {x}, on dev. Filled marks: no trial beats them."
    if len(search.objectives) > 2:
        caption += f" Not shown: {', '.join(search.objectives[2:])}."
    alt = f"Scatter of {len(found)} trials, {y} over {x}. Best: {said or 'none'}."
    return [Picture("front", caption, alt, _scatter(found, x, y), trials(search))]


def _spot(trial: SearchTrial, pair: bool) -> Spot:
    first, *others = (value or 0.0 for value in trial.values)
    x, y = (first, others[0]) if pair else (float(trial.number), first)
    return Spot(x, y, str(trial.number), trial.front)


def _scatter(found: Sequence[Spot], x: str, y: str, keys: Sequence[str] = ()) -> "Figure":
    figure = canvas(3.6 + 0.17 * len(keys))
    axes = figure.subplots()
    front = sorted((spot.x, spot.y) for spot in found if spot.front)
    rest = [(spot.x, spot.y) for spot in found if not spot.front]
    if len(front) > 1:
        axes.plot(*zip(*front, strict=True), color=COLOURS[0], linewidth=1, alpha=0.6)
    if rest:
        axes.plot(*zip(*rest, strict=True), "o", color=GREY, markerfacecolor="white", markersize=6)
    if front:
        axes.plot(*zip(*front, strict=True), "D", color=COLOURS[0], markersize=7)
    _names(axes, found)
    axes.margins(0.12)
    axes.grid(alpha=0.3)
    axes.set(xlabel=x, ylabel=wrapped(y, 46))
    if keys:
        key(figure, keys)
    return figure


def _names(axes: Any, found: Sequence[Spot]) -> None:
    # Every name of a few, of many only those of the front.
    for spot in found:
        if spot.front or len(found) <= 16:
            axes.annotate(spot.name, (spot.x, spot.y), xytext=(6, 4), textcoords="offset points", fontsize=8.5)
