"""The table of associations: characteristics of the pools against outcomes; pure."""

from synthsweep.compare.report.intervals import bracketed
from synthsweep.compare.report.names import title
from synthsweep.compare.result.comparison import Comparison
from synthsweep.compare.result.supplements import Association
from synthsweep.pages.numbers import number
from synthsweep.pages.tables.table import Table, compact_table

COLUMNS = {
    "characteristic": "l",
    "outcome": "l",
    "pools": "r",
    "correlation [95 %]": "r",
    "partial [95 %]": "r",
    "held fixed": "l",
}


def associations(answer: Comparison) -> Table:
    """One row per characteristic and outcome that can be related; a note names the others with the reason."""
    caption = "Characteristics of the pools and what they did: associations, not effects"
    known = [one for one in answer.associations if not one.refused]
    return compact_table("associations", caption, COLUMNS, map(_row, known), *refusals(answer))


def refusals(answer: Comparison) -> tuple[str, ...]:
    """One sentence per reason for which characteristics cannot be related to an outcome."""
    reasons: dict[str, dict[str, None]] = {}
    for one in answer.associations:
        if one.refused:
            reasons.setdefault(one.refused, {})[one.characteristic] = None
    return tuple(f"Nothing can be said about {', '.join(names)}: {reason}." for reason, names in reasons.items())


def _row(association: Association) -> tuple[str, ...]:
    return (
        association.characteristic,
        title(association.outcome),
        str(association.pools),
        number(association.correlation) + bracketed(association.interval),
        number(association.partial) + bracketed(association.partial_interval),
        ", ".join(association.confounders),
    )
