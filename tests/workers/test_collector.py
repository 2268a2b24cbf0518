"""How often Python looks for garbage."""

import subprocess
import sys


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
