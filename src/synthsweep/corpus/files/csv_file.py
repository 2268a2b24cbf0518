"""CSV files: every cell as it is written, every row numbered as a spreadsheet numbers it."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from synthsweep.corpus.files.encoding import open_text
from synthsweep.corpus.files.table import BadRows, SourceTable, listed_rows
from synthsweep.errors import DataError

SEPARATORS = (",", ";", "\t")
SAMPLE = 1 << 16
LONGEST_CELL = 2**31 - 1


def read_csv(file: Path, *, encoding: str | None = None) -> SourceTable:
    """The table of a CSV file, whose header is its first row that is not blank.

    A quoted cell with line breaks is one row, and a blank row counts, as in a spreadsheet.

    Raises:
        DataError: the file is not CSV, or rows have more cells than the header.
    """
    with open_text(file, kind="csv", encoding=encoding) as text, _cells_of_any_length():
        separator, told = _separator(text.lines.read(SAMPLE), file.name)
        text.lines.seek(0)
        if told:
            # Spreadsheets take `sep=;` as a word to themselves, and count on from the next line.
            next(text.lines)
        rows = _rows(text.lines, separator, file.name)
        header = next(((number, cells) for number, cells in rows if _filled(cells)), None)
        if header is None:
            raise DataError(f"data: {file.name} holds no rows")
        names, notes = _names(header[1], file.name)
        read = _CsvRows(names, separator)
        for number, cells in rows:
            read.take(number, cells)
    return read.table(file.name, (*text.notes, *notes))


def _rows(lines: Iterable[str], separator: str, source: str) -> Iterator[tuple[int, list[str]]]:
    """The numbered rows, blank ones too."""
    number, ends = 0, _LineEnds(lines)
    try:
        for number, cells in enumerate(csv.reader(ends, delimiter=separator, strict=True), 1):
            if ends.cut:
                rule = "ends in a carriage return or a line feed, and the header in the other"
                raise DataError(f"data=csv: {source} row {number} {rule}: quote each text that holds one of them")
            yield number, cells
    except csv.Error as error:
        wrong = "is opened and never closed" if "unexpected end" in str(error) else "ends a text before its cell ends"
        raise DataError(f"data=csv: {source} row {number + 1}: a quote {wrong}; write a quote in a text as two") from error


@dataclass
class _LineEnds:
    """Passes lines on; `cut` says that the last one ends otherwise than the first, so that its end may be within a text."""

    lines: Iterable[str]
    cut: bool = False

    def __iter__(self) -> Iterator[str]:
        usual = ""
        for line in self.lines:
            usual = usual or line[-1:]
            self.cut = line[-1] in "\r\n" and line[-1] != usual
            yield line


@dataclass
class _CsvRows:
    """Collects rows into columns."""

    names: Sequence[str]
    separator: str
    columns: list[list[str | None]] = field(init=False)
    numbers: list[int] = field(default_factory=list)
    blank: list[int] = field(default_factory=list)
    short: list[int] = field(default_factory=list)
    bad: BadRows = field(default_factory=BadRows)

    def __post_init__(self) -> None:
        self.columns = [[] for _ in self.names]

    def take(self, number: int, cells: list[str]) -> None:
        """Adds a row."""
        if not _filled(cells) and (len(cells) != 1 or len(self.names) > 1 or cells[0]):
            self.blank.append(number)
            return
        if len(cells) > len(self.names):
            mark = {",": "comma", ";": "semicolon", "\t": "tab"}[self.separator]
            self.bad.add(
                number, f"{len(cells)} cells, and its header has {len(self.names)}", f"quote each text that holds a {mark}"
            )
            return
        if len(cells) < len(self.names):
            self.short.append(number)
        self.numbers.append(number)
        for place, column in enumerate(self.columns):
            column.append(cells[place] if place < len(cells) else None)

    def table(self, source: str, notes: tuple[str, ...]) -> SourceTable:
        """All of it, or the rows that do not fit the header."""
        self.bad.raise_for(f"data=csv: {source}")
        if not self.numbers:
            raise DataError(f"data: {source} holds no rows")
        said = [f"{source}: {len(self.blank)} blank ({listed_rows(self.blank)}) skipped"] if self.blank else []
        if self.short:
            said.append(f"{source}: {len(self.short)} shorter than the header ({listed_rows(self.short)}): last cells missing")
        columns = dict(zip(self.names, self.columns, strict=True))
        return SourceTable(source, columns, first_row=2, rows=self.numbers, notes=(*notes, *said))


def _filled(cells: list[str]) -> bool:
    return any(map(str.strip, cells))


def _separator(sample: str, source: str) -> tuple[str, bool]:
    """What stands between cells: a comma, a semicolon (as many spreadsheets write it) or a tab; whether the file says so."""
    first = sample.partition("\n")[0].strip().lower()
    if first.startswith("sep=") and first[4:] in {",", ";", ""}:
        # A tab is stripped.
        return first[4:] or "\t", True

    def width(mark: str) -> int:
        rows = csv.reader(io.StringIO(sample, newline=""), delimiter=mark)
        return len(next(filter(_filled, rows), []))

    try:
        return max(SEPARATORS, key=width), False
    except csv.Error as error:
        raise DataError(f"data=csv: {source} is not CSV ({error}): is a quote left open?") from error


def _names(cells: list[str], source: str) -> tuple[list[str], list[str]]:
    """The names of the columns, and what was done to them."""
    names = [cell.strip("\ufeff \t\r\n") or f"Unnamed: {place}" for place, cell in enumerate(cells)]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise DataError(f"data=csv: {source} has two columns named {repeated[0]!r}: rename one")
    spaced = [name for name, cell in zip(names, cells, strict=True) if cell.strip() and name != cell.strip("\ufeff")]
    return names, [f"{source}: spaces around the names of columns left out: {', '.join(spaced)}"] if spaced else []


@contextmanager
def _cells_of_any_length() -> Iterator[None]:
    before = csv.field_size_limit(LONGEST_CELL)
    try:
        yield
    finally:
        csv.field_size_limit(before)
