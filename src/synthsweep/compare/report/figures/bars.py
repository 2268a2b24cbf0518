"""Stacked bars of variance, and bars of importance."""

from collections.abc import Mapping, Sequence
from typing import Any

from synthsweep.compare.report.figures.style import Picture, chunks, colour, hatch, legend, numbered, panels, part, wrapped
from synthsweep.compare.report.numbers import percent, plain
from synthsweep.compare.report.tables.details import importances, variances
from synthsweep.compare.report.tables.effects import contrasts, criteria, shares_of_variance, title
from synthsweep.compare.result import Comparison, Effect, SearchResult
from synthsweep.pages.drawing import canvas

BARS = 44
SHARE = "share of the variance, %"


def effect_variances(answer: Comparison) -> list[Picture]:
    """Seeds against texts, a bar an arm and criterion."""
    found = [effect for effect in answer.effects if effect.metric == answer.primary and _whole(effect)]
    if not found:
        return []
    rows = [row for row in criteria(answer) if any(effect.criterion == row for effect in found)]
    columns = 2 if max(map(len, rows)) > 12 else 4
    arms = [arm for arm in contrasts(answer) if any(effect.contrast == arm for effect in found)]
    parts = chunks(arms, columns * max(1, BARS // len(rows)))
    alt = f"Stacked bars: {_share_words(found)}."
    numbers = shares_of_variance(answer)
    return [
        Picture(
            numbered("effect_variance", place),
            f"Where the uncertainty of a change in {title(answer.primary)} comes from: seeds, or test texts."
            f"{part(place, len(parts))}",
            alt,
            _seeds_and_texts(answer, some, rows, columns),
            numbers,
        )
        for place, some in enumerate(parts)
    ]


def _seeds_and_texts(answer: Comparison, arms: Sequence[str], rows: Sequence[str], columns: int) -> Any:
    figure, axes = panels(len(arms), columns, 0.19 * len(rows) + 0.7, sharex=True, sharey=True)
    for one, arm in zip(axes, arms, strict=True):
        _stacked(one, {row: _halves(answer.effect(arm, answer.primary, row)) for row in rows})
        one.set_title(wrapped(arm, 21 if columns == 4 else 34), loc="left", fontsize=8.5)
        one.set_xticks([0, 50, 100])
    figure.supxlabel(SHARE, fontsize=9)
    legend(figure)
    return figure


def _whole(effect: Effect) -> float:
    return (effect.seed_variance or 0.0) + (effect.text_variance or 0.0)


def _halves(effect: Effect | None) -> dict[str, float]:
    if effect is None or not _whole(effect):
        return {"seeds": 0.0, "texts": 0.0}
    seeds = (effect.seed_variance or 0.0) / _whole(effect)
    return {"seeds": seeds, "texts": 1 - seeds}


def _share_words(found: Sequence[Effect]) -> str:
    macro = [effect for effect in found if effect.criterion == "macro"] or found[:3]
    said = (f"{effect.contrast}, {effect.criterion}: seeds {percent(_halves(effect)['seeds'])}" for effect in macro)
    return "share of the variance of each change that comes from seeds, the rest from texts; " + "; ".join(said)


def sources(answer: Comparison) -> list[Picture]:
    """Sources of the variance of scores, a bar a metric and criterion."""
    bars: dict[str, dict[str, float]] = {}
    for found in answer.variances:
        if found.share is not None:
            bars.setdefault(f"{title(found.metric)}, {found.criterion}", {})[found.source] = found.share
    if not bars:
        return []
    said = "; ".join(f"{name}: {', '.join(f'{s} {percent(v)}' for s, v in of.items())}" for name, of in list(bars.items())[:4])
    caption = "Sources of the variance of a score, as shares of the whole."
    figure = canvas(0.24 * len(bars) + 0.9)
    axes = figure.subplots()
    _stacked(axes, bars)
    axes.set_xlabel(SHARE)
    legend(figure)
    return [Picture("variances", caption, f"Stacked bars of shares of variance. {said}.", figure, variances(answer))]


def _stacked(axes: Any, bars: Mapping[str, Mapping[str, float]]) -> None:
    """Bar to part to share."""
    starts = dict.fromkeys(bars, 0.0)
    for place, source in enumerate(dict.fromkeys(name for of in bars.values() for name in of)):
        shares = [bars[bar].get(source, 0.0) for bar in bars]
        style = {"color": colour(place), "hatch": hatch(place), "edgecolor": "white", "label": source}
        axes.barh(range(len(bars)), [100 * share for share in shares], 0.75, left=list(starts.values()), **style)
        starts = {bar: starts[bar] + 100 * bars[bar].get(source, 0.0) for bar in bars}
    axes.set_yticks(range(len(bars)), [wrapped(name, 34, 1) for name in bars])
    axes.set(xlim=(0, 100), ylim=(len(bars) - 0.5, -0.5))
    axes.tick_params(axis="y", length=0)


def importance_bars(search: SearchResult) -> list[Picture]:
    """A panel an objective."""
    found = {name: of for name, of in search.importances.items() if of}
    if not found:
        return []
    factors = list(dict.fromkeys(factor for of in found.values() for factor in of))
    figure, axes = panels(len(found), 1, 0.24 * len(factors) + 0.5)
    for one, (name, of) in zip(axes, found.items(), strict=True):
        _importances(one, name, {factor: of[factor] for factor in factors if factor in of})
    said = "; ".join(
        f"{name}: {', '.join(f'{factor} {plain(value)}' for factor, value in of.items())}" for name, of in found.items()
    )
    caption = "Importance of each factor for the search's objective: where the sampler looked, not what a factor does."
    return [Picture("importances", caption, f"Bars of importance. {said}.", figure, importances(search))]


def _importances(axes: Any, name: str, of: Mapping[str, float]) -> None:
    axes.barh(range(len(of)), list(of.values()), 0.7, color=colour(0))
    for place, value in enumerate(of.values()):
        axes.text(value, place, f" {plain(value)}", va="center", fontsize=8)
    axes.set_yticks(range(len(of)), [wrapped(factor, 40, 1) for factor in of])
    axes.set_ylim(len(of) - 0.5, -0.5)
    axes.set_xlim(0, 1.12 * max(of.values(), default=1.0) or 1.0)
    axes.set_title(name, loc="left", fontsize=8.5)
    axes.tick_params(axis="y", length=0)
