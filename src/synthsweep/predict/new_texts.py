"""New texts, read in parts, so that a file of any length fits into memory."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from synthsweep.config.keys.texts import DataConfig
from synthsweep.corpus.files.table import ROW, SourceTable, require_column
from synthsweep.corpus.label_forms.cells import as_text
from synthsweep.corpus.load import new_text_parts, source_files
from synthsweep.errors import DataError
from synthsweep.pretrained import digest_of_file

# Texts that are read, predicted and kept at once: what a killed command loses.
PART = 4096
Column = list[Any]


@dataclass(frozen=True)
class TextPart:
    """Some rows of a file; `texts` has "" where a row has none; `beside` are the columns before the predictions."""

    texts: Sequence[str]
    beside: dict[str, Column]


@dataclass(frozen=True)
class Survey:
    """What one reading of a whole file found: its digest and its rows, those without a text, and notes on how it was read."""

    digest: str
    rows: int
    parts: int
    blank: tuple[int, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class NewTexts:
    """The texts of `data.path`; `copied` are columns of it that go along with the predictions."""

    data: DataConfig
    copied: tuple[str, ...] = ()
    size: int = PART

    def survey(self) -> Survey:
        """Reads the file once, so that a row which cannot be read is found before anything is predicted.

        Raises:
            DataError: the file, a column or a row cannot be read.
        """
        blank: list[int] = []
        notes: dict[str, None] = {}
        rows = parts = 0
        for table in new_text_parts(self.data, self.size):
            notes |= dict.fromkeys(table.notes)
            texts = self._read(table).texts
            blank += [table.row(place) for place, text in enumerate(texts) if not text]
            rows, parts = rows + len(table), parts + 1
        if rows == len(blank):
            raise DataError(f"data.text={self.data.text}: no row has a text")
        (file,) = source_files(self.data)
        return Survey(digest_of_file(file), rows, parts, tuple(blank), tuple(notes))

    def parts(self) -> Iterator[TextPart]:
        """The rows in parts, always the same ones."""
        return map(self._read, new_text_parts(self.data, self.size))

    def _read(self, table: SourceTable) -> TextPart:
        ident = self._id_of(table)
        for key, column in [("data.text", self.data.text), ("data.id", ident), *(("columns", name) for name in self.copied)]:
            if column:
                require_column(key, column, table)
        texts = [as_text(cell) for cell in table.columns[self.data.text]]
        wrong = next((place for place, text in enumerate(texts) if text is None), None)
        if wrong is not None:
            raise DataError(f"data: {table.source}: {self.data.text} of row {table.row(wrong)} is not a text: mend it")
        beside: dict[str, Column] = {ROW: [table.row(place) for place in range(len(table))]}
        for name in ([ident] if ident else []) + [name for name in self.copied if name != ident]:
            beside[name] = table.columns[name]
        return TextPart([text or "" for text in texts], beside)

    def _id_of(self, table: SourceTable) -> str | None:
        if self.data.id == ROW and ROW not in table.columns:
            return None
        return self.data.id or ("id" if "id" in table.columns else None)
