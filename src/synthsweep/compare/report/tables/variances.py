"""Tables of the sources of the variance of a score, and of the uncertainty of a change; pure."""

from collections.abc import Sequence

from synthsweep.compare.report.names import title
from synthsweep.compare.result.comparison import Comparison
from synthsweep.compare.result.effects import Effect
from synthsweep.pages.numbers import DASH, counted, percent
from synthsweep.pages.tables.table import Table, compact_table, grouped_rows


def variances(answer: Comparison) -> Table:
    """Sources of the variance of a score, as far as the seeds were varied separately."""
    columns = {"source": "l", "levels": "r", "standard deviation, points": "r", "share": "r"}
    groups: dict[str, list[Sequence[str]]] = {}
    for one in answer.variances:
        row = (one.source, str(one.levels), f"{100 * one.variance**0.5:.1f}", percent(one.share, 0))
        groups.setdefault(f"{title(one.metric)}, {one.criterion}", []).append(row)
    return compact_table("variances", "Sources of variance of a score", columns, grouped_rows(groups))


def effect_variance(answer: Comparison) -> Table:
    """Which part of an effect's variance more seeds would lower, and which part more test texts."""
    groups: dict[str, list[Sequence[str]]] = {}
    for effect in answer.effects:
        if effect.metric == answer.primary and effect.seed_variance is not None:
            groups.setdefault(effect.contrast, []).append((effect.criterion, *_cells(effect)))
    columns = {
        "criterion": "l",
        "from seeds": "r",
        "from texts": "r",
        "sd of the difference, points": "r",
        "degrees of freedom": "r",
    }
    caption = f"Where the uncertainty of a change in {title(answer.primary)} comes from"
    notes = ("More seeds lower the first part, more test texts the second.", f"Blocks: {counted(len(answer.blocks), 'seed')}.")
    return compact_table("effect_variance", caption, columns, grouped_rows(groups), *notes)


def _cells(effect: Effect) -> tuple[str, ...]:
    seeds, texts = effect.seed_variance or 0.0, effect.text_variance or 0.0
    whole = seeds + texts
    degrees = "" if effect.degrees is None else f"{effect.degrees:.1f}"
    parts = (percent(seeds / whole, 0), percent(texts / whole, 0)) if whole else (DASH, DASH)
    return (*parts, f"{100 * whole**0.5:.1f}", degrees)
