"""A section of the report, as values that the page's template shows."""

from dataclasses import dataclass

from synthsweep.pages.pictures.picture import Picture
from synthsweep.pages.tables.table import Table


@dataclass(frozen=True)
class ReportSection:
    """One section, shown in this order: box, facts (term and text), text, pictures, tables, folded parts, code.

    `closed`: a reader opens it by a click; `texts` maps titles to long texts, which are folded.
    """

    ident: str
    title: str
    text: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    box: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()
    tables: tuple[Table, ...] = ()
    folded: tuple[Table, ...] = ()
    folded_pictures: tuple[Picture, ...] = ()
    texts: tuple[tuple[str, str], ...] = ()
    code: tuple[str, ...] = ()
    closed: bool = False

    @property
    def all_pictures(self) -> tuple[Picture, ...]:
        return (*self.pictures, *self.folded_pictures)

    @property
    def all_tables(self) -> tuple[Table, ...]:
        return (*self.tables, *self.folded)
