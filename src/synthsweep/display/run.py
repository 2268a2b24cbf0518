"""What the terminal shows of a run: the table of criteria."""

from collections.abc import Mapping

from rich.table import Table

from synthsweep.run.record.result import TABLE_METRICS

TITLES = {"f1": "F1", "average_precision": "AP"}
AVERAGES = ("macro", "micro", "weighted")


def criteria_table(metrics: Mapping[str, float | None], label_ids: tuple[str, ...], title: str) -> Table:
    """Precision, recall, F1, AP and support on test, one row per criterion and average; a dash means undefined."""
    table = Table(title=title, title_justify="left", header_style="bold")
    table.add_column("criterion")
    for metric in TABLE_METRICS:
        table.add_column(TITLES.get(metric, metric), justify="right")
    for row in (*label_ids, *AVERAGES):
        if row == AVERAGES[0]:
            table.add_section()
        # Support is a count, and its average has no meaning.
        shown = [name for name in TABLE_METRICS if not (name == "support" and row in {"macro", "weighted"})]
        table.add_row(row, *(_cell(metric, metrics.get(f"test/{metric}/{row}")) for metric in shown))
    return table


def _cell(metric: str, value: float | None) -> str:
    if value is None:
        return "–"
    return str(int(value)) if metric == "support" else f"{value:.3f}"
