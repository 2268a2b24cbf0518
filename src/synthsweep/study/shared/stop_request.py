"""A request to all processes of a study, on whatever machine, to end after the replicates that they run.

It is a note in the table of claims, which a process looks at between replicates. A process obeys a request that is newer than
itself: the study goes on with the same command, and nothing has to be taken back.
"""

import socket
import time
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from synthsweep.storage.database import open_engine
from synthsweep.storage.leases import Leases

STOP = "stop"
# Seconds between two looks.
LOOK_S = 2.0


def request_stop(leases: Leases) -> None:
    """Asks every process that works on the study now."""
    leases.put(STOP, {"id": uuid4().hex, "host": socket.gethostname(), "at": time.time()})


def ask_all_to_stop(address: str, study: str, lease_s: float) -> None:
    """Leaves the request in the storage of a study, from a process that does not work on it."""
    engine = open_engine(address)
    leases = Leases(engine, study, lease_s)
    try:
        request_stop(leases)
    finally:
        leases.close()
        engine.dispose()


def asked_in_words(request: Any) -> str:
    """`on lab-3 at 14:05`: where and when a stop was asked for."""
    return f"on {request['host']} at {time.strftime('%H:%M', time.localtime(request['at']))}"


@dataclass
class StopRequests:
    """Made when a process begins to work on a study: a request that is there by then was for others."""

    leases: Leases
    _before: Any = field(init=False)
    _looked: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        self._before = self._kept()

    def __call__(self) -> str:
        """What asked for a stop since then, where and when, in words; empty if nothing did."""
        if time.monotonic() - self._looked < LOOK_S:
            return ""
        self._looked = time.monotonic()
        request = self._kept()
        return f"synthsweep studies stop, {asked_in_words(request)}" if request != self._before else ""

    def _kept(self) -> Any:
        return self.leases.notes(STOP).get(STOP)
