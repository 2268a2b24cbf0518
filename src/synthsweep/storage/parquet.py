"""The one way to read a Parquet file, whole or in parts."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow
    from pyarrow.parquet import ParquetFile


def read_table(file: Path) -> "pyarrow.Table":
    """The whole table of a Parquet file, on this thread alone.

    `pyarrow.parquet.read_table` scans on threads of its own, and one that has not ended as Python ends aborts the process
    (apache/arrow#34314).

    Raises:
        pyarrow.ArrowException, OSError: the file cannot be read.
    """
    with _opened(file) as parquet:
        return parquet.read(use_threads=False)


def table_parts(file: Path, size: int) -> "Iterator[pyarrow.Table]":
    """The same in tables of at most `size` rows, in order.

    Raises:
        pyarrow.ArrowException, OSError: the file cannot be read.
    """
    import pyarrow as pa

    with _opened(file) as parquet:
        for batch in parquet.iter_batches(batch_size=size, use_threads=False):
            yield pa.Table.from_batches([batch])


@contextmanager
def _opened(file: Path) -> "Iterator[ParquetFile]":
    from pyarrow.parquet import ParquetFile

    # Opened here: Arrow's own message for a missing file differs, and its path may not be UTF-8.
    with file.open("rb") as handle, ParquetFile(handle, pre_buffer=False) as parquet:
        yield parquet
