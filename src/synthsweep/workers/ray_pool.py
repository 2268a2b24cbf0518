"""A pool of Ray actors, on this machine or on a cluster: each takes the task runner once, then one task at a time."""

import logging
import os
import pickle
import re
import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from synthsweep.errors import Interrupted, WorkerError
from synthsweep.messages import first_line
from synthsweep.stopping import ask_to_stop, handle
from synthsweep.workers.ray_cluster import WorkerResources
from synthsweep.workers.worker import perform
from synthsweep.workers.worker_pool import DEATHS_AT_START, GENTLE_STOP, GRACE_S, READY, Ended, Failure, TaskRunner

log = logging.getLogger(__name__)

# A cluster may be full or still growing: after this long without any worker (imports take a while, too), warn the user.
PATIENCE_S = 120.0

# How long Ray may take to send a signal.
SENDING_S = 60.0


@dataclass(frozen=True)
class _ActorProcess:
    """Where an actor runs."""

    node: str
    pid: int


class _WorkerActor:
    """The actor: its methods run on the main thread of its process, which receives signals."""

    def __init__(self) -> None:
        self._runner: TaskRunner | None = None
        self._busy = False
        handle(signal.SIGUSR1, self._interrupted)
        handle(GENTLE_STOP, self._stop_gently)

    def place(self) -> _ActorProcess:
        """Where it runs, which it says before it imports anything else."""
        import ray

        return _ActorProcess(ray.get_runtime_context().get_node_id(), os.getpid())

    def warm_up(self, payload: bytes, folder: str) -> str:
        """Takes the task runner; `folder` is where the sweep was started, which this host may not have."""
        if Path(folder).is_dir():
            os.chdir(folder)
        self._runner = pickle.loads(payload)  # noqa: S301
        self._runner.warm_up()
        return READY

    def do(self, task: Any) -> tuple[Any, Failure | None]:
        assert self._runner is not None
        self._busy = True
        try:
            return perform(self._runner, task)
        except (KeyboardInterrupt, Interrupted):
            return None, Failure("interrupted", "interrupted")
        finally:
            self._busy = False

    def _interrupted(self, signum: int, frame: FrameType | None) -> None:
        if self._busy:
            ask_to_stop()

    def _stop_gently(self, signum: int, frame: FrameType | None) -> None:
        if self._busy:
            ask_to_stop(gently=True)


def _signal_process(pid: int, number: int) -> None:
    # A process that has ended meanwhile needs no signal.
    with suppress(ProcessLookupError):
        os.kill(pid, number)


@dataclass
class _RayWorker:
    """One actor; `answer` is the pending reply: first its process, then that it is ready, then the result of `task_id`."""

    actor: Any
    answer: Any
    process: _ActorProcess | None = None
    ready: bool = False
    task_id: int | None = None
    began: float = 0.0


