"""A process differs from a later one with the same number."""

import os
import subprocess
import sys
from dataclasses import replace

import psutil
import pytest

from synthsweep.storage.process import ProcessMark, own_mark, started_of


def test_this_process_is_not_gone() -> None:
    assert not own_mark().gone


def test_a_process_whose_number_another_one_has_is_gone() -> None:
    """It started at another time."""
    assert replace(own_mark(), started="0.00").gone


def test_a_process_that_has_ended_is_gone() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait(60)

    assert replace(own_mark(), pid=str(ended.pid)).gone


def test_a_process_that_its_parent_has_not_counted_yet_is_gone() -> None:
    """It was killed, and does nothing more."""
    killed = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    mark = ProcessMark(own_mark().host, str(killed.pid), started_of(str(killed.pid)))
    before = mark.gone
    killed.kill()
    os.waitid(os.P_PID, killed.pid, os.WEXITED | os.WNOWAIT)
    after = mark.gone
    killed.communicate()

    assert (before, after) == (False, True)


def test_what_ran_before_the_machine_was_started_anew_is_gone() -> None:
    """Its number and its ticks may be those of a process of today."""
    machine, _, container, ticks = own_mark().started.split(" ")

    assert replace(own_mark(), started=f"{machine} another-boot {container} {ticks}").gone


@pytest.mark.parametrize("changed", [0, 2], ids=["another machine of the same name", "another container"])
def test_a_process_of_another_place_cannot_be_seen(changed: int) -> None:
    """It may run, though no process here has its number and start."""
    parts = own_mark().started.split(" ")
    parts[changed] = "other"
    mark = replace(own_mark(), started=" ".join(parts))

    assert (mark.visible, mark.gone) == (False, False)


def test_setting_the_clock_changes_no_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    """An hour's jump moves the time of the boot, from which psutil counts; the same process is still alive."""
    before = own_mark()
    monkeypatch.setattr(psutil.Process, "create_time", lambda self: 1e9)

    assert (own_mark(), before.gone) == (before, False)


@pytest.mark.parametrize(
    "mark",
    [ProcessMark("another-host", "1", "0.00"), ProcessMark("", "", ""), replace(own_mark(), pid="x")],
    ids=["another host", "another tool", "unreadable"],
)
def test_a_process_that_cannot_be_looked_up_is_not_called_gone(mark: ProcessMark) -> None:
    assert not mark.gone
