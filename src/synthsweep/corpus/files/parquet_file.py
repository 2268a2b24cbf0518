"""Parquet files; `datasets` and pandas write what they know of a column into the metadata."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synthsweep.corpus.files.table import SourceTable
from synthsweep.errors import DataError
from synthsweep.messages import first_line
from synthsweep.storage.parquet import read_table, table_parts

if TYPE_CHECKING:
    import pyarrow as pa

MAGIC = b"PAR1"


def read_parquet(file: Path) -> SourceTable:
    """The table of a Parquet file.

    Raises:
        DataError: it is not Parquet, it has no rows, or values of a column cannot be read.
    """
    with _as_data_error(file):
        table = read_table(file)
    return _source_table(table, file)


def parquet_parts(file: Path, *, size: int) -> Iterator[SourceTable]:
    """The same, read bit by bit: tables of at most `size` rows, in order, at least one.

    Raises:
        DataError: as read_parquet, when the rows are reached.
    """
    read = 0
    with _as_data_error(file):
        for table in table_parts(file, size):
            part = _source_table(table, file)
            yield replace(part, first_row=part.first_row + read)
            read += len(part)
    if not read:
        raise DataError(f"data: {file.name} holds no rows")


@contextmanager
def _as_data_error(file: Path) -> Iterator[None]:
    import pyarrow as pa

    try:
        with file.open("rb") as handle:
            if handle.read(len(MAGIC)) != MAGIC:
                raise DataError(
                    f"data=parquet: {file.name} is not a Parquet file; take data=csv or data=jsonl if it is one of these"
                )
        yield
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"data=parquet: {file.name} cannot be read, it may be cut off: {first_line(error)}") from error


def _source_table(table: "pa.Table", file: Path) -> SourceTable:
    if not table.num_rows or not table.num_columns:
        raise DataError(f"data: {file.name} holds no rows")
    repeated = [name for name in table.column_names if table.column_names.count(name) > 1]
    if repeated:
        raise DataError(f"data=parquet: {file.name} has two columns named {repeated[0]!r}: rename one")
    columns = {name: column_values(table, name, file.name) for name in table.column_names}
    return SourceTable(file.name, columns, classes=_declared_classes(table.schema.metadata or {}))


def column_values(table: Any, name: str, source: str) -> list[Any]:
    """The values of a column of an Arrow table.

    Raises:
        DataError: Python has no such value, as a time after the year 9999 or a text that is not UTF-8.
    """
    column = table.column(name)
    try:
        values: list[Any] = column.to_pylist()
    except (ValueError, OverflowError, LookupError) as error:
        # pyarrow's own errors are ValueErrors, too.
        kind = f"column {name} ({column.type})"
        raise DataError(f"data: {source}: {kind} cannot be read: {first_line(error)}; mend it, or leave it out") from error
    return values


def _declared_classes(metadata: Mapping[bytes, bytes]) -> dict[str, tuple[str, ...]]:
    """The names of numbered classes, which `datasets` writes into the metadata of a Parquet file."""
    try:
        features = json.loads(metadata.get(b"huggingface", b"{}")).get("info", {}).get("features", {})
    except (ValueError, AttributeError):
        return {}
    kinds = {name: feature.get("feature", feature) for name, feature in features.items() if isinstance(feature, dict)}
    return {name: tuple(kind["names"]) for name, kind in kinds.items() if isinstance(kind, dict) and kind.get("names")}
