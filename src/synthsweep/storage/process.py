"""Identifies this process, so that another process can see whether it is still alive, whatever the clock says."""

import os
import socket
import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psutil

# A process in one of these states has ended, and only waits to be counted by its parent.
ENDED = frozenset("ZXx")
# What stands for a part of a place that cannot be read; nothing distinguishes two such places.
UNKNOWN, NO_MACHINE = "none", f"{zlib.crc32(b''):08x}"
MACHINE_FILE, BOOT_FILE, NAMESPACE_LINK = "/etc/machine-id", "/proc/sys/kernel/random/boot_id", "/proc/self/ns/pid"


@dataclass(frozen=True)
class ProcessMark:
    """Host, number and start of a process: the start distinguishes it from a later process with the same number.

    On Linux, `started` is `MACHINE BOOT CONTAINER TICKS`, the ticks since that boot: setting the clock changes nothing in it.
    Elsewhere, and in what earlier versions wrote, it is a time.
    """

    host: str
    pid: str
    started: str

    @property
    def values(self) -> tuple[str, str, str]:
        return self.host, self.pid, self.started

    @property
    def visible(self) -> bool:
        """Whether it is certain from here that the process runs, or that it has ended: within one boot and one container.

        Names do not tell: cloned machines share theirs, and so do containers of one image on several hosts.
        """
        theirs, ours = self.started.split(" "), _own_place()
        here = theirs[:3] == list(ours) and UNKNOWN not in ours
        return self.host == socket.gethostname() and len(theirs) == 4 and self.pid.isdecimal() and here

    @property
    def gone(self) -> bool:
        """True only if the process ran in this place and has ended; False where that cannot be seen."""
        if self.visible:
            return started_of(self.pid) != self.started and not _is_hidden(self.pid)
        return self.host == socket.gethostname() and " " not in self.started and _began_at_another_time(self.pid, self.started)

    @property
    def of_earlier_boot(self) -> bool:
        """Whether it ran on this machine before that was started anew, or runs on a clone of it, which looks the same."""
        theirs, ours = self.started.split(" "), _own_place()
        same_machine = self.host == socket.gethostname() and theirs[0] == ours[0] != NO_MACHINE
        return same_machine and len(theirs) == 4 and theirs[1] != ours[1] and UNKNOWN not in {theirs[1], ours[1]}


def own_mark() -> ProcessMark:
    """The mark of this process."""
    own = psutil.Process()
    return ProcessMark(socket.gethostname(), str(own.pid), started_of(str(own.pid)) or f"{own.create_time():.2f}")


def started_of(pid: str) -> str:
    """When a process that runs here started, as its mark says it; empty for any other, and without /proc."""
    try:
        # The name of a program, in brackets, may hold spaces and brackets.
        state, *fields = Path(f"/proc/{int(pid)}/stat").read_text().rpartition(")")[2].split()
        return "" if state in ENDED else " ".join((*_own_place(), fields[18]))
    except (OSError, ValueError, IndexError):
        return ""


def _is_hidden(pid: str) -> bool:
    """Whether it runs under another account, and /proc does not show it (mounted with hidepid)."""
    if Path(f"/proc/{pid}").exists():
        return False
    try:
        os.kill(int(pid), 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False
    return False


@cache
def _own_place() -> tuple[str, str, str]:
    """The machine, its boot, and the container in which this process runs."""
    machine, boot = _content(MACHINE_FILE), _content(BOOT_FILE)
    try:
        namespace = str(Path(NAMESPACE_LINK).readlink()).strip("pid:[]")
    except OSError:
        namespace = UNKNOWN
    # The number of a machine is meant to stay on it, so only its checksum is written.
    return f"{zlib.crc32(machine.encode()):08x}", boot or UNKNOWN, namespace


def _content(path: str) -> str:
    try:
        return Path(path).read_text().strip()
    except OSError:
        return ""


def _began_at_another_time(pid: str, started: str) -> bool:
    try:
        return abs(psutil.Process(int(pid)).create_time() - float(started)) >= 1
    except psutil.NoSuchProcess:
        return True
    except (ValueError, psutil.Error):
        return False
