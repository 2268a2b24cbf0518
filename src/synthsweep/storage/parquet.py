"""The one way to read a Parquet file."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow


def read_table(file: Path) -> "pyarrow.Table":
    """The whole table of a Parquet file, on this thread alone.

    `pyarrow.parquet.read_table` scans on threads of its own, and one that has not ended as Python ends aborts the process
    (apache/arrow#34314).

    Raises:
        pyarrow.ArrowException, OSError: the file cannot be read.
    """
    from pyarrow.parquet import ParquetFile

    # Opened here: Arrow's own message for a missing file differs, and its path may not be UTF-8.
    with file.open("rb") as handle, ParquetFile(handle, pre_buffer=False) as parquet:
        return parquet.read(use_threads=False)
