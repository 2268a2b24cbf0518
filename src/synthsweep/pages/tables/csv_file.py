"""Rows as a CSV file; pure."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any


def csv_bytes(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    """A header and one line per row; undefined values are empty cells, and keys outside `columns` are left out."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    # A text may contain half a letter (a lone surrogate), which UTF-8 cannot encode.
    return text.getvalue().encode("utf-8", errors="replace")
