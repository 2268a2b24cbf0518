"""Which process this is, told so that another one can see whether it is still there."""

import socket
from dataclasses import dataclass

import psutil


@dataclass(frozen=True)
class ProcessMark:
    """Host, number and start: the start tells a process from a later one with the same number."""

    host: str
    pid: str
    started: str

    @property
    def gone(self) -> bool:
        """True only for a process of this host that is not there any more; of what cannot be looked at, nothing is said."""
        if self.host != socket.gethostname():
            return False
        try:
            return abs(psutil.Process(int(self.pid)).create_time() - float(self.started)) >= 1
        except psutil.NoSuchProcess:
            return True
        except (ValueError, psutil.Error):
            return False


def own_mark() -> ProcessMark:
    """Of this process."""
    own = psutil.Process()
    return ProcessMark(socket.gethostname(), str(own.pid), f"{own.create_time():.2f}")
