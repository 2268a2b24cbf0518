"""Parquet files."""

import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from synthsweep.storage.parquet import read_table

READER = """
import os, sys
from pathlib import Path
import pyarrow.parquet
from synthsweep.storage.parquet import read_table
before = set(os.listdir("/proc/self/task"))
read_table(Path(sys.argv[1]))
print(len(set(os.listdir("/proc/self/task")) - before))
"""


def test_a_table_is_read_as_it_was_written(tmp_path: Path) -> None:
    """With the metadata of its schema, in which classes have their names."""
    table = pa.table({"text": ["one", "two", None], "A": [1, 0, 1]}).replace_schema_metadata({"kind": "single"})
    pq.write_table(table, tmp_path / "texts.parquet", row_group_size=2)

    assert read_table(tmp_path / "texts.parquet").equals(table, check_metadata=True)


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="threads are counted where Linux lists them")
def test_reading_starts_no_thread(tmp_path: Path) -> None:
    """One that had not ended as Python ends would abort the process."""
    pq.write_table(pa.table({"text": ["one"]}), tmp_path / "texts.parquet")

    done = subprocess.run(
        [sys.executable, "-c", READER, tmp_path / "texts.parquet"], capture_output=True, text=True, check=True
    )

    assert done.stdout == "0\n"
