"""The report: one page that needs no network, its pictures and its tables beside it."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from synthsweep.compare.report.figures.style import Picture
from synthsweep.compare.report.sections import ReportSection, sections
from synthsweep.compare.report.tables.effects import summary
from synthsweep.compare.report.tables.export import write_tables
from synthsweep.compare.result import Comparison
from synthsweep.pages.drawing import data_uri, drawing, saved
from synthsweep.pages.files import place
from synthsweep.pages.page import DEMO_NOTE, rendered
from synthsweep.pages.table import Table

# A table with more rows than this is folded.
LONG = 45
KINDS = {"figures": ("png", "pdf"), "tables": ("csv", "tex")}


def write_report(answer: Comparison, folder: Path) -> Path:
    """Writes `figures/`, `tables/` and `report.html`, whose path it returns; each file appears whole or not at all.

    Pictures and tables of an earlier report that this one has not are removed.
    """
    with drawing():
        found = sections(answer)
        pictures = [picture for section in found for picture in section.pictures]
        written = write_figures(pictures, folder / "figures")
        page = render(answer, found)
    head = [summary(answer)] if answer.effects else []
    written |= write_tables(answer, [*head, *_tables(found)], folder / "tables")
    place(folder / "report.html", page.encode())
    _forget(folder, written)
    return folder / "report.html"


def write_figures(pictures: Iterable[Picture], folder: Path) -> set[Path]:
    """A PNG and a PDF of each; returns what was written."""
    folder.mkdir(parents=True, exist_ok=True)
    written: set[Path] = set()
    for picture in pictures:
        for kind in KINDS["figures"]:
            path = folder / f"{picture.name}.{kind}"
            place(path, saved(picture.figure, kind))
            written.add(path)
    return written


def _forget(folder: Path, written: set[Path]) -> None:
    for name, kinds in KINDS.items():
        for kind in kinds:
            for path in set((folder / name).glob(f"*.{kind}")) - written:
                path.unlink()


def render(answer: Comparison, found: Sequence[ReportSection]) -> str:
    """The page as text; call it inside `drawing()`."""
    values = {"summary": summary(answer) if answer.effects else None, "homes": _homes(found), "demo": DEMO_NOTE, "long": LONG}
    return rendered("compare/report", "report.html.j2", {"answer": answer, "sections": found, "data_uri": data_uri, **values})


def _homes(found: Iterable[ReportSection]) -> dict[str, str]:
    """Table to the picture that carries it; one that a section shows anyway has none, so that no table is on the page twice."""
    shown = {one.name for section in found for one in (*section.tables, *section.folded)}
    homes: dict[str, str] = {}
    for section in found:
        for picture in section.pictures:
            if picture.numbers.name not in shown:
                homes.setdefault(picture.numbers.name, picture.name)
    return homes


def _tables(found: Iterable[ReportSection]) -> list[Table]:
    """Each once, those beside pictures too."""
    shown = [
        one
        for section in found
        for one in (*section.tables, *section.folded, *(picture.numbers for picture in section.pictures))
    ]
    return list({one.name: one for one in shown}.values())
