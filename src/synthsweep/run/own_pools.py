"""The rows of a pool of the user's own, in the form that `generate` takes, from every form that the real texts may have.

JSON lines, CSV, TSV or parquet; the text in `text` or data.text, the id in `id` or data.id; the labels as own_texts.py has
them, in data.label_column, or in one column of 0 and 1 per label.
"""

import logging
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

from synthsweep.config.keys.texts import DataConfig, FilesConfig
from synthsweep.corpus.corpus import SUFFIXES, Corpus
from synthsweep.corpus.files.encoding import is_utf8
from synthsweep.corpus.files.json_file import read_json
from synthsweep.corpus.files.table import SourceTable, with_members, with_plain_names
from synthsweep.corpus.label_forms.cells import as_label
from synthsweep.corpus.label_forms.lists import list_form
from synthsweep.corpus.load import read_tables
from synthsweep.errors import PoolError
from synthsweep.examples import Example
from synthsweep.generate.offline.own_texts import LABEL_KEYS, NumberedRow, Row
from synthsweep.generate.replies.exchange import read_rows
from synthsweep.messages import listing
from synthsweep.pages.numbers import counted

log = logging.getLogger(__name__)

# Fields of a row that say something about its text or its reply.
READ = {"text", "id", *LABEL_KEYS, "reply", "finish", "prompt", "provenance"}


@dataclass(frozen=True)
class OwnRows:
    """Reads the rows of a file as the corpus of the same configuration would have its columns."""

    data: DataConfig
    label_ids: tuple[str, ...]

    def __call__(self, path: Path) -> Iterator[NumberedRow]:
        """Each row with its number.

        Raises:
            PoolError: the file has another format, a row has its text twice, or a column of a label lacks 0 and 1.
            DataError: the table cannot be read.
        """
        rows = list(self._rows(path))
        self._say_what_is_not_read(path, [row for _, row in rows])
        return ((number, self._plain(row, f"{path.name} row {number}")) for number, row in rows)

    def _rows(self, path: Path) -> Iterator[NumberedRow]:
        kind = SUFFIXES.get(path.suffix.lower(), "jsonl")
        if not kind:
            raise PoolError(f"{path}: workbooks are not read; export the sheet as CSV UTF-8")
        if not path.is_file():
            # It says what a missing file is.
            yield from read_rows(path)
            return
        table = self._table(path, kind)
        for note in table.notes:
            log.warning("%s", note)
        for row in range(len(table)):
            cells = {name: values[row] for name, values in table.columns.items()}
            if kind == "jsonl":
                # A key that another row has.
                cells = {name: value for name, value in cells.items() if value is not None}
            elif "also" in cells:
                # A cell of text may list labels where JSON has a list.
                cells["also"] = _also(cells["also"], self.label_ids)
            yield table.row(row), cells

    def _table(self, path: Path, kind: str) -> SourceTable:
        """The table of a file, which is UTF-8, or else what the real texts are."""
        encoding = None if kind == "parquet" or is_utf8(path) else self.data.encoding
        if kind == "jsonl":
            table = with_plain_names(read_json(path, texts=(self.data.text, *READ), encoding=encoding), kind)
            return with_members(table, [name for name in (self.data.text, self.data.id, self.data.label_column) if name])
        return read_tables(replace(self.data, kind=kind, path=str(path), files=FilesConfig(), encoding=encoding))["all"]

    def _plain(self, row: Row, where: str) -> Row:
        """The row in the form of own_texts.py; a raw reply stays as it is."""
        if "reply" in row or ("provenance" in row and "text" not in row):
            return row
        text, ident = self._named("text", self.data.text, row, where), self._named("id", self.data.id or "id", row, where)
        own = {key: row[key] for key in ("prompt", *LABEL_KEYS) if key in row}
        if self.data.label_column and self.data.label_column not in LABEL_KEYS:
            own |= self._named("label", self.data.label_column, row, where)
        named: dict[str, Any] = {key: _names(own[key], self.label_ids) for key in ("label", "labels") if key in own}
        columns = {label: as_label(row[label]) for label in self.label_ids if label in row and label not in READ}
        if columns and not (any(named.values()) or own.get("also")):
            return {**text, **ident, "labels": self._ones(columns, row, where)}
        plain = {**text, **ident, **own, **named}
        _require_agreement(plain, columns, self.label_ids, where)
        return plain

    def _named(self, key: str, column: str, row: Row, where: str) -> dict[str, Any]:
        """A field under its usual name or under that of the corpus."""
        places = [name for name in dict.fromkeys((key, column)) if name in row]
        if len(places) > 1:
            raise PoolError(f"{where} holds both {key} and {column}, as the data call it: leave one of the two out")
        return {key: row[places[0]]} if places else {}

    def _ones(self, columns: dict[str, int | None], row: Row, where: str) -> list[str]:
        missing = [label for label in self.label_ids if label not in columns]
        if missing:
            raise PoolError(f"{where} has no column {listing(missing)} beside {listing(list(columns))}: add it, as 0 or 1")
        for label, value in columns.items():
            if value is None:
                raise PoolError(f"{where}: {label} must be 0 or 1, got {str(row[label])[:40]!r}: mend it, or remove the row")
        return [label for label, value in columns.items() if value]

    def _say_what_is_not_read(self, path: Path, rows: Sequence[Row]) -> None:
        known = {*READ, *self.label_ids, self.data.text, self.data.id or "id", self.data.label_column or "label"}
        texts = [row for row in rows if "reply" not in row]
        others = Counter(name for row in texts for name in row if name not in known)
        if others:
            log.warning("%s: not read: %s", path.name, listing(sorted(others), 10))


