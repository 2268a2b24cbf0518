"""A process differs from a later one with the same number."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from support.patience import LIMIT_S
from synthsweep.storage import process
from synthsweep.storage.process import BOOT_FILE, NAMESPACE_LINK, ProcessMark, own_mark, started_of


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


def in_place(part: int, other: str) -> ProcessMark:
    """The mark of this process with another machine (0), boot (1) or container (2)."""
    parts = own_mark().started.split(" ")
    parts[part] = other
    return replace(own_mark(), started=" ".join(parts))


@pytest.mark.parametrize(
    "part", [0, 1, 2], ids=["another machine of the same name", "another boot, or a clone", "another container"]
)
def test_a_process_of_another_place_cannot_be_seen(part: int) -> None:
    """It may run, though no process here has its number and start."""
    mark = in_place(part, "other")

    assert (mark.visible, mark.gone) == (False, False)


@pytest.mark.parametrize("unknown", [BOOT_FILE, NAMESPACE_LINK])
def test_where_a_place_cannot_be_read_no_process_is_called_gone(unknown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sandboxes without a boot or a container of their own all look the same."""
    constant = next(name for name, value in vars(process).items() if value == unknown)
    monkeypatch.setattr(process, constant, "/nowhere")
    process._own_place.cache_clear()
    try:
        mark = replace(own_mark(), pid="99999999")
        seen = mark.visible, mark.gone
    finally:
        process._own_place.cache_clear()

    assert seen == (False, False)


@pytest.mark.parametrize(
    ("mark", "earlier"),
    [
        (own_mark(), False),
        (in_place(1, "x"), True),
        (in_place(2, "x"), False),
        (in_place(0, "x"), False),
        (in_place(1, "none"), False),
    ],
    ids=["this one", "another boot", "another container", "another machine", "a boot that is not known"],
)
def test_what_ran_before_the_machine_was_started_anew_is_known_as_such(mark: ProcessMark, earlier: bool) -> None:
    """Its number and its ticks may be those of a process of today."""
    assert mark.of_earlier_boot == earlier


@pytest.mark.slow
def test_processes_of_two_containers_on_two_hosts_do_not_end_each_others_claims(tmp_path: Path) -> None:
    """One image: the same host name and machine; the kernel says another boot in each, and process numbers begin anew."""
    if subprocess.run(["unshare", "-pfm", "--mount-proc", "true"], capture_output=True, check=False).returncode:
        pytest.skip("this account may not make containers")

    def inside(boot: str, *code: str) -> subprocess.Popen[str]:
        (tmp_path / boot).write_text(f"{boot}\n")
        bind = f'mount --bind {tmp_path / boot} {BOOT_FILE} && exec {sys.executable} -c "$0"'
        shell = ["unshare", "-pfm", "--mount-proc", "sh", "-c", bind, "; ".join((PRELUDE, *code))]
        return subprocess.Popen(shell, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=tmp_path)

    holds = inside("a", "print(leases.claim('x'), flush=True)", "input()")
    assert holds.stdout
    first = holds.stdout.readline()
    other, _ = inside("b", "print(leases.claim('x'), sorted(leases.alive()))").communicate(timeout=LIMIT_S)
    holds.communicate("\n", timeout=LIMIT_S)

    assert (first, other) == ("True\n", "False ['x']\n")


PRELUDE = (
    "from synthsweep.storage.leases import Leases; from synthsweep.storage.database import open_engine; "
    "leases = Leases(open_engine('sqlite:///claims.db'), 'study')"
)


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
