"""The rows of a JSON file that is one value: an array, or an object in one of the forms that programs write; pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from synthsweep.errors import DataError

WAY_OUT = "write one JSON object per line"


def rows_of(document: Any, texts: Sequence[str], source: str) -> tuple[Iterable[Any], tuple[str, ...]]:
    """The rows, and the note that says in which form they stand; an object with one of the keys `texts` may itself be a row.

    Raises:
        DataError: an object is in none of these forms.
    """
    if not isinstance(document, dict):
        return document, ()
    for form in (_columns, _split, _by_row, _under_a_key):
        found = form(document, texts)
        if found:
            rows, told = found
            return rows, (f"{source}: {told}",) if told else ()
    keys = ", ".join(list(document)[:5]) or "no key"
    raise DataError(f"data=jsonl: {source} is one object of {keys}, not rows; {WAY_OUT}, or one array of objects")


Found = tuple[Sequence[Any], str] | None


def _columns(document: Mapping[str, Any], texts: Sequence[str]) -> Found:
    """A row, or columns: objects with the same keys, as pandas writes them, or lists of the same length."""
    if not any(text in document for text in texts):
        return None
    columns = list(document.values())
    if all(isinstance(column, dict) and column.keys() == columns[0].keys() for column in columns):
        keys = list(columns[0])
        rows = [{name: column[key] for name, column in document.items()} for key in keys]
        return rows, "read as columns, one object per column"
    if all(isinstance(column, list) and len(column) == len(columns[0]) for column in columns):
        rows = [dict(zip(document, cells, strict=True)) for cells in zip(*columns, strict=True)]
        return rows, "read as columns, one list per column"
    return [document], ""


def _split(document: Mapping[str, Any], texts: Sequence[str]) -> Found:
    """The names of columns, and lists of cells."""
    names, data = document.get("columns"), document.get("data")
    if not isinstance(names, list) or not isinstance(data, list) or document.keys() - {"columns", "data", "index"}:
        return None
    if len(set(map(str, names))) < len(names) or not all(isinstance(row, list) and len(row) == len(names) for row in data):
        return None
    return [dict(zip(map(str, names), row, strict=True)) for row in data], "rows read from 'data', their names from 'columns'"


def _by_row(document: Mapping[str, Any], texts: Sequence[str]) -> Found:
    """A row under each key."""
    rows = list(document.values())
    if not rows or not all(isinstance(row, dict) and any(text in row for text in texts) for row in rows):
        return None
    return rows, "a row read from each key; the keys are not read"


def _under_a_key(document: Mapping[str, Any], texts: Sequence[str]) -> Found:
    """An array of rows under one key."""
    held = [key for key, value in document.items() if isinstance(value, list) and value and isinstance(value[0], dict)]
    if len(held) != 1:
        return None
    rest = [key for key in document if key != held[0]]
    return document[held[0]], f"rows read from {held[0]!r}{'; not read: ' * bool(rest)}{', '.join(rest)}"
