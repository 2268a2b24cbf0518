"""What a person sees of a comparison: stages and a bar while it goes on, then the answer, the table and what is next."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console, RenderableType
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from synthsweep.errors import listing
from synthsweep.pages.page import DEMO_NOTE

if TYPE_CHECKING:
    from synthsweep.compare.planning import Planned
    from synthsweep.compare.result import Answer
    from synthsweep.config.roots import PowerSettings

SHOWN = 5


class CompareScreen:
    """A line a stage, and on a terminal a bar below it."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(stderr=True, highlight=False, soft_wrap=True)
        self._bar: Progress | None = None
        self._began = time.monotonic()

    def stage(self, text: str) -> None:
        self.close()
        self.console.print(f"[dim]{time.monotonic() - self._began:6.1f} s[/dim]  {text}", markup=True)

    def on_progress(self, done: int, total: int) -> None:
        if not self.console.is_terminal:
            return
        if self._bar is None:
            columns = (TextColumn("         "), MofNCompleteColumn(), BarColumn(), TextColumn("left"), TimeRemainingColumn())
            self._bar = Progress(*columns, console=self.console, transient=True)
            self._bar.add_task("", total=total)
            self._bar.start()
        self._bar.update(self._bar.task_ids[0], completed=done, total=total)

    def close(self) -> None:
        """Takes the bar off the screen."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


def tell(console: Console, answer: "Answer", page: Path, *, not_kept: str) -> None:
    """The headline, a row an arm, what was left out, and where the page is."""
    from synthsweep.compare.report.tables.export import effects_table

    for sentence in answer.headline:
        console.print(sentence, markup=False)
    if answer.effects:
        console.print(effects_table(answer))
    for warning in answer.warnings:
        console.print(f"Note: {warning}.", markup=False)
    if answer.left:
        console.print(f"Left out: {listing([f'{one.name} ({one.reason})' for one in answer.left], SHOWN)}.", markup=False)
    if answer.demo:
        console.print(DEMO_NOTE)
    if not_kept:
        console.print(f"The study's run in MLflow has no copy of the report: {not_kept}", markup=False)
    console.print(f"Report: {page}; figures/ and tables/ lie beside it.", markup=False)
    console.print(f"Next: open {page.absolute().as_uri()} in a browser; {_next_step(answer)}", markup=False)


def _next_step(answer: "Answer") -> str:
    if answer.search is not None and answer.search.confirmation is None:
        return "the same command with compare.confirm=5 says how much the best trial was overrated"
    return "synthsweep ui shows it with the study's run"


def power_tables(settings: "PowerSettings", planned: "Planned", following: str) -> Iterator[RenderableType]:
    """What a study of this size could find, a row a criterion."""
    yield (
        f"study {planned.name}: {planned.arms} arm{'s' * (planned.arms != 1)} against a baseline; "
        f"{planned.family} comparisons of criteria, the macro average by itself; power {settings.power:g}"
    )
    table = Table(header_style="bold")
    for name in ("criterion", "test positives", "seeds", "smallest effect found", f"seeds for {settings.wanted:g} points"):
        table.add_column(name, justify="left" if name == "criterion" else "right")
    for row in planned.power:
        found = "–" if row.detectable is None else f"{100 * row.detectable:.1f} points"
        needed = "no number" if row.seeds_needed is None else str(row.seeds_needed)
        table.add_row(escape(row.criterion), str(row.positives), str(row.seeds), found, needed)
    yield table
    if not planned.power:
        yield "No criterion has a positive in test: nothing could be told."
        return
    yield f"Spreads: {planned.power[0].basis}."
    if any(row.seeds_needed is None for row in planned.power):
        yield "No number of seeds makes up for few test texts: what would help is more of them with the criterion."
    yield f"Next: {following}"
