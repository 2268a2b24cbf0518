"""What a person sees: stages and a progress bar on stderr, the table of criteria on stdout."""

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from synthsweep.run.record import TABLE_METRICS

if TYPE_CHECKING:
    from synthsweep.train.fit import CurvePoint

TITLES = {"f1": "F1", "average_precision": "AP"}
AVERAGES = ("macro", "micro", "weighted")


class Screen:
    """A bar with loss and time left on a terminal; a line an evaluation anywhere else."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(stderr=True, highlight=False, soft_wrap=True)
        self._bar: Progress | None = None
        self._began = time.monotonic()
        self._total = 0

    def stage(self, text: str) -> None:
        self.close()
        self.console.print(f"[dim]{time.monotonic() - self._began:6.1f} s[/dim]  {text}")

    def on_step(self, step: int, total: int, loss: float) -> None:
        self._total = total
        if not self.console.is_terminal:
            return
        if self._bar is None:
            self._bar = Progress(
                TextColumn("          step"), MofNCompleteColumn(), BarColumn(), TextColumn("loss {task.fields[loss]:.3f}"),
                TextColumn("left"), TimeRemainingColumn(), console=self.console, transient=True,
            )  # fmt: skip
            self._bar.add_task("training", total=total, loss=loss)
            self._bar.start()
        self._bar.update(self._bar.task_ids[0], completed=step, loss=loss)

    def on_evaluation(self, point: "CurvePoint") -> None:
        score = "undefined" if point.score is None else f"{point.score:.3f}"
        self.console.print(
            f"[dim]{time.monotonic() - self._began:6.1f} s[/dim]  "
            f"epoch {point.epoch:4.1f}  step {point.step} of {self._total}  "
            f"loss {point.train_loss:.3f}  dev loss {point.dev_loss:.3f}  dev AP {score}"
        )

    def close(self) -> None:
        """Takes the bar off the screen."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


def criteria_table(metrics: Mapping[str, float | None], label_ids: tuple[str, ...], title: str) -> Table:
    """Precision, recall, F1, AP and support on test, a row a criterion, then the averages; a dash is undefined."""
    table = Table(title=title, title_justify="left", header_style="bold")
    table.add_column("criterion")
    for metric in TABLE_METRICS:
        table.add_column(TITLES.get(metric, metric), justify="right")
    for row in (*label_ids, *AVERAGES):
        if row == AVERAGES[0]:
            table.add_section()
        # Support is a count: an average of it says nothing.
        shown = [name for name in TABLE_METRICS if not (name == "support" and row in {"macro", "weighted"})]
        table.add_row(row, *(_cell(metric, metrics.get(f"test/{metric}/{row}")) for metric in shown))
    return table


def _cell(metric: str, value: float | None) -> str:
    if value is None:
        return "–"
    return str(int(value)) if metric == "support" else f"{value:.3f}"
