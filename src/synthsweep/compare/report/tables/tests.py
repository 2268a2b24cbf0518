"""Tables of tests apart from the effects: pairs of pools, and the sign-flip test on the test texts at hand; pure."""

from collections.abc import Sequence

from synthsweep.compare.report.intervals import changed
from synthsweep.compare.report.names import title
from synthsweep.compare.result.comparison import Comparison
from synthsweep.compare.result.effects import averaged
from synthsweep.pages.numbers import p_value, points, score
from synthsweep.pages.tables.table import Table, compact_table, grouped_rows

MEANING = (
    "How often chance alone gives a change this large anywhere in the family if only seeds vary, and the test texts stay these "
    "very ones. It says nothing about new texts: intervals and their p do."
)


def sign_flips(answer: Comparison) -> Table:
    """The joint sign-flip test, apart from the p values that speak of new texts."""
    groups: dict[str, list[Sequence[str]]] = {}
    for one in answer.effects:
        if one.p_sign_flip is not None:
            groups.setdefault(one.contrast, []).append((one.criterion, points(one.difference), p_value(one.p_sign_flip)))
    columns = {"criterion": "l", "change, points": "r", "p, sign-flip": "r"}
    caption = f"On these test texts alone: joint sign-flip test of {title(answer.primary)}"
    return compact_table("sign_flips", caption, columns, grouped_rows(groups), MEANING)


def pools(answer: Comparison) -> Table:
    """Each pair of LLMs or prompts: the macro average of the primary metric, over arms that are alike in all else."""
    groups: dict[str, list[Sequence[str]]] = {}
    for pair in answer.pools:
        effect = pair.effect(answer.primary)
        if effect is not None:
            cells = (score(effect.arm), score(effect.baseline), changed(effect), p_value(effect.p), p_value(effect.p_arms))
            groups.setdefault(pair.factor, []).append((f"{pair.one} against {pair.other}", *cells))
    columns = {"pair": "l", "first": "r", "second": "r", "difference [95 %], points": "r", "p": "r", "p, Holm": "r"}
    caption = f"Pair by pair: {averaged(answer.primary)} with the texts of each"
    note = "Means over the arms that both have, alike in all else. p, Holm: over all pairs of a factor."
    return compact_table("pools", caption, columns, grouped_rows(groups), note)
