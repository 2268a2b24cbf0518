"""A crew of Ray actors, on this machine or on a cluster's: each takes the task once, then one order at a time."""

import logging
import os
import pickle
import re
import secrets
import signal
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from synthsweep.errors import ConfigError, Interrupted, WorkerError
from synthsweep.messages import first_line
from synthsweep.workers.pool import DEATHS_AT_START, GRACE_S, Ended, Failure, TaskRunner
from synthsweep.workers.worker import perform

log = logging.getLogger(__name__)

# A cluster may be full, or still grow: after so long without any worker (imports take a while, too), somebody should look.
PATIENCE_S = 120.0
LISTENER_S = 10.0
# The daemons of a Ray that is started here listen on loopback alone, ask for a token of this process (Ray would keep one in
# the home folder), and tell nobody that they run. Ray reads the second when it is imported.
PRIVATE = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
    "RAY_AUTH_TOKEN": secrets.token_hex(32),
}
# What Ray keeps for large objects, which no order is; by default it is a third of the memory.
OBJECT_STORE_BYTES = 100_000_000


@dataclass(frozen=True)
class WorkerResources:
    """What each worker asks of the cluster, and the variables of its process; several may share one GPU."""

    cpus: int = 1
    gpus: float = 0.0
    variables: Mapping[str, str] = field(default_factory=dict)

    def fitting(self, nodes: Sequence[Mapping[str, Any]]) -> int:
        """How many workers these nodes hold; none spans two."""
        return sum(self._fitting(node["Resources"]) for node in nodes)

    def _fitting(self, resources: Mapping[str, float]) -> int:
        by_cpu = int(resources.get("CPU", 0) // self.cpus)
        if not self.gpus:
            return by_cpu
        gpus = resources.get("GPU", 0)
        return min(by_cpu, int(gpus // self.gpus) if self.gpus >= 1 else int(gpus) * int(1 / self.gpus + 1e-9))


def connect(address: str | None) -> bool:
    """Joins the cluster at an address, or starts one for this process; whether there was no connection before.

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
        with _kept_handler(signal.SIGTERM):
            ray.init(place, log_to_driver=False, logging_level=logging.ERROR, **(own if place == "local" else {}))
    except (ConnectionError, RuntimeError, ValueError) as error:
        way_out = "start one with ray start --head, or set null for one of your own"
        raise ConfigError(f"hydra.launcher.address={place}: no Ray cluster: {first_line(error)[:200]}; {way_out}") from error
    return True


def _require_listener(place: str) -> None:
    """Of an address with a port: Ray itself waits minutes for a host where nobody listens."""
    named = re.fullmatch(r"(?:ray://)?\[?([^\[\]/]+)\]?:(\d+)", place)
    if named is None:
        return
    try:
        socket.create_connection((named[1], int(named[2])), LISTENER_S).close()
    except (OSError, OverflowError) as error:
        raise ConnectionError(first_line(error)) from error


def living_nodes() -> list[Mapping[str, Any]]:
    """Of the cluster that is connected, as Ray describes them."""
    import ray

    listed: Any = ray.nodes
    return [node for node in listed() if node["Alive"]]


@contextmanager
def _kept_handler(number: signal.Signals) -> Iterator[None]:
    # Ray puts its own there, which ends the process without a word.
    before = signal.getsignal(number)
    try:
        yield
    finally:
        signal.signal(number, before)


@dataclass(frozen=True)
class _Place:
    """Where an actor lives."""

    node: str
    pid: int


class _WorkerActor:
    """The actor: its methods run on the main thread of its process, where a signal is heard."""

    def __init__(self) -> None:
        self._task: TaskRunner | None = None
        self._busy = False
        signal.signal(signal.SIGUSR1, self._interrupted)

    def warm_up(self, payload: bytes, folder: str) -> _Place:
        """Takes the task; `folder` is where the sweep was started, which this host may not have."""
        import ray

        if Path(folder).is_dir():
            os.chdir(folder)
        self._task = pickle.loads(payload)  # noqa: S301
        self._task.warm_up()
        return _Place(ray.get_runtime_context().get_node_id(), os.getpid())

    def do(self, order: Any) -> tuple[Any, Failure | None]:
        assert self._task is not None
        self._busy = True
        try:
            return perform(self._task, order)
        except (KeyboardInterrupt, Interrupted):
            return None, Failure("interrupted", "interrupted")
        finally:
            self._busy = False

    def _interrupted(self, signum: int, frame: FrameType | None) -> None:
        if self._busy:
            raise KeyboardInterrupt


def _knock(pid: int) -> None:
    os.kill(pid, signal.SIGUSR1)


@dataclass
class _Member:
    """One actor; `answer` is what it owes: first its place, then the result of the order `task_id`."""

    actor: Any
    answer: Any
    place: _Place | None = None
    task_id: int | None = None
    began: float = 0.0


@dataclass
class RayWorkerPool:
    """`payload` is a pickled Task; Ray is connected already, and left at the end if `leave` says so."""

    payload: bytes
    size: int
    share: WorkerResources = field(default_factory=WorkerResources)
    timeout_s: float = 0.0
    leave: bool = False
    _members: list[_Member] = field(default_factory=list, init=False)
    _deaths: int = field(default=0, init=False)
    _asked: float = field(default_factory=time.monotonic, init=False)
    _warned: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self._members = [self._ask_for_one() for _ in range(self.size)]

    def room(self) -> int:
        return sum(member.answer is None for member in self._members)

    def submit(self, task_id: int, order: Any) -> None:
        # Only to one that has told where it is: an actor whose node is gone may pend for ever, and its order with it.
        member = next(member for member in self._members if member.answer is None)
        member.task_id, member.began = task_id, time.monotonic()
        member.answer = member.actor.do.remote(order)

    def wait(self, seconds: float) -> list[Ended]:
        import ray

        self._warn_if_nobody_comes()
        owing = {member.answer: member for member in self._members if member.answer is not None}
        if not owing:
            time.sleep(seconds)
            return []
        answered, _ = ray.wait(list(owing), timeout=seconds)
        found = [self._read(owing[answer]) for answer in answered]
        return [ended for ended in (*found, *self._overdue()) if ended is not None]

    def close(self, *, at_once: bool = False) -> None:
        import ray

        if at_once:
            self._interrupt([member for member in self._members if member.task_id is not None])
        for member in self._members:
            ray.kill(member.actor)
        self._members = []
        if self.leave:
            self.leave = False
            ray.shutdown()

    def _ask_for_one(self) -> _Member:
        import ray

        actor = ray.remote(_WorkerActor).options(
            num_cpus=self.share.cpus, num_gpus=self.share.gpus, runtime_env={"env_vars": dict(self.share.variables)}
        )  # fmt: skip
        started: Any = actor.remote()
        return _Member(started, started.warm_up.remote(self.payload, str(Path.cwd())))

    def _read(self, member: _Member) -> Ended | None:
        import ray

        try:
            answer = ray.get(member.answer)
        except ray.exceptions.RayTaskError as error:
            cause = error.cause or error
            answer = None, Failure("raised", f"{type(cause).__name__}: {first_line(cause)}"[:500])
        except ray.exceptions.RayError as error:
            return self._replace(member, Failure("died", f"its Ray worker is gone: {reason(str(error))}"))
        if isinstance(answer, _Place):
            member.place, member.answer, self._deaths = answer, None, 0
            return None
        result, failure = answer
        if member.place is None:
            return self._replace(member, failure)
        ended = Ended(member.task_id or 0, result, failure, time.monotonic() - member.began)
        member.task_id = member.answer = None
        return ended

    def _overdue(self) -> list[Ended | None]:
        now = time.monotonic()
        late = [m for m in self._members if m.task_id is not None and 0 < self.timeout_s < now - m.began]
        self._interrupt(late)
        failure = Failure("timed out", f"no end after {self.timeout_s:g} s (hydra.launcher.timeout_s)")
        return [self._replace(member, failure) for member in late]

    def _replace(self, member: _Member, failure: Failure) -> Ended | None:
        """Asks for a new actor in the place of one that is gone, or has to go; it comes when there is room for it."""
        import ray

        with suppress(ray.exceptions.RayError):
            ray.kill(member.actor)
        self._deaths += member.place is None
        if self._deaths >= max(DEATHS_AT_START, self.size + 1):
            raise WorkerError(f"workers die before they have done anything: {failure.reason}")
        self._members[self._members.index(member)] = self._ask_for_one()
        if member.task_id is None:
            return None
        return Ended(member.task_id, None, failure, time.monotonic() - member.began)

    def _interrupt(self, members: Sequence[_Member]) -> None:
        """Ctrl-C for actors, by a task on the node of each: `ray.cancel` does not reach what an actor is at."""
        if not members:
            return
        import ray
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        knock = ray.remote(num_cpus=0, max_retries=0)(_knock)
        for member in members:
            assert member.place is not None
            there = NodeAffinitySchedulingStrategy(member.place.node, soft=False)
            knock.options(scheduling_strategy=there).remote(member.place.pid)
        ray.wait([member.answer for member in members], num_returns=len(members), timeout=GRACE_S)

    def _warn_if_nobody_comes(self) -> None:
        if self._warned or any(member.place is not None for member in self._members):
            return
        if time.monotonic() - self._asked > PATIENCE_S:
            self._warned = True
            log.warning("no worker has come up in %.0f s: `ray status` tells what the cluster is short of", PATIENCE_S)


def reason(message: str) -> str:
    """Why an actor is gone, out of the many lines in which Ray tells it."""
    because = re.search(r"because (.*?)(?:\. |\.?\n|\.?$)", message)
    kind = re.search(r"Worker exit type: (\w+)", message)
    hint = {"SYSTEM_ERROR": "killed, out of memory perhaps", "NODE_OUT_OF_MEMORY": "out of memory"}
    message = because[1] if because else message.strip().partition("\n")[0]
    return f"{message} ({hint.get(kind[1], kind[1])})" if kind else message
