"""What a person sees of a comparison: its headline, the table of effects, and what to do next."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console, RenderableType
from rich.markup import escape
from rich.table import Table

from synthsweep.errors import listing
from synthsweep.pages.page import DEMO_NOTE

if TYPE_CHECKING:
    from synthsweep.compare.planning import PlannedPower
    from synthsweep.compare.result import Comparison
    from synthsweep.config.roots import PowerSettings

SHOWN = 5


def print_comparison(console: Console, answer: "Comparison", page: Path, *, not_kept: str) -> None:
    """The headline, a row an arm, what was left out, and where the page is."""
    from synthsweep.compare.report.tables.export import effects_table

    for sentence in answer.headline:
        console.print(sentence, markup=False)
    if answer.effects:
        console.print(effects_table(answer))
    for warning in answer.warnings:
        console.print(f"Note: {warning}.", markup=False)
    if answer.excluded:
        console.print(f"Left out: {listing([f'{one.name} ({one.reason})' for one in answer.excluded], SHOWN)}.", markup=False)
    if answer.demo:
        console.print(DEMO_NOTE)
    if not_kept:
        console.print(f"The study's run in MLflow has no copy of the report: {not_kept}", markup=False)
    console.print(f"Report: {page}; figures/ and tables/ lie beside it.", markup=False)
    console.print(f"Next: open {page.absolute().as_uri()} in a browser; {_next_step(answer)}", markup=False)


def _next_step(answer: "Comparison") -> str:
    if answer.search is not None and answer.search.confirmation is None:
        return "the same command with compare.confirm=5 says how much the best trial was overrated"
    return "synthsweep ui shows it with the study's run"


def power_tables(settings: "PowerSettings", planned: "PlannedPower", following: str) -> Iterator[RenderableType]:
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