def _require_agreement(row: Row, columns: dict[str, int | None], label_ids: Collection[str], where: str) -> None:
    """Raises PoolError if columns of 0 and 1 for every label say something else than the names of labels in a row."""
    if set(columns) != set(label_ids) or None in columns.values():
        # Something else is called like a label.
        return
    values = [row.get(key) for key in LABEL_KEYS]
    names = {str(name) for value in values if value for name in (value if isinstance(value, list) else [value])}
    ones = {label for label, value in columns.items() if value}
    if names != ones:
        raise PoolError(
            f"{where} names {listing(sorted(names))}, and its columns of 0 and 1 say {listing(sorted(ones)) or 'none'}: "
            "leave one of the two out"
        )


def _also(value: Any, label_ids: Collection[str]) -> Any:
    return [value] if value in label_ids else _names(value, label_ids)


def _names(value: Any, label_ids: Collection[str]) -> Any:
    """The labels of a cell: a text that is no label may list several, as in the corpus (`A1;A2`), and so may an object."""
    if not isinstance(value, (str, dict)) or (isinstance(value, str) and value in label_ids):
        return value
    cell = list_form([value], ids=tuple(label_ids))[0].read(value)
    # What cannot be read is refused as the label that it is not.
    return value if cell.problems or cell.missing or cell.unknown else list(cell.labels)


def with_own_ids(pool: Sequence[Example], corpus: Corpus) -> tuple[Example, ...]:
    """The pool with an id of its own for each text: one that another text has gets `synthetic/WRITER/` before it.

    Raises:
        PoolError: even that is the id of another text.
    """
    real = Counter(example.id for example in (*chain(*corpus.split.parts.values()), *corpus.reserve))
    held = real + Counter(example.id for example in pool)
    shared = [example.id for example in pool if held[example.id] > 1]
    if not shared:
        return tuple(pool)
    log.warning(
        "%s of the pool %s that of a real text or of another file (%s): kept as synthetic/WRITER/ID",
        counted(len(shared), "id"), "are" if len(shared) > 1 else "is", listing(shared),
    )  # fmt: skip
    renamed = tuple(
        replace(example, id=f"synthetic/{example.provenance.llm}/{example.id}") if held[example.id] > 1 else example
        for example in pool
    )
    again = [name for name, count in Counter(example.id for example in renamed).items() if count > 1 or name in real]
    if again:
        raise PoolError(f"llm.path: the id {again[0]} stands twice, in the pool or in the data: give the text another id")
    return renamed
