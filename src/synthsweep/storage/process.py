"""Identifies this process, so that another process can see whether it is still alive."""

import socket
from dataclasses import dataclass

import psutil


@dataclass(frozen=True)
class ProcessMark:
    """Host, number and start of a process: the start distinguishes it from a later process with the same number."""

    host: str
    pid: str
    started: str

    @property
    def values(self) -> tuple[str, str, str]:
        return self.host, self.pid, self.started

    @property
    def gone(self) -> bool:
        """True only if the process ran on this host and has ended; False where that cannot be seen."""
        if self.host != socket.gethostname():
            return False
        try:
            return abs(psutil.Process(int(self.pid)).create_time() - float(self.started)) >= 1
        except psutil.NoSuchProcess:
            return True
        except (ValueError, psutil.Error):
            return False


def own_mark() -> ProcessMark:
    """The mark of this process."""
    own = psutil.Process()
    return ProcessMark(socket.gethostname(), str(own.pid), f"{own.create_time():.2f}")
