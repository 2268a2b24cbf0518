"""JSON files: one object per line, one array of objects, or an object that holds one; every value keeps its type."""

import io
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Any, TextIO

from synthsweep.corpus.files.encoding import open_text
from synthsweep.corpus.files.json_forms import WAY_OUT, rows_of
from synthsweep.corpus.files.table import BadRows, SourceTable
from synthsweep.errors import DataError

# A number with more digits than a float keeps.
LONG = 17


class _RepeatedKeyError(ValueError):
    """An object has two values of one key, of which a parser would drop the first."""


def read_json(file: Path, *, texts: Sequence[str], encoding: str | None = None) -> SourceTable:
    """The table of a JSON file. Rows are numbered by lines; those of an array are numbered from 1.

    A file of one object that has none of the keys `texts` may hold the rows under another key.

    Raises:
        DataError: the file is not JSON, or not rows.
    """
    return next(json_parts(file, texts=texts, encoding=encoding, size=sys.maxsize))


def json_parts(file: Path, *, texts: Sequence[str], encoding: str | None = None, size: int) -> Iterator[SourceTable]:
    """The same, read line by line: tables of at most `size` rows, in order, at least one; an array is one table.

    Raises:
        DataError: as read_json, when the rows are reached.
    """
    with open_text(file, kind="jsonl", encoding=encoding) as opened:
        notes = opened.notes
        for rows in _read(opened.lines, texts, file.name, size):
            yield rows.table(notes)
            notes = ()


def _read(lines: TextIO, texts: Sequence[str], source: str, size: int) -> "Iterator[_JsonRows]":
    head: list[tuple[int, str]] = []
    for number, line in enumerate(lines, 1):
        head.append((number, line))
        if line.strip():
            break
    start = head[-1][1].strip() if head else ""
    if start[:1] == "[" or (start[:1] == "{" and not _parses(start)):
        whole = "".join(line for _, line in head) + lines.read()
        if start[:1] == "[" or _parses(whole):
            yield _of_document(whole, texts, source)
            return
        # str.splitlines would also split at U+2028, which JSON allows inside a text.
        head = list(enumerate(io.StringIO(whole, newline=""), 1))
    yield from _of_lines(chain(head, enumerate(lines, len(head) + 1)), start, texts, source, size)


def _of_lines(
    lines: Iterable[tuple[int, str]], start: str, texts: Sequence[str], source: str, size: int
) -> "Iterator[_JsonRows]":
    rows, first = _JsonRows(source), True
    for number, line in lines:
        if len(rows.numbers) == size and line.strip():
            yield rows
            rows, first = _JsonRows(source), False
        rows.take_line(number, line)
    if first and len(rows.numbers) == 1 and not rows.bad.found and not _is_row(rows.columns, texts):
        yield _of_document(start, texts, source)
    else:
        yield rows


def _is_row(columns: Mapping[str, list[Any]], texts: Sequence[str]) -> bool:
    """Whether the one object of a file is a text, and not columns of texts."""
    return any(text in columns and not isinstance(columns[text][0], (dict, list)) for text in texts)


def _of_document(whole: str, texts: Sequence[str], source: str) -> "_JsonRows":
    """The rows of a file that is one value."""
    rows = _JsonRows(source)
    try:
        document = _loads(whole)
    except (ValueError, RecursionError) as error:
        rows.refuse(getattr(error, "lineno", 1), error)
        return rows
    members, notes = rows_of(document, texts, source)
    rows.notes.extend(notes)
    for number, value in enumerate(members, 1):
        rows.take(number, value)
    return rows


@dataclass
class _JsonRows:
    """Collects objects into columns; a key that an object lacks is None."""

    source: str
    columns: dict[str, list[Any]] = field(default_factory=dict)
    numbers: list[int] = field(default_factory=list)
    bad: BadRows = field(default_factory=BadRows)
    notes: list[str] = field(default_factory=list)

    def take_line(self, number: int, line: str) -> None:
        """Adds the object that a line holds; a blank line holds none."""
        if not line.strip():
            return
        try:
            value = _loads(line)
        except (ValueError, RecursionError) as error:
            self.refuse(number, error)
        else:
            self.take(number, value)

    def take(self, number: int, value: Any) -> None:
        """Adds an object."""
        if not isinstance(value, dict):
            self.bad.add(number, "not an object with a key per column", WAY_OUT)
            return
        if value.keys() != self.columns.keys():
            for name in value:
                self.columns.setdefault(name, [None] * len(self.numbers))
        self.numbers.append(number)
        for name, column in self.columns.items():
            column.append(value.get(name))

    def refuse(self, number: int, error: Exception) -> None:
        """Notes that a line is not JSON, and why."""
        if isinstance(error, _RepeatedKeyError):
            self.bad.add(number, str(error), "keep one of them")
        elif isinstance(error, json.JSONDecodeError):
            self.bad.add(number, f"not JSON ({error.msg})", WAY_OUT)
        else:
            self.bad.add(number, "not JSON that can be read", WAY_OUT)

    def table(self, notes: tuple[str, ...]) -> SourceTable:
        """All of it, or the rows that are not objects."""
        self.bad.raise_for(f"data=jsonl: {self.source} cannot be read:")
        if not self.numbers or not self.columns:
            raise DataError(f"data: {self.source} holds no rows")
        return SourceTable(self.source, self.columns, rows=self.numbers, notes=(*notes, *self.notes))


def _parses(text: str) -> bool:
    try:
        _loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _loads(text: str) -> Any:
    return json.loads(text, object_pairs_hook=_object, parse_float=_number)


def _number(digits: str) -> float | Decimal:
    """A number as it is written: a float keeps 17 digits, and more of them may tell ids apart."""
    found = float(digits)
    if len(digits) <= LONG or "e" in digits.lower() or Decimal(repr(found)) == Decimal(digits):
        return found
    return Decimal(digits)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise _RepeatedKeyError(f"the key {next(name for name in names if names.count(name) > 1)!r} stands twice in one object")
    return found
