"""A table of real texts as a file holds it: columns of cells, and which row each cell stands in."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from synthsweep.errors import DataError
from synthsweep.messages import listing

# What data.id asks for to number the rows, unless a column has that name.
ROW = "row"
# Broken rules that a message names.
RULES = 8
# Spaces, and characters that nobody sees: marks of byte order, joiners, marks of direction.
AROUND = r"[\s\ufeff\u00ad\u200b-\u200f\u2060\u202a-\u202e\u2066-\u2069]+"
EDGES = re.compile(f"^{AROUND}|{AROUND}$")


@dataclass(frozen=True)
class SourceTable:
    """Columns of equal length; a cell that a row lacks is None.

    `rows` are the numbers of the rows as a spreadsheet or an editor shows them; None counts on from `first_row`. `classes` has
    the names of a column's numbered classes. `notes` says what was skipped or converted on the way.
    """

    source: str
    columns: Mapping[str, list[Any]]
    first_row: int = 1
    rows: Sequence[int] | None = None
    classes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), []))

    def row(self, index: int) -> int:
        """The number of a row as a reader finds it."""
        return self.rows[index] if self.rows is not None else index + self.first_row


def plain_names(names: Sequence[str], place: str) -> tuple[list[str], tuple[str, ...]]:
    """Names of columns without what stands around them and is not seen, and the note that says so.

    Raises:
        DataError: two columns have one name.
    """
    plain = [EDGES.sub("", name) or f"Unnamed: {number}" for number, name in enumerate(names)]
    repeated = (
        next((name for number, name in enumerate(plain) if name in set(plain[:number])), None) if _repeats(plain) else None
    )
    if repeated:
        raise DataError(f"{place} has two columns named {repeated!r}: rename one")
    # Every CSV file may begin with a mark of its encoding.
    cut = [new for new, name in zip(plain, names, strict=True) if name.strip() and new != name.removeprefix("\ufeff")]
    source = place.rpartition(": ")[2]
    return plain, (f"{source}: spaces around the names of columns left out: {', '.join(cut)}",) * bool(cut)


def _repeats(names: Sequence[str]) -> bool:
    return len(set(names)) < len(names)


def with_plain_names(table: SourceTable, kind: str) -> SourceTable:
    """The table with plain names of its columns.

    Raises:
        DataError: two columns have one name.
    """
    names, notes = plain_names(list(table.columns), f"data={kind}: {table.source}")
    if names == list(table.columns):
        return table
    columns = dict(zip(names, table.columns.values(), strict=True))
    classes = {new: table.classes[old] for new, old in zip(names, table.columns, strict=True) if old in table.classes}
    return replace(table, columns=columns, classes=classes, notes=(*table.notes, *notes))


def joined(tables: Sequence[SourceTable], source: str) -> SourceTable:
    """The rows of several files as one table; those of more than one file are counted on."""
    names = list(dict.fromkeys(name for table in tables for name in table.columns))
    columns = {name: [cell for table in tables for cell in table.columns.get(name, [None] * len(table))] for name in names}
    rows = tables[0].rows if len(tables) == 1 else None
    return SourceTable(source, columns, rows=rows, notes=tuple(note for table in tables for note in table.notes))


def with_members(table: SourceTable, names: Sequence[str]) -> SourceTable:
    """The table with a column for each name such as `data.text`, which is the member `text` of the objects in `data`."""
    added: dict[str, list[Any]] = {}
    for name in names:
        column, _, key = name.partition(".")
        if name not in table.columns and key and any(isinstance(cell, dict) for cell in table.columns.get(column, [])):
            added[name] = [_member(cell, key) for cell in table.columns[column]]
    return replace(table, columns={**table.columns, **added}) if added else table


def _member(cell: Any, path: str) -> Any:
    for key in path.split("."):
        cell = cell.get(key) if isinstance(cell, dict) else None
    return cell


def require_column(key: str, column: str, table: SourceTable) -> None:
    """Checks that the table has the column.

    Raises:
        DataError: it does not; the message lists its columns, and names one that may be meant.
    """
    if column in table.columns:
        return
    inside = [name for name, cells in table.columns.items() if any(isinstance(cell, dict) and column in cell for cell in cells)]
    meant = [name for name in table.columns if name.casefold() == column.casefold()] + [f"{name}.{column}" for name in inside]
    way_out = f": set {key}={meant[0]}" if meant else ""
    raise DataError(f"{key}={column}: {table.source} has no such column; it has {', '.join(table.columns)}{way_out}")


def listed_rows(numbers: list[int]) -> str:
    """`row 3`, or `rows 3, 5, 9 and 4 more`."""
    return f"row{'s' if len(numbers) > 1 else ''} {listing(numbers)}"


@dataclass
class BadRows:
    """The rows that break a rule, by rule: all of them are named at once, with the first words for each rule."""

    found: dict[str, tuple[str, str, list[int]]] = field(default_factory=dict)

    def add(self, row: int, rule: str, way_out: str, key: str = "") -> None:
        """Notes that a row breaks a rule; `key` is the rule without the value that breaks it."""
        self.found.setdefault(key or rule, (rule, way_out, []))[2].append(row)

    def message(self, head: str) -> str:
        """The first rows of every rule, in one line; empty if no row breaks one."""
        said = [f"{listed_rows(rows)}: {rule}; {way_out}" for rule, way_out, rows in self.found.values()]
        more = f". And {len(said) - RULES} more rules are broken" if len(said) > RULES else ""
        return f"{head} {'. '.join(said[:RULES])}{more}" if said else ""

    def raise_for(self, head: str) -> None:
        """Raises DataError if any row breaks a rule."""
        if self.found:
            raise DataError(self.message(head))
