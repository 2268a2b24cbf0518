"""What the terminal shows of a comparison: its headline, the table of effects, and what to do next."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console, RenderableType

from synthsweep.config.metrics import ACCURACY
from synthsweep.display.console import print_next, print_prose
from synthsweep.display.word_table import WordTable
from synthsweep.messages import listing
from synthsweep.pages.numbers import DASH, counted, number, score
from synthsweep.pages.page import DEMO_NOTE

if TYPE_CHECKING:
    from synthsweep.compare.planning import PlannedPower
    from synthsweep.compare.result.comparison import Comparison
    from synthsweep.config.roots import PowerSettings

SHOWN = 5
# Columns of the table of criteria.
ARMS_SHOWN = 3


def print_comparison(console: Console, answer: "Comparison", page: Path, *, not_kept: str, index: Path, others: int) -> None:
    """Prints the headline, one row per arm, the excluded runs, the path of the page, and the index of `others` beside it."""
    for sentence in answer.headline:
        print_prose(console, sentence)
    if answer.effects:
        console.print(effects_table(answer))
        console.print(criteria_table(answer))
        for table in part_tables(answer):
            console.print(table)
    beside = answer.tfidf_baseline
    if beside and beside.baseline_ap is not None and beside.tfidf_ap is not None:
        scores = f"{score(beside.baseline_ap)}, and TF-IDF with logistic regression {score(beside.tfidf_ap)}"
        print_prose(console, f"The baseline has macro average precision {scores}.")
    for warning in answer.warnings:
        print_prose(console, f"Note: {warning}.")
    if answer.excluded:
        print_prose(console, f"Excluded: {listing([f'{one.name} ({one.reason})' for one in answer.excluded], SHOWN)}.")
    if answer.demo:
        print_prose(console, DEMO_NOTE)
    if not_kept:
        print_prose(console, f"The study's run in MLflow has no copy of the report: {not_kept}")
    print_prose(console, f"Report: {page}; figures/ and tables/ lie beside it.")
    if others:
        print_prose(console, f"{counted(others, 'other report')} of this study: {index}")
    print_next(console, f"open {page.absolute().as_uri()} in a browser", _next_step(answer))


def effects_table(answer: "Comparison") -> WordTable:
    """One row per arm: the change of its macro averages, in points with a 95 % interval."""
    from synthsweep.compare.report.intervals import changed
    from synthsweep.compare.report.names import SUMMARY, contrasts, title

    caption = f"change against {answer.baseline}, macro averages, points [95 % interval]"
    heads = [title(metric).replace(" ", "\n") for metric in SUMMARY]
    table = WordTable("arm", *heads, numbers=heads, title=caption, simple=True)
    for arm in contrasts(answer):
        cells = [changed(answer.effect(arm, metric, "macro")) for metric in SUMMARY]
        # The interval is below its change, so that five columns fit into 80 characters.
        table.add_row(arm, *(cell.replace(" [", "\n[") for cell in cells))
    return table


def criteria_table(answer: "Comparison") -> WordTable:
    """One row per criterion: its positives in test, and what each of the first arms changed of the primary metric."""
    from synthsweep.compare.report.intervals import changed
    from synthsweep.compare.report.names import contrasts, title

    arms = contrasts(answer)
    more = f"; the report has {counted(len(arms) - ARMS_SHOWN, 'more arm')}" if len(arms) > ARMS_SHOWN else ""
    caption = f"change of {title(answer.primary)} per criterion, points [95 % interval]{more}"
    heads = ("test positives", *arms[:ARMS_SHOWN])
    table = WordTable("criterion", *heads, numbers=heads, title=caption, simple=True)
    for label in answer.labels:
        cells = [changed(answer.effect(arm, answer.primary, label)) for arm in arms[:ARMS_SHOWN]]
        positives = answer.positives.get(label)
        table.add_row(label, DASH if positives is None else str(positives), *(cell.replace(" [", "\n[", 1) for cell in cells))
    return table


def part_tables(answer: "Comparison") -> Iterator[WordTable]:
    """For each column of subgroups, and for further test sets: the change of the macro average of the first arms."""
    from synthsweep.compare.report.intervals import changed
    from synthsweep.compare.report.names import contrasts
    from synthsweep.compare.result.effects import average_of, averaged

    arms = contrasts(answer)[:ARMS_SHOWN]
    parts = [part for part in (*answer.subgroups, *answer.further_tests) if not part.note]
    place = answer.primary, average_of(answer.primary)
    for column in dict.fromkeys(part.column for part in parts):
        caption = f"change of {averaged(answer.primary)} by {column or 'further test set'}, points [95 % interval]"
        table = WordTable(column or "test set", "texts", *arms, numbers=("texts", *arms), title=caption, simple=True)
        for part in (part for part in parts if part.column == column):
            found = {one.contrast: one for one in part.effects if (one.metric, one.criterion) == place}
            table.add_row(part.value, str(part.texts), *(changed(found.get(arm)).replace(" [", "\n[", 1) for arm in arms))
        yield table


def _next_step(answer: "Comparison") -> str:
    if answer.search is not None and answer.search.confirmation is None:
        return "the same command with compare.confirm=5 says how much the best trial was overrated"
    return "synthsweep ui shows it with the study's run"


def power_tables(settings: "PowerSettings", planned: "PlannedPower", following: str) -> Iterator[RenderableType]:
    """What a study of this size can detect, one row per criterion."""
    average = settings.metric if settings.metric == ACCURACY else "the macro average"
    yield (
        f"study {planned.name}: {counted(planned.arms, 'arm')} against a baseline; "
        f"{planned.family} comparisons of criteria, {planned.arms} of {average}; power {settings.power:g}"
    )
    numbers = ("test positives", "seeds", "smallest effect found", f"seeds for {settings.wanted:g} points")
    table = WordTable("criterion", *numbers, numbers=numbers)
    for row in planned.power:
        detectable = DASH if row.detectable is None else f"{number(100 * row.detectable, 1)} points"
        needed = "no number" if row.seeds_needed is None else str(row.seeds_needed)
        table.add_row(row.criterion, str(row.positives), str(row.seeds), detectable, needed)
    yield table
    if not planned.power:
        yield "No criterion has a positive in test: no effect could be detected."
        return
    yield f"Spreads: {planned.power[0].basis}."
    if any(row.seeds_needed is None for row in planned.power):
        yield "No number of seeds makes up for few test texts: more test texts with the criterion would help."
    yield f"Next: {following}"
