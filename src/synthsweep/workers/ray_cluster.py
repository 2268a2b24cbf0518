"""The Ray cluster that workers run on: joined at an address, or started on this machine for this process alone."""

import logging
import os
import re
import secrets
import signal
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from synthsweep.errors import ConfigError
from synthsweep.messages import first_line

log = logging.getLogger(__name__)

CONNECT_S = 10.0
# The daemons of a Ray that is started here listen on loopback alone, ask for a token of this process (Ray would keep one in
# the home folder), and send no usage reports. Ray reads the second variable when it is imported.
PRIVATE = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
    "RAY_AUTH_TOKEN": secrets.token_hex(32),
}
# What Ray reserves for large objects, which no task is; by default it is a third of the memory.
OBJECT_STORE_BYTES = 100_000_000


@dataclass(frozen=True)
class WorkerResources:
    """What each worker asks of the cluster, and the variables of its process; several workers may share one GPU."""

    cpus: int = 1
    gpus: float = 0.0
    variables: Mapping[str, str] = field(default_factory=dict)

    def fitting(self, nodes: Sequence[Mapping[str, Any]]) -> int:
        """How many workers fit on these nodes; a worker cannot span two."""
        return sum(self._fitting(node["Resources"]) for node in nodes)

    def _fitting(self, resources: Mapping[str, float]) -> int:
        by_cpu = int(resources.get("CPU", 0) // self.cpus)
        if not self.gpus:
            return by_cpu
        gpus = resources.get("GPU", 0)
        return min(by_cpu, int(gpus // self.gpus) if self.gpus >= 1 else int(gpus) * int(1 / self.gpus + 1e-9))


def connect(address: str | None) -> bool:
    """Joins the cluster at an address, or starts one for this process; returns whether there was no connection before.

    Raises:
        ConfigError: Ray is not installed, or no cluster answers.
    """
    place = address or os.environ.get("RAY_ADDRESS") or "local"
    for name, value in PRIVATE.items() if place == "local" else ():
        os.environ.setdefault(name, value)
    try:
        import ray
    except ImportError as error:
        raise ConfigError("hydra/launcher=ray_workers needs Ray: pip install 'synthsweep[ray]'") from error
    if ray.is_initialized():
        return False
    own: dict[str, Any] = {"_node_ip_address": "127.0.0.1", "include_dashboard": False}
    own |= {"object_store_memory": OBJECT_STORE_BYTES}
    try:
        _require_listener(place)
        with _handler_kept(signal.SIGTERM):
            ray.init(place, log_to_driver=False, logging_level=logging.ERROR, **(own if place == "local" else {}))
    except (ConnectionError, RuntimeError, ValueError) as error:
        way_out = "start one with ray start --head, or set null for one of your own"
        raise ConfigError(f"hydra.launcher.address={place}: no Ray cluster: {first_line(error)[:200]}; {way_out}") from error
    _keep_off_the_screen()
    return True


def _keep_off_the_screen() -> None:
    """Sends what Ray prints of its nodes to the log: a lost one's dump has a hundred lines, and no setting stops it."""
    from ray._private import worker

    if hasattr(worker, "print_to_stdstream"):
        worker.print_to_stdstream = _log_lines


def _log_lines(data: Mapping[str, Any], ignore_prefix: bool = False) -> None:
    for line in data.get("lines", ()):
        log.debug("%s", line)


def living_nodes() -> list[Mapping[str, Any]]:
    """The nodes of the connected cluster, as Ray describes them."""
    import ray

    listed: Any = ray.nodes
    return [node for node in listed() if node["Alive"]]


def _require_listener(place: str) -> None:
    """Raises ConnectionError where nobody listens at an address with a port: Ray itself would wait for minutes."""
    named = re.fullmatch(r"(?:ray://)?\[?([^\[\]/]+)\]?:(\d+)", place)
    if named is None:
        return
    try:
        socket.create_connection((named[1], int(named[2])), CONNECT_S).close()
    except (OSError, OverflowError) as error:
        raise ConnectionError(first_line(error)) from error


@contextmanager
def _handler_kept(number: signal.Signals) -> Iterator[None]:
    # Ray sets a handler of its own, which ends the process silently.
    before = signal.getsignal(number)
    try:
        yield
    finally:
        signal.signal(number, before)
