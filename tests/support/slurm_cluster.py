"""The Slurm of one machine as a fixture: its commands are first on PATH, and nothing of it outlives the test."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.slurm import Slurm, make_slurm


@pytest.fixture
def slurm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Slurm]:
    made = make_slurm(tmp_path / "slurm")
    monkeypatch.setenv("PATH", f"{made.folder / 'bin'}{os.pathsep}{os.environ['PATH']}")
    yield made
    made.end()
