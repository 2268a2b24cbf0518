"""Tables of where the numbers come from: the runs that are excluded, and the versions; pure."""

from synthsweep.compare.result import Comparison
from synthsweep.pages.tables.table import Table, compact_table


def excluded_runs(answer: Comparison) -> Table:
    """Every run that is not compared, and why."""
    rows = [(run.name, run.run_id, run.status, run.reason) for run in answer.excluded]
    columns = dict.fromkeys(("run", "id", "status", "reason"), "l")
    return compact_table("left", "Runs that are not compared, and why", columns, rows)


def versions(answer: Comparison) -> Table:
    """The packages that the numbers were made with."""
    rows = sorted(answer.provenance.versions.items())
    return compact_table("versions", "Versions", {"package": "l", "version": "l"}, rows)
