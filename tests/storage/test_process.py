"""A process is told from a later one with the same number."""

import subprocess
import sys
from dataclasses import replace

import pytest

from synthsweep.storage.process import ProcessMark, own_mark


def test_this_process_is_there() -> None:
    """By number and start."""

    assert not own_mark().gone


def test_a_number_that_another_process_has_by_now_is_no_proof_of_life() -> None:
    """It started at another time."""

    assert replace(own_mark(), started="0.00").gone


def test_a_process_that_has_ended_is_gone() -> None:
    """Nobody has its number, or somebody else."""

    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait(60)

    assert replace(own_mark(), pid=str(ended.pid)).gone


@pytest.mark.parametrize(
    "mark",
    [ProcessMark("another-host", "1", "0.00"), ProcessMark("", "", ""), replace(own_mark(), pid="x")],
    ids=["another host", "another tool", "unreadable"],
)
def test_of_what_cannot_be_looked_at_nothing_is_said(mark: ProcessMark) -> None:
    """Another host's, another tool's, or a mark that nobody can read."""

    assert not mark.gone
