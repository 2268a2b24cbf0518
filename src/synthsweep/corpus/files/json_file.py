"""JSON files: one object per line, one array of objects, or an object that holds one; every value keeps its type."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, TextIO

from synthsweep.corpus.files.encoding import open_text
from synthsweep.corpus.files.table import BadRows, SourceTable
from synthsweep.errors import DataError

WAY_OUT = "write one JSON object per line"


class _RepeatedKeyError(ValueError):
    """An object has two values of one key, of which a parser would drop the first."""


def read_json(file: Path, *, text: str, encoding: str | None = None) -> SourceTable:
    """The table of a JSON file. Rows are numbered by lines; those of an array are numbered from 1.

    A file of one object that has no key `text` may hold the rows under another key.

    Raises:
        DataError: the file is not JSON, or not rows.
    """
    with open_text(file, kind="jsonl", encoding=encoding) as opened:
        rows = _read(opened.lines, text, file.name)
    return rows.table(opened.notes)


def _read(lines: TextIO, text: str, source: str) -> "_JsonRows":
    head: list[tuple[int, str]] = []
    for number, line in enumerate(lines, 1):
        head.append((number, line))
        if line.strip():
            break
    start = head[-1][1].strip() if head else ""
    if start[:1] == "[" or (start[:1] == "{" and not _parses(start)):
        whole = "".join(line for _, line in head) + lines.read()
        if start[:1] == "[" or _parses(whole):
            return _of_document(whole, text, source)
        head = list(enumerate(whole.splitlines(keepends=True), 1))
    rows = _JsonRows(source)
    for number, line in chain(head, enumerate(lines, len(head) + 1)):
        rows.take_line(number, line)
    if len(rows.numbers) == 1 and text not in rows.columns and not rows.bad.found:
        return _of_document(start, text, source)
    return rows


def _of_document(whole: str, text: str, source: str) -> "_JsonRows":
    """The rows of a file that is one value."""
    rows = _JsonRows(source)
    try:
        document = _loads(whole)
    except (ValueError, RecursionError) as error:
        rows.refuse(getattr(error, "lineno", 1), error)
        return rows
    members: Iterable[Any] = document
    if isinstance(document, dict):
        members = _held(document, text, rows)
    for number, value in enumerate(members, 1):
        rows.take(number, value)
    return rows


def _held(document: dict[str, Any], text: str, rows: "_JsonRows") -> Iterable[Any]:
    """The rows that an object holds, which is a row itself if it has the text."""
    if text in document:
        return [document]
    held = [key for key, value in document.items() if isinstance(value, list) and value and isinstance(value[0], dict)]
    if len(held) == 1:
        rest = [key for key in document if key != held[0]]
        rows.notes.append(f"{rows.source}: rows read from {held[0]!r}{'; not read: ' * bool(rest)}{', '.join(rest)}")
        return list(document[held[0]])
    keys = ", ".join(list(document)[:5]) or "no key"
    raise DataError(f"data=jsonl: {rows.source} is one object of {keys}, not rows; {WAY_OUT}, or one array of objects")


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
    return json.loads(text, object_pairs_hook=_object)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise _RepeatedKeyError(f"the key {next(name for name in names if names.count(name) > 1)!r} stands twice in one object")
    return found
