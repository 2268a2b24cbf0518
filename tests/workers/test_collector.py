"""How often Python looks for garbage."""

import subprocess
import sys
from pathlib import Path


def test_a_process_that_looks_seldom_still_looks() -> None:
    """In a process of its own: the threshold is the whole process's."""
    program = (
        "import gc; from synthsweep.workers.collector import look_seldom\n"
        "look_seldom(); before = gc.get_stats()[0]['collections']\n"
        "for _ in range(250_000): loop = []; loop.append(loop)\n"
        "print(gc.get_stats()[0]['collections'] - before, gc.isenabled())"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()

    assert (int(told[0]) in {2, 3}, told[1]) == (True, "True")


def test_the_end_of_a_process_closes_databases_and_looks_at_nothing(tmp_path: Path) -> None:
    """Whatever still holds them: SQLite's two files beside a database are gone."""
    program = (
        "import atexit, gc, sqlite3; from synthsweep.workers.collector import look_seldom\n"
        "atexit.register(lambda: print(gc.get_freeze_count() > 1000)); look_seldom()\n"
        "held = [sqlite3.connect('a.db', isolation_level=None)]; held.append(held)\n"
        "held[0].execute('PRAGMA journal_mode=WAL'); held[0].execute('CREATE TABLE a (b)')"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=tmp_path)

    assert told.stdout == "True\n"
    assert [path.name for path in tmp_path.iterdir()] == ["a.db"]
