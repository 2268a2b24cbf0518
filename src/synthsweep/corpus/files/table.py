"""A table of real texts as a file holds it: columns of cells, and which row each cell stands in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from synthsweep.errors import DataError
from synthsweep.messages import listing

# What data.id asks for to number the rows, unless a column has that name.
ROW = "row"
# Broken rules that a message names.
RULES = 8


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


def require_column(key: str, column: str, table: SourceTable) -> None:
    """Checks that the table has the column.

    Raises:
        DataError: it does not; the message lists its columns.
    """
    if column not in table.columns:
        raise DataError(f"{key}={column}: {table.source} has no such column; it has {', '.join(table.columns)}")


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
