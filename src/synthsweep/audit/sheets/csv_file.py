"""Sheets as CSV: UTF-8 with the mark by which spreadsheets know it; read as any spreadsheet saves it."""

import csv
import io
from pathlib import Path

from synthsweep.audit.items import Audit
from synthsweep.audit.sheets.rows import ASKED, Row, asked_cells, heads, table_of
from synthsweep.errors import AuditError
from synthsweep.pages.files import write_whole

# A spreadsheet takes a cell that begins so for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
DELIMITERS = ",;\t"


def write_csv(audit: Audit, path: Path) -> None:
    """A row an item, below the heads; it appears whole or not at all."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(heads(audit))
    empty = [""] * (len(heads(audit)) - len(ASKED))
    for item in audit.items:
        writer.writerow([*(_harmless(cell) for cell in asked_cells(audit, item)), *empty])
    write_whole(path, text.getvalue().encode("utf-8-sig", "replace"))


def read_csv(path: Path) -> tuple[list[str], list[Row]]:
    """Heads and rows; the header is row 1.

    Raises:
        AuditError: it is no table.
    """
    text = _decoded(path.read_bytes())
    first = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise AuditError(f"it cannot be read as CSV: {error}") from error
    if not lines:
        raise AuditError("it is empty")
    return table_of(lines)


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def _decoded(content: bytes) -> str:
    if b"\0" in content[:4096]:
        raise AuditError("it cannot be read as CSV: it is no text file")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # What spreadsheets on Windows save unless told otherwise.
        return content.decode("cp1252", errors="replace")
