"""The tables of a comparison: on the screen, as CSV files with every digit, as LaTeX for a paper."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from rich import box
from rich import table as screen
from rich.markup import escape

from synthsweep.compare.report.numbers import changed
from synthsweep.compare.report.tables.effects import SUMMARY, contrasts, title
from synthsweep.compare.report.tables.layout import latex
from synthsweep.compare.result import Comparison
from synthsweep.pages.files import place
from synthsweep.pages.table import Table


def effects_table(answer: Comparison) -> screen.Table:
    """For a terminal: an arm a row, what its macro averages changed by, in points with a 95 % interval."""
    caption = f"change against {answer.baseline}, macro averages, points [95 % interval]"
    shown = screen.Table(title=escape(caption), title_justify="left", header_style="bold", box=box.SIMPLE_HEAD)
    shown.add_column("arm", overflow="fold")
    for metric in SUMMARY:
        shown.add_column(title(metric).replace(" ", "\n"), justify="right", no_wrap=True)
    for arm in contrasts(answer):
        cells = [changed(answer.effect(arm, metric, "macro")) for metric in SUMMARY]
        # The interval below its change: five columns fit into 80 letters.
        shown.add_row(escape(arm), *(escape(cell.replace(" [", "\n[")) for cell in cells))
    return shown


def write_tables(answer: Comparison, shown: Iterable[Table], folder: Path) -> set[Path]:
    """Writes the values of the answer as `NAME.csv`, in shares and undefined ones as empty cells, and `shown` as `NAME.tex`.

    Returns what was written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = {folder / f"{name}.csv": _csv(records) for name, records in _records(answer).items() if records}
    files |= {folder / f"{one.name}.tex": latex(one) for one in shown}
    for path, text in files.items():
        place(path, text.encode())
    return set(files)


def _records(answer: Comparison) -> dict[str, Sequence[Mapping[str, Any]]]:
    """File name to rows."""
    found: dict[str, Iterable[Any]] = {
        "effects": answer.effects,
        "main_effects": answer.main_effects,
        "interactions": answer.interactions,
        "splits": answer.decompositions,
        "associations": answer.associations,
        "variances": answer.variances,
        "power": answer.power,
        "costs": answer.costs,
        "left": answer.excluded,
    }
    curves: dict[str, Sequence[Mapping[str, Any]]] = {
        "doses": _doses(answer),
        "scores": _scores(answer),
        "facts": _facts(answer),
    }
    search = {"trials": _trials(answer), "importances": _importances(answer)} if answer.search else {}
    return {name: [_flat(record) for record in records] for name, records in found.items()} | curves | search


def _flat(record: Any) -> dict[str, Any]:
    """A dataclass as cells: an interval becomes `interval_low` and `interval_high`, a tuple words in one cell."""
    row: dict[str, Any] = {}
    for field in fields(record):
        value = getattr(record, field.name)
        if is_dataclass(value):
            row |= {f"{field.name}_{name}": cell for name, cell in _flat(value).items()}
        else:
            row[field.name] = " ".join(map(str, value)) if isinstance(value, tuple) else value
    return row


def _doses(answer: Comparison) -> list[dict[str, Any]]:
    return [
        {"factor": curve.factor, "held": curve.held, "dose": point.dose, **_flat(point.effect)}
        for curve in answer.doses
        for point in curve.points
    ]


def _scores(answer: Comparison) -> list[dict[str, Any]]:
    return [
        {"arm": arm.arm, "runs": arm.runs, "score": name, "mean": mean, "sd": spread}
        for arm in answer.arms
        for name, (mean, spread) in arm.scores.items()
    ]


def _facts(answer: Comparison) -> list[dict[str, Any]]:
    return [{"arm": arm.arm, "fact": name, "mean": value} for arm in answer.arms for name, value in arm.facts.items()]


def _trials(answer: Comparison) -> list[dict[str, Any]]:
    search = answer.search
    if search is None:
        return []
    return [
        {"trial": trial.number, "state": trial.state, "front": trial.front}
        | dict(zip(search.objectives, trial.values, strict=False))
        | dict(trial.assignment)
        for trial in search.trials
    ]


def _importances(answer: Comparison) -> list[dict[str, Any]]:
    found = answer.search.importances if answer.search else {}
    return [{"objective": name, "factor": key, "importance": value} for name, of in found.items() for key, value in of.items()]


def _csv(rows: Sequence[Mapping[str, Any]]) -> str:
    # The longest row first: an undefined interval is one cell, a defined one two.
    heads = dict.fromkeys(key for row in sorted(rows, key=len, reverse=True) for key in row)
    merged = [head for head in heads if f"{head}_low" not in heads]
    text = io.StringIO()
    writer = csv.DictWriter(text, merged, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
