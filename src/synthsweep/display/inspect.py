"""What the terminal shows of an inspection: its headline, a short table, and the path of the page."""

from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from synthsweep.display.console import print_next, print_prose
from synthsweep.display.word_table import WordTable
from synthsweep.pages.page import DEMO_NOTE

if TYPE_CHECKING:
    from synthsweep.inspect.inspection import Inspection

# The characteristics of whole sets of texts that are shown; the page has the others.
SHORT = ("vendi_q1", "distinct_2", "compression_ratio", "near_duplicates_lexical", "near_duplicates_semantic")


def print_inspection(console: Console, inspection: "Inspection", page: Path) -> None:
    """Prints the headline, one row per characteristic, and the next command."""
    from synthsweep.inspect.report.headline import headline

    for sentence in headline(inspection):
        print_prose(console, sentence)
    if inspection.synthetic.texts:
        console.print(_table(inspection))
    if inspection.demo:
        print_prose(console, DEMO_NOTE)
    print_prose(console, f"Page: {page} (it shows texts: it stays here).")
    print_next(console, f"open {page.absolute().as_uri()} in a browser", inspection.following)


def _table(inspection: "Inspection") -> WordTable:
    from synthsweep.inspect.report.meanings import POOL
    from synthsweep.inspect.report.tables import of_pool, of_texts

    table = WordTable("characteristic", "synthetic", "real", numbers=("synthetic", "real"))
    for row in of_texts(inspection).rows:
        table.add_row(*row[:3])
    table.add_section()
    shown = {POOL[name].title for name in SHORT}
    for row in of_pool(inspection).rows:
        if row[0] in shown:
            table.add_row(*row[:3])
    return table
