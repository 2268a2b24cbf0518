"""Writes the report: one page that needs no network, and files of its pictures and tables."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from synthsweep.compare.report.figures.forest import forests
from synthsweep.compare.report.files import remove_others, write_figures, write_tables
from synthsweep.compare.report.glossary import MEANINGS, anchor, with_terms
from synthsweep.compare.report.headline.study import findings
from synthsweep.compare.report.methods import setup_line
from synthsweep.compare.report.names import contrasts, criteria
from synthsweep.compare.report.section import ReportSection
from synthsweep.compare.report.sections import sections, tables_of
from synthsweep.compare.report.tables.answer import primary
from synthsweep.compare.result.comparison import Comparison
from synthsweep.pages.page import DEMO_NOTE, rendered
from synthsweep.pages.pictures.draw_many import draw_all
from synthsweep.pages.pictures.picture import Picture
from synthsweep.storage.files import write_whole

PAGE = "report.html"
# A table with more rows than this is folded.
LONG = 24
# A forest with more marks is too tall to stand beside the answer.
BESIDE = 36


def write_report(answer: Comparison, folder: Path, asked: str = "", index: str = "") -> Path:
    """Writes `figures/`, `tables/` and `report.html`, whose path it returns; each file is written completely or not at all.

    Pictures and tables of an earlier report that this one does not have are removed. `asked` says which settings of the
    comparison were not the usual ones, `index` is the address of the list of all reports.
    """
    shown, first = sections(answer), forests(answer)[:1]
    head = [primary(answer)] if answer.effects else []
    pictures = [*first, *(picture for section in shown for picture in section.all_pictures)]
    draw_all(pictures)
    written = write_figures(pictures, folder / "figures")
    written |= write_tables(answer, [*head, *tables_of(shown)], folder / "tables")
    write_whole(folder / PAGE, render(answer, shown, first, asked, index).encode())
    remove_others(folder, written)
    return folder / PAGE


def render(
    answer: Comparison, shown: Sequence[ReportSection], first: Sequence[Picture], asked: str = "", index: str = ""
) -> str:
    """The page as text; `first` is the forest beside the answer, if any."""
    verdict, *others = (answer.verdict, *answer.headline) if answer.verdict else answer.headline
    values = {
        "answer": answer,
        "asked": asked,
        "index": index,
        "sections": shown,
        "verdict": verdict,
        "findings": findings(answer) if answer.effects else others,
        "in_sentences": others if answer.effects else (),
        "primary": primary(answer) if answer.effects else None,
        "forest": next(iter(first), None),
        "beside": len(criteria(answer)) * len(contrasts(answer)) <= BESIDE,
        "setup": setup_line(answer) if answer.effects else "",
        "numbers_of": _numbers_of(shown),
        "demo": DEMO_NOTE if answer.demo else "",
        "warnings": [_sentence(line) for line in answer.warnings],
        "long": LONG,
        "words": [(word, anchor(word), MEANINGS[word]) for word in sorted(MEANINGS, key=str.casefold)],
        "terms": with_terms,
    }
    return rendered("compare/report", "report.html.j2", values)


def _sentence(line: str) -> str:
    # The name of an arm, such as ratio=1, is spelled as it is.
    named = "=" in line.partition(" ")[0]
    return f"{line[:1] if named else line[:1].upper()}{line[1:].rstrip('.')}."


def _numbers_of(shown: Iterable[ReportSection]) -> dict[str, str]:
    """Maps a table's name to the picture that it is shown below; a table that a section shows itself is left out."""
    in_sections = {table.name for section in shown for table in section.all_tables}
    below: dict[str, str] = {}
    for section in shown:
        for picture in section.all_pictures:
            if picture.table is not None and picture.table.name not in in_sections:
                below.setdefault(picture.table.name, picture.name)
    return below
