"""Threads that wait sleep, unless the user wants something else."""

import os
import subprocess
import sys

import pytest

from synthsweep.workers.waiting import VARIABLES

# GNU's library shows its settings when it is loaded.
LOADING = "import sys; from synthsweep.cli.main import main; main(['--version']); import torch"


def shown(**variables: str) -> str:
    """What the library of torch goes by, after a command of the product began."""
    kept = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    done = subprocess.run(
        [sys.executable, "-c", LOADING], env={**kept, "OMP_DISPLAY_ENV": "verbose", **variables}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="torch carries GNU's library on Linux alone")
@pytest.mark.parametrize(
    ("variables", "turns"),
    [({}, "0"), ({"OMP_WAIT_POLICY": "active"}, "30000000000"), ({"GOMP_SPINCOUNT": "7"}, "7")],
)
def test_threads_wait_asleep_unless_a_variable_says_otherwise(variables: dict[str, str], turns: str) -> None:
    """A thread spins for no turn before it sleeps, or for as many as the user asks for."""

    lines = shown(**variables).splitlines()

    assert [line.split("=")[1].strip(" '") for line in lines if "GOMP_SPINCOUNT" in line] == [turns]
