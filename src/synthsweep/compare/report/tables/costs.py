"""The table of costs: dollars, tokens and seconds, and the points gained; pure."""

from synthsweep.compare.result.comparison import Comparison
from synthsweep.compare.result.supplements import ArmCost
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

BY_SECONDS = ("s a point AP", "frontier")


def costs(answer: Comparison, *, with_seconds: bool = True) -> Table:
    """One row per arm; without what seconds of training buy, where all arms trained alike."""
    note = "AP: average precision. Means over the runs of an arm."
    kept = COLUMNS if with_seconds else {head: side for head, side in COLUMNS.items() if head not in BY_SECONDS}
    places = [place for place, head in enumerate(COLUMNS) if head in kept]
    rows = [tuple(_row(row)[place] for place in places) for row in answer.costs]
    frontier = "Frontier: no other arm gives more for less." if "frontier" in kept else ""
    return compact_table("costs", "What an arm took and gave", kept, rows, frontier, note)


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
