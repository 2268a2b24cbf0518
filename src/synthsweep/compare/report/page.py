"""Writes the report: one page that needs no network, and files of its pictures and tables."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from synthsweep.compare.report.files import remove_others, write_figures, write_tables
from synthsweep.compare.report.sections import ReportSection, sections
from synthsweep.compare.report.tables.effects import summary
from synthsweep.compare.result import Comparison
from synthsweep.pages.page import DEMO_NOTE, rendered
from synthsweep.pages.tables.table import Table
from synthsweep.storage.files import write_whole

PAGE = "report.html"
# A table with more rows than this is folded.
LONG = 45


def write_report(answer: Comparison, folder: Path, asked: str = "") -> Path:
    """Writes `figures/`, `tables/` and `report.html`, whose path it returns; each file is written completely or not at all.

    Pictures and tables of an earlier report that this one does not have are removed. `asked` says which settings of the
    comparison were not the usual ones.
    """
    shown = sections(answer)
    head = [summary(answer)] if answer.effects else []
    written = write_figures((picture for section in shown for picture in section.pictures), folder / "figures")
    written |= write_tables(answer, [*head, *_tables(shown)], folder / "tables")
    write_whole(folder / PAGE, render(answer, shown, asked).encode())
    remove_others(folder, written)
    return folder / PAGE


def render(answer: Comparison, shown: Sequence[ReportSection], asked: str = "") -> str:
    """The page as text."""
    values = {
        "answer": answer,
        "asked": asked,
        "sections": shown,
        "summary": summary(answer) if answer.effects else None,
        "numbers_of": _numbers_of(shown),
        "headline": answer.headline,
        "demo": DEMO_NOTE if answer.demo else "",
        "warnings": answer.warnings,
        "long": LONG,
    }
    return rendered("compare/report", "report.html.j2", values)


def _numbers_of(shown: Iterable[ReportSection]) -> dict[str, str]:
    """Maps a table's name to the picture that it is shown below; a table that a section shows itself is left out."""
    in_sections = {table.name for section in shown for table in (*section.tables, *section.folded)}
    below: dict[str, str] = {}
    for section in shown:
        for picture in section.pictures:
            if picture.table is not None and picture.table.name not in in_sections:
                below.setdefault(picture.table.name, picture.name)
    return below


def _tables(shown: Iterable[ReportSection]) -> list[Table]:
    """Each table once, including those below pictures."""
    tables = [
        table
        for section in shown
        for table in (*section.tables, *section.folded, *(picture.table for picture in section.pictures))
        if table is not None
    ]
    return list({table.name: table for table in tables}.values())
