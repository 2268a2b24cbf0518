"""The table of costs: dollars, tokens and seconds, and the points gained; pure."""

from synthsweep.compare.result import ArmCost, Comparison
from synthsweep.pages.numbers import money, number, signed_points
from synthsweep.pages.tables.table import Table, compact_table

COLUMNS = {
    "arm": "l",
    "synthetic texts": "r",
    "dollars": "r",
    "tokens": "r",
    "training, s": "r",
    "F1, points": "r",
    "AP, points": "r",
    "$ a point F1": "r",
    "$ a point AP": "r",
    "s a point AP": "r",
    "frontier": "l",
}


def costs(answer: Comparison) -> Table:
    """One row per arm."""
    note = "Frontier: no other arm gives more for less. AP: average precision. Means over the runs of an arm."
    return compact_table("costs", "What an arm took and gave", COLUMNS, map(_row, answer.costs), note)


def _row(row: ArmCost) -> tuple[str, ...]:
    return (
        row.arm,
        f"{row.synthetic_texts:,.0f}",
        money(row.usd),
        number(row.tokens, 0),
        number(row.train_s, 1),
        signed_points(row.f1_points),
        signed_points(row.ap_points),
        money(row.usd_per_f1_point),
        money(row.usd_per_ap_point),
        number(row.extra_s_per_ap_point, 1),
        "yes" if row.frontier else "",
    )
