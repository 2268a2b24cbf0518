"""The table of associations: characteristics of the pools against outcomes; pure."""

from synthsweep.compare.report.intervals import bracketed
from synthsweep.compare.report.names import title
from synthsweep.compare.result import Association, Comparison
from synthsweep.pages.numbers import number
from synthsweep.pages.tables.table import Table, compact_table

COLUMNS = {
    "characteristic": "l",
    "outcome": "l",
    "pools": "r",
    "correlation [95 %]": "r",
    "partial [95 %]": "r",
    "held fixed": "l",
    "no number, because": "l",
}


def associations(answer: Comparison) -> Table:
    """One row per characteristic and outcome; without a correlation, the reason."""
    caption = "Characteristics of the pools and what they did: associations, not effects"
    note = "The unit is the pool: fewer than eight say nothing."
    return compact_table("associations", caption, COLUMNS, map(_row, answer.associations), note)


def _row(association: Association) -> tuple[str, ...]:
    return (
        association.characteristic,
        title(association.outcome),
        str(association.pools),
        number(association.correlation) + bracketed(association.interval),
        number(association.partial) + bracketed(association.partial_interval),
        ", ".join(association.confounders),
        association.refused,
    )
