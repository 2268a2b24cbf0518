"""Stacked bars of shares of variance, and bars of importance."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from synthsweep.compare.report.figures.drawn_arms import drawn_arms, left_out
from synthsweep.compare.report.figures.pagination import chunks, numbered, part_of
from synthsweep.compare.report.names import criteria, title
from synthsweep.compare.report.tables.search import importances
from synthsweep.compare.report.tables.variances import effect_variance, variances
from synthsweep.compare.result.comparison import Comparison
from synthsweep.compare.result.effects import Effect, average_of
from synthsweep.compare.result.search import SearchResult
from synthsweep.pages.numbers import number, percent
from synthsweep.pages.pictures.marks import bars
from synthsweep.pages.pictures.palette import ink
from synthsweep.pages.pictures.panels import legend, panels, wrapped
from synthsweep.pages.pictures.picture import Picture, canvas

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BARS_PER_PAGE = 44
SHARE = "share of the variance, %"


def effect_variances(answer: Comparison) -> list[Picture]:
    """Shares of seeds and of texts in the variance of an effect, one bar per arm and criterion."""
    shown = [effect for effect in answer.effects if effect.metric == answer.primary and _variance(effect)]
    if not shown:
        return []
    rows = [row for row in criteria(answer) if any(effect.criterion == row for effect in shown)]
    columns = 2 if max(map(len, rows)) > 12 else 4
    arms = [arm for arm in drawn_arms(answer) if any(effect.contrast == arm for effect in shown)]
    parts = chunks(arms, columns * max(1, BARS_PER_PAGE // len(rows)))
    caption = f"Where the uncertainty of a change in {title(answer.primary)} comes from: seeds, or test texts."
    alt = f"Stacked bars: {_shares_in_words(shown)}."
    table = effect_variance(answer)
    return [
        Picture(
            numbered("effect_variance", place),
            caption + left_out(answer) + part_of(place, len(parts)),
            alt,
            partial(_seeds_and_texts, answer, some, rows, columns),
            table,
        )
        for place, some in enumerate(parts)
    ]


def _seeds_and_texts(answer: Comparison, arms: Sequence[str], rows: Sequence[str], columns: int) -> "Figure":
    figure, axes = panels(len(arms), columns, 0.19 * len(rows) + 0.7, sharex=True, sharey=True)
    for one, arm in zip(axes, arms, strict=True):
        _stacked(one, {row: _shares(answer.effect(arm, answer.primary, row)) for row in rows})
        one.set_title(wrapped(arm, 21 if columns == 4 else 34), loc="left", fontsize=8.5)
        one.set_xticks([0, 50, 100])
    figure.supxlabel(SHARE, fontsize=9)
    legend(figure)
    return figure


def _variance(effect: Effect) -> float:
    return (effect.seed_variance or 0.0) + (effect.text_variance or 0.0)


def _shares(effect: Effect | None) -> dict[str, float]:
    if effect is None or not _variance(effect):
        return {"seeds": 0.0, "texts": 0.0}
    seeds = (effect.seed_variance or 0.0) / _variance(effect)
    return {"seeds": seeds, "texts": 1 - seeds}


def _shares_in_words(shown: Sequence[Effect]) -> str:
    macro = [effect for effect in shown if effect.criterion == average_of(effect.metric)] or shown[:3]
    shares = (f"{effect.contrast}, {effect.criterion}: seeds {percent(_shares(effect)['seeds'], 0)}" for effect in macro)
    return "share of the variance of each change that comes from seeds, the rest from texts; " + "; ".join(shares)


def sources(answer: Comparison) -> list[Picture]:
    """Sources of the variance of scores, one bar per metric and criterion."""
    bars: dict[str, dict[str, float]] = {}
    for one in answer.variances:
        if one.share is not None:
            bars.setdefault(f"{title(one.metric)}, {one.criterion}", {})[one.source] = one.share
    if not bars:
        return []
    shares = "; ".join(
        f"{name}: {', '.join(f'{source} {percent(share, 0)}' for source, share in of.items())}"
        for name, of in list(bars.items())[:4]
    )
    caption = "Sources of the variance of a score, as shares of the whole."
    alt = f"Stacked bars of shares of variance. {shares}."
    return [Picture("variances", caption, alt, partial(_sources, bars), variances(answer))]


def _sources(bars: Mapping[str, Mapping[str, float]]) -> "Figure":
    figure = canvas(0.24 * len(bars) + 0.9)
    axes = figure.subplots()
    _stacked(axes, bars)
    axes.set_xlabel(SHARE)
    legend(figure)
    return figure


def _stacked(axes: Any, parts: Mapping[str, Mapping[str, float]]) -> None:
    """`parts` maps each bar to its parts, and each part to its share."""
    starts = dict.fromkeys(parts, 0.0)
    for place, source in enumerate(dict.fromkeys(name for of in parts.values() for name in of)):
        shares = [of.get(source, 0.0) for of in parts.values()]
        style = {"facecolors": ink(place).colour, "hatch": ink(place).hatch, "edgecolors": "white", "label": source}
        bars(axes, [100 * share for share in shares], 0.75, list(starts.values()), **style)
        starts = {bar: starts[bar] + 100 * parts[bar].get(source, 0.0) for bar in parts}
    axes.set_yticks(range(len(parts)), [wrapped(name, 34, 1) for name in parts])
    axes.set(xlim=(0, 100), ylim=(len(parts) - 0.5, -0.5))
    axes.tick_params(axis="y", length=0)


def importance_bars(search: SearchResult) -> list[Picture]:
    """The importance of each factor, one panel per objective."""
    known = {objective: of for objective, of in search.importances.items() if of}
    if not known:
        return []
    values = "; ".join(
        f"{objective}: {', '.join(f'{factor} {number(value)}' for factor, value in of.items())}"
        for objective, of in known.items()
    )
    caption = "Importance of each factor for the search's objective: where the sampler looked, not what a factor does."
    alt = f"Bars of importance. {values}."
    return [Picture("importances", caption, alt, partial(_importances, known), importances(search))]


def _importances(known: Mapping[str, Mapping[str, float]]) -> "Figure":
    factors = list(dict.fromkeys(factor for of in known.values() for factor in of))
    figure, axes = panels(len(known), 1, 0.24 * len(factors) + 0.5)
    for one, (objective, of) in zip(axes, known.items(), strict=True):
        _importance_panel(one, objective, {factor: of[factor] for factor in factors if factor in of})
    return figure


def _importance_panel(axes: Any, objective: str, of: Mapping[str, float]) -> None:
    axes.barh(range(len(of)), list(of.values()), 0.7, color=ink(0).colour)
    for place, value in enumerate(of.values()):
        axes.text(value, place, f" {number(value)}", va="center", fontsize=8)
    axes.set_yticks(range(len(of)), [wrapped(factor, 40, 1) for factor in of])
    axes.set_ylim(len(of) - 0.5, -0.5)
    axes.set_xlim(0, 1.12 * max(of.values(), default=1.0) or 1.0)
    axes.set_title(objective, loc="left", fontsize=8.5)
    axes.tick_params(axis="y", length=0)
