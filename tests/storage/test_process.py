"""A process differs from a later one with the same number."""

import subprocess
import sys
from dataclasses import replace

import pytest

from synthsweep.storage.process import ProcessMark, own_mark


def test_this_process_is_not_gone() -> None:
    assert not own_mark().gone


def test_a_process_whose_number_another_one_has_is_gone() -> None:
    """It started at another time."""
    assert replace(own_mark(), started="0.00").gone


def test_a_process_that_has_ended_is_gone() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait(60)

    assert replace(own_mark(), pid=str(ended.pid)).gone


@pytest.mark.parametrize(
    "mark",
    [ProcessMark("another-host", "1", "0.00"), ProcessMark("", "", ""), replace(own_mark(), pid="x")],
    ids=["another host", "another tool", "unreadable"],
)
def test_a_process_that_cannot_be_looked_up_is_not_called_gone(mark: ProcessMark) -> None:
    assert not mark.gone
