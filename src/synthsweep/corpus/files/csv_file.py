"""CSV files: every cell as it is written, every row numbered as a spreadsheet numbers it."""

import csv
import io
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from synthsweep.corpus.files.encoding import open_text
from synthsweep.corpus.files.table import BadRows, SourceTable, listed_rows, plain_names
from synthsweep.errors import DataError

SEPARATORS = (",", ";", "\t")
BAR = "|"
MARKS = {",": "comma", ";": "semicolon", "\t": "tab", BAR: "bar"}
JOINED = "\ufeff"
# A line within a cell that ends as a row with a label does.
SWALLOWED = re.compile(r"[,;|\t][\"']?[01][\"']?\r?\n")
SAMPLE = 1 << 16
LONGEST_CELL = 2**31 - 1


def read_csv(file: Path, *, encoding: str | None = None) -> SourceTable:
    """The table of a CSV file, whose header is its first row that is not blank.

    A quoted cell with line breaks is one row, and a blank row counts, as in a spreadsheet.

    Raises:
        DataError: the file is not CSV, or rows have more cells than the header.
    """
    return next(csv_parts(file, encoding=encoding, size=sys.maxsize))


def csv_parts(file: Path, *, encoding: str | None = None, size: int) -> Iterator[SourceTable]:
    """The same, read bit by bit: tables of `size` filled rows, the last of fewer, in order, at least one.

    Raises:
        DataError: as read_csv, when the rows are reached.
    """
    with open_text(file, kind="csv", encoding=encoding) as text, _cells_of_any_length():
        separator, told = _separator(text.lines.read(SAMPLE), file.name)
        text.lines.seek(0)
        if told:
            # Spreadsheets take `sep=;` as a word to themselves, and count on from the next line.
            next(text.lines)
        broken: set[int] = set()
        rows = _rows(text.lines, separator, file.name, broken)
        header = next(((number, cells) for number, cells in rows if _filled(cells)), None)
        if header is None:
            raise DataError(f"data: {file.name} holds no rows")
        names, notes = plain_names(header[1], f"data=csv: {file.name}")
        read, said = _CsvRows(names, separator, header, broken), (*text.notes, *notes)
        for number, cells in rows:
            # Blank rows stay with the part before them, whose note counts them.
            if len(read.numbers) >= size and _filled(cells):
                yield read.table(file.name, said)
                read, said = _CsvRows(names, separator, header, broken), ()
            read.take(number, cells)
        yield read.table(file.name, said)


def _rows(lines: Iterable[str], separator: str, source: str, broken: set[int]) -> Iterator[tuple[int, list[str]]]:
    """The numbered rows, blank ones too; `broken` takes the numbers of those that hold line breaks."""
    number, before, ends = 0, 0, _LineEnds(lines)
    reader = csv.reader(ends, delimiter=separator, strict=True)
    try:
        for number, cells in enumerate(reader, 1):
            line = reader.line_num
            if line - before > 1:
                broken.add(number)
            before = line
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
    header: tuple[int, list[str]]
    broken: set[int]
    columns: list[list[str | None]] = field(init=False)
    numbers: list[int] = field(default_factory=list)
    blank: list[int] = field(default_factory=list)
    short: list[int] = field(default_factory=list)
    trailing: list[int] = field(default_factory=list)
    bad: BadRows = field(default_factory=BadRows)

    def __post_init__(self) -> None:
        self.columns = [[] for _ in self.names]

    def take(self, number: int, cells: list[str]) -> None:
        """Adds a row."""
        if not _filled(cells) and (len(cells) != 1 or len(self.names) > 1 or cells[0]):
            self.blank.append(number)
            return
        if len(cells) > len(self.names) and _filled(cells[len(self.names) :]):
            self._refuse_long(number, len(cells))
            return
        if len(cells) != len(self.names):
            (self.short if len(cells) < len(self.names) else self.trailing).append(number)
        self.numbers.append(number)
        fitting = cells if len(cells) == len(self.names) else [*cells, *[None] * len(self.names)][: len(self.names)]
        for column, cell in zip(self.columns, fitting, strict=True):
            column.append(cell)

    def _refuse_long(self, number: int, width: int) -> None:
        row, cells = self.header
        way_out = f"quote each text that holds a {MARKS[self.separator]}"
        if not self.numbers:
            # No row fits.
            way_out += f", name every column, and begin the file with their names (row {row} is {','.join(cells)[:40]!r})"
        self.bad.add(number, f"{width} cells, and its header has {len(cells)}", way_out, "long")

    def _refuse_joined(self) -> None:
        """Refuses what stands within a file only where files were joined: headers, and marks of an encoding."""
        first, names = self.columns[0], self.header[1]
        again = [row for row, cell in enumerate(first) if cell == names[0]] if names[0] in first else []
        for row in again:
            if [column[row] for column in self.columns] == names:
                self.bad.add(self.numbers[row], "repeats the header", "remove it")
        for row in [row for row, cell in enumerate(first) if cell and cell.startswith(JOINED)]:
            self.bad.add(
                self.numbers[row], "begins with a byte order mark (U+FEFF)", "remove it, and a header that is repeated"
            )

    def _swallowed(self) -> list[int]:
        """The rows that may have taken other rows along."""
        rows = [row for row, number in enumerate(self.numbers) if number in self.broken] if self.broken else []
        cells = ((row, column[row]) for row in rows for column in self.columns)
        return sorted({self.numbers[row] for row, cell in cells if cell and SWALLOWED.search(cell)})

    def table(self, source: str, notes: tuple[str, ...]) -> SourceTable:
        """All of it, or the rows that do not fit the header."""
        self._refuse_joined()
        self.bad.raise_for(f"data=csv: {source}")
        if not self.numbers:
            raise DataError(f"data: {source} holds no rows")
        said = [f"{source}: {len(self.blank)} blank ({listed_rows(self.blank)}) skipped"] if self.blank else []
        if self.short:
            said.append(f"{source}: {len(self.short)} shorter than the header ({listed_rows(self.short)}): last cells missing")
        if self.trailing:
            said.append(f"{source}: empty cells beyond the header left out ({listed_rows(self.trailing)})")
        swallowed = self._swallowed()
        if swallowed:
            what = "a text holds what looks like rows; if it opens with a quote by chance, rows are lost"
            said.append(f"{source}: {listed_rows(swallowed)}: {what}")
        columns = dict(zip(self.names, self.columns, strict=True))
        return SourceTable(source, columns, first_row=2, rows=self.numbers, notes=(*notes, *said))


def _filled(cells: list[str]) -> bool:
    return any(map(str.strip, cells))


def _separator(sample: str, source: str) -> tuple[str, bool]:
    """What stands between cells: a comma, a semicolon (as many spreadsheets write it), a tab or, if none of them does, a bar.

    And whether the file says so.
    """
    first = sample.partition("\n")[0].strip().strip('"').lower()
    if first.startswith("sep=") and first[4:].strip() in {",", ";", "|", ""}:
        # A tab is stripped.
        return first[4:].strip() or "\t", True

    def width(mark: str) -> int:
        rows = csv.reader(io.StringIO(sample, newline=""), delimiter=mark)
        return len(next(filter(_filled, rows), []))

    try:
        likely = max(SEPARATORS, key=width)
        return (BAR if width(likely) < 2 <= width(BAR) else likely), False
    except csv.Error as error:
        raise DataError(f"data=csv: {source} is not CSV ({error}): is a quote left open?") from error


@contextmanager
def _cells_of_any_length() -> Iterator[None]:
    before = csv.field_size_limit(LONGEST_CELL)
    try:
        yield
    finally:
        csv.field_size_limit(before)
