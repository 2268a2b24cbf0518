"""Tables of provenance: the excluded runs, and the versions of packages; pure."""

from synthsweep.compare.result.comparison import Comparison
from synthsweep.pages.tables.table import Table, compact_table


def excluded_runs(answer: Comparison) -> Table:
    """Every run that is not compared, and why."""
    rows = [(run.name, run.run_id, run.status, run.reason) for run in answer.excluded]
    columns = dict.fromkeys(("run", "id", "status", "reason"), "l")
    return compact_table("left", "Runs that are not compared, and why", columns, rows)


def versions(answer: Comparison) -> Table:
    """The versions of the packages that the runs used."""
    rows = sorted(answer.provenance.versions.items())
    return compact_table("versions", "Versions", {"package": "l", "version": "l"}, rows)