@dataclass
class RayWorkerPool:
    """`payload` is a pickled TaskRunner. Ray is connected already; `leave` disconnects from it at the end."""

    payload: bytes
    size: int
    resources: WorkerResources = field(default_factory=WorkerResources)
    timeout_s: float = 0.0
    leave: bool = False
    # How long a task may take to end that waits for answers of an LLM.
    answer_s: float = 0.0
    # How long an actor that has a process may take to be ready; until then it may wait for resources as long as it likes.
    start_s: float = 600.0
    _workers: list[_RayWorker] = field(default_factory=list, init=False)
    _deaths: int = field(default=0, init=False)
    _began: float = field(default_factory=time.monotonic, init=False)
    _warned: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self._workers = [self._start() for _ in range(self.size)]

    def room(self) -> int:
        return sum(worker.answer is None for worker in self._workers)

    def submit(self, task_id: int, task: Any) -> None:
        # Only to an actor that is up: one whose node is gone may pend for ever, and its task with it.
        worker = next(worker for worker in self._workers if worker.answer is None)
        worker.task_id, worker.began = task_id, time.monotonic()
        worker.answer = worker.actor.do.remote(task)

    def wait(self, seconds: float) -> list[Ended]:
        import ray

        self._warn_if_none_is_up()
        owing = {worker.answer: worker for worker in self._workers if worker.answer is not None}
        if not owing:
            time.sleep(seconds)
            return []
        answered, _ = ray.wait(list(owing), timeout=seconds)
        read = [self._read(owing[answer]) for answer in answered]
        return [ended for ended in (*read, *self._end_overdue()) if ended is not None]

    def ask_nothing_more(self) -> None:
        self._signal([worker for worker in self._workers if worker.task_id is not None], GENTLE_STOP)

    def close(self, *, at_once: bool = False) -> None:
        import ray

        try:
            if at_once:
                self._interrupt([worker for worker in self._workers if worker.task_id is not None])
        finally:
            for worker in self._workers:
                ray.kill(worker.actor)
            self._workers = []
            if self.leave:
                self.leave = False
                ray.shutdown()

    def _start(self) -> _RayWorker:
        """Asks for an actor, which comes when the cluster has the resources."""
        import ray

        wanted = self.resources
        actor = ray.remote(_WorkerActor).options(
            num_cpus=wanted.cpus, num_gpus=wanted.gpus, runtime_env={"env_vars": dict(wanted.variables)}
        )
        started: Any = actor.remote()
        return _RayWorker(started, started.place.remote())

    def _read(self, worker: _RayWorker) -> Ended | None:
        import ray

        try:
            answer = ray.get(worker.answer)
        except ray.exceptions.RayTaskError as error:
            cause = error.cause or error
            answer = None, Failure("raised", f"{type(cause).__name__}: {first_line(cause)}"[:500])
        except ray.exceptions.RayError as error:
            return self._replace(worker, Failure("died", f"its Ray worker is gone: {death_reason(str(error))}"))
        if isinstance(answer, _ActorProcess):
            worker.process, worker.began = answer, time.monotonic()
            worker.answer = worker.actor.warm_up.remote(self.payload, str(Path.cwd()))
            return None
        if answer == READY:
            worker.ready, worker.answer, self._deaths = True, None, 0
            return None
        result, failure = answer
        if not worker.ready:
            return self._replace(worker, failure)
        ended = Ended(worker.task_id or 0, result, failure, time.monotonic() - worker.began)
        worker.task_id = worker.answer = None
        return ended

    def _end_overdue(self) -> list[Ended | None]:
        now = time.monotonic()
        late = [worker for worker in self._workers if worker.task_id is not None and 0 < self.timeout_s < now - worker.began]
        self._interrupt(late)
        failure = Failure("timed out", f"no end after {self.timeout_s:g} s (hydra.launcher.timeout_s)")
        hangs = Failure("died", f"its worker was not ready after {self.start_s:g} s (hydra.launcher.start_s)")
        starting = [worker for worker in self._workers if worker.process is not None and not worker.ready]
        hanging = [worker for worker in starting if now - worker.began > self.start_s]
        return [
            *(self._replace(worker, failure) for worker in late), *(self._replace(worker, hangs) for worker in hanging)
        ]  # fmt: skip

    def _replace(self, worker: _RayWorker, failure: Failure) -> Ended | None:
        """Asks for a new actor to replace one that is gone or must end."""
        import ray

        with suppress(ray.exceptions.RayError):
            ray.kill(worker.actor)
        self._deaths += not worker.ready
        if self._deaths >= max(DEATHS_AT_START, self.size + 1):
            raise WorkerError(f"workers die before they have done anything: {failure.reason}")
        self._workers[self._workers.index(worker)] = self._start()
        if worker.task_id is None:
            return None
        return Ended(worker.task_id, None, failure, time.monotonic() - worker.began)

    def _interrupt(self, workers: Sequence[_RayWorker]) -> None:
        """Interrupts actors, and gives them time to end their tasks."""
        if not workers:
            return
        import ray

        sent = self._signal(workers, signal.SIGUSR1)
        # The time to end begins with the signal: Ray may first have to start a process that sends it.
        ray.wait(sent, num_returns=len(sent), timeout=SENDING_S)
        ray.wait([worker.answer for worker in workers], num_returns=len(workers), timeout=GRACE_S + self.answer_s)

    def _signal(self, workers: Sequence[_RayWorker], number: int) -> list[Any]:
        """Signals actors by a Ray task on the node of each, which it returns: `ray.cancel` does not reach a current task."""
        import ray
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        send = ray.remote(num_cpus=0, max_retries=0)(_signal_process)
        sent: list[Any] = []
        for worker in workers:
            assert worker.process is not None
            there = NodeAffinitySchedulingStrategy(worker.process.node, soft=False)
            sent.append(send.options(scheduling_strategy=there).remote(worker.process.pid, int(number)))
        return sent

    def _warn_if_none_is_up(self) -> None:
        if self._warned or any(worker.ready for worker in self._workers):
            return
        if time.monotonic() - self._began > PATIENCE_S:
            self._warned = True
            log.warning("no worker has come up in %.0f s: `ray status` says what the cluster is short of", PATIENCE_S)


def death_reason(message: str) -> str:
    """Why an actor is gone: one line out of the many that Ray writes."""
    because = re.search(r"because (.*?)(?:\. |\.?\n|\.?$)", message)
    kind = re.search(r"Worker exit type: (\w+)", message)
    hint = {"SYSTEM_ERROR": "killed, out of memory perhaps", "NODE_OUT_OF_MEMORY": "out of memory"}
    line = because[1] if because else message.strip().partition("\n")[0]
    return f"{line} ({hint.get(kind[1], kind[1])})" if kind else line
