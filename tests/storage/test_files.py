"""A file appears whole or not at all."""

import subprocess
import sys
from pathlib import Path

from synthsweep.storage.files import write_whole

FULL = """
import resource, sys
from pathlib import Path
from synthsweep.storage.files import write_whole
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
write_whole(Path(sys.argv[1]), b"x" * 2000)
"""


def test_a_file_is_replaced(tmp_path: Path) -> None:
    """The new content is there, and nothing beside it."""
    path = tmp_path / "report.html"
    path.write_bytes(b"old")
    write_whole(path, b"new")

    assert {found.name: found.read_bytes() for found in tmp_path.iterdir()} == {"report.html": b"new"}


def test_where_no_room_is_left_the_old_file_stays(tmp_path: Path) -> None:
    """And no part of the new one."""
    path = tmp_path / "report.html"
    path.write_bytes(b"old")
    done = subprocess.run([sys.executable, "-c", FULL, str(path)], capture_output=True, text=True, check=False)

    assert "File too large" in done.stderr
    assert {found.name: found.read_bytes() for found in tmp_path.iterdir()} == {"report.html": b"old"}
