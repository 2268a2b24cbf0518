"""A table of formatted cells; pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from synthsweep.pages.numbers import DASH


@dataclass(frozen=True)
class Table:
    """`align` has l or r per column. The first cell of a row is its heading; a row of one cell heads the rows below."""

    name: str
    caption: str
    heads: tuple[str, ...]
    align: str
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()


def compact_table(name: str, caption: str, columns: Mapping[str, str], rows: Iterable[Sequence[str]], *notes: str) -> Table:
    """Leaves out columns that are blank in every row, and explains a dash. `columns` maps headings to alignments."""
    body = [tuple(row) for row in rows]
    full = [row for row in body if len(row) > 1]
    kept = [place for place in range(len(columns)) if place == 0 or any(row[place] for row in full)]
    shown = tuple(row if len(row) == 1 else tuple(row[place] for place in kept) for row in body)
    heads = list(columns.items())
    dashed = any(DASH in row[1:] for row in shown)
    return Table(
        name,
        caption,
        tuple(heads[place][0] for place in kept),
        "".join(heads[place][1] for place in kept),
        shown,
        (*filter(None, notes), *([f"{DASH}: undefined, or not computed; never 0."] if dashed else [])),
    )


def grouped_rows(groups: Mapping[str, Sequence[Sequence[str]]]) -> list[Sequence[str]]:
    """Puts each group's rows below its name; a group without rows is left out, and one without a name has no heading."""
    return [row for name, rows in groups.items() if rows for row in ([(name,)] if name else []) + list(rows)]
