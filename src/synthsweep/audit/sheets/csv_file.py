"""Sheets as CSV: written in UTF-8 with a byte-order mark for spreadsheets, read in any form that spreadsheets save."""

import csv
import io
from pathlib import Path

from synthsweep.audit.items import Audit
from synthsweep.audit.sheets.rows import QUESTION_COLUMNS, Row, columns_of, parse_table, question_cells
from synthsweep.errors import AuditError
from synthsweep.storage.files import write_private

# Spreadsheets read a cell that begins with one of these as a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
DELIMITERS = ",;\t"


def write_csv(audit: Audit, path: Path) -> None:
    """One row per item, below the column names; the file is written completely or not at all."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    columns = columns_of(audit)
    writer.writerow(columns)
    empty = [""] * (len(columns) - len(QUESTION_COLUMNS))
    for item in audit.items:
        writer.writerow([*(_without_formula(cell) for cell in question_cells(audit, item)), *empty])
    write_private(path, text.getvalue().encode("utf-8-sig", "replace"))


def read_csv(path: Path) -> tuple[list[str], list[Row]]:
    """Columns and rows; the header is row 1.

    Raises:
        AuditError: the file is not a CSV table.
    """
    text = _decode(path.read_bytes())
    first = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise AuditError(f"it cannot be read as CSV: {error}") from error
    if not lines:
        raise AuditError("it is empty")
    return parse_table(lines)


def _without_formula(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def _decode(content: bytes) -> str:
    if b"\0" in content[:4096]:
        raise AuditError("it cannot be read as CSV: it is not a text file")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # The default of spreadsheets on Windows.
        return content.decode("cp1252", errors="replace")
