"""A pool of processes on this machine that stay alive, take tasks over a pipe, and are replaced when they die."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, Pipe, wait
from pathlib import Path
from typing import Any

import psutil

from synthsweep.errors import WorkerError
from synthsweep.stopping import in_main_thread
from synthsweep.workers.worker_pool import DEATHS_AT_START, FINISHING, GENTLE_STOP, GRACE_S, READY, STACK_SIGNAL, Ended, Failure

# How the stack of a worker's main thread begins in its log, and how long it may take to be there.
STACK, STACK_S = "Current thread", 2.0
# Seconds between two looks at a process that should end.
POLL_S = 0.05
TERMINAL_SIGNALS = (signal.SIGINT, signal.SIGHUP)


@dataclass(frozen=True)
class Limits:
    """What one task may take; 0 sets no limit. `start_s` is how long a worker may take to be ready for its first one."""

    seconds: float = 0.0
    memory_gb: float = 0.0
    start_s: float = 600.0


@dataclass
class _WorkerProcess:
    """One process; `task_id` is the task that it works on, `log_size` what an earlier process has written to its log."""

    process: subprocess.Popen[bytes]
    pipe: Connection
    log: Path
    slot: int
    log_size: int
    task_id: int | None = None
    began: float = 0.0
    ready: bool = False
    started: float = field(default_factory=time.monotonic)


@dataclass
class LocalWorkerPool:
    """`payload` is a pickled TaskRunner; `environments` holds the environment variables of each worker."""

    payload: bytes
    environments: list[Mapping[str, str]]
    logs: Path
    limits: Limits = field(default_factory=Limits)
    _workers: list[_WorkerProcess] = field(default_factory=list, init=False)
    _deaths: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.logs.mkdir(parents=True, exist_ok=True)
        self.size = len(self.environments)
        self._workers = [self._start(slot) for slot in range(self.size)]

    def room(self) -> int:
        return sum(worker.task_id is None for worker in self._workers)

    def submit(self, task_id: int, task: Any) -> None:
        worker = next(worker for worker in self._workers if worker.task_id is None)
        worker.task_id, worker.began = task_id, time.monotonic()
        # The next wait notices a worker that is gone, as if it had died at this task.
        with suppress(OSError):
            worker.pipe.send(task)

    def wait(self, seconds: float) -> list[Ended]:
        ready = wait([worker.pipe for worker in self._workers], timeout=seconds)
        ended: list[Ended] = []
        for worker in list(self._workers):
            over = self._read(worker) if worker.pipe in ready else self._end_if_over_limits(worker)
            if over is not None:
                ended.append(over)
        return ended

    def ask_nothing_more(self) -> None:
        for worker in self._workers:
            # One that is not ready yet would be ended by the signal.
            if worker.ready and worker.task_id is not None:
                worker.process.send_signal(GENTLE_STOP)

    def close(self, *, at_once: bool = False) -> None:
        for worker in self._workers:
            with suppress(OSError):
                # One that is not ready has nothing to close, and reads nothing yet.
                if not worker.ready or (at_once and worker.task_id is not None):
                    worker.process.terminate()
                else:
                    worker.pipe.send_bytes(b"")
        end = time.monotonic() + GRACE_S
        try:
            for worker in self._workers:
                _await_end(worker, end)
        finally:
            for worker in self._workers:
                _end_process(worker, 0)
            self._workers = []

    def _start(self, slot: int) -> _WorkerProcess:
        ours, theirs = Pipe()
        log = self.logs / f"worker-{slot}.log"
        log_size = log.stat().st_size if log.exists() else 0
        # A warning may quote a text.
        with open(log, "ab", opener=_owner_only) as output, _ignored(*TERMINAL_SIGNALS):
            process = subprocess.Popen(
                # -P: a file of the current folder must not replace a library; the console script sees none either.
                [sys.executable, "-P", "-m", "synthsweep.workers.worker", str(theirs.fileno()), str(os.getpid())],
                pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                env={**os.environ, **self.environments[slot]},
            )  # fmt: skip
        theirs.close()
        worker = _WorkerProcess(process, ours, log, slot, log_size)
        with suppress(OSError):
            ours.send_bytes(self.payload)
        return worker

    def _read(self, worker: _WorkerProcess) -> Ended | None:
        try:
            message = worker.pipe.recv()
        except (EOFError, OSError):
            return self._replace(worker, None)
        if message == READY:
            self._deaths, worker.ready, worker.began = 0, True, time.monotonic()
        if message == READY or worker.task_id is None or message[0] == FINISHING:
            return None
        result, failure = message
        ended = Ended(worker.task_id, result, failure, time.monotonic() - worker.began)
        worker.task_id = None
        return ended

    def _end_if_over_limits(self, worker: _WorkerProcess) -> Ended | None:
        if worker.task_id is None:
            return None
        now = time.monotonic()
        if not worker.ready and now - worker.started > self.limits.start_s:
            late = f"its worker was not ready after {self.limits.start_s:g} s (hydra.launcher.start_s){_hangs_at(worker)}"
            return self._replace(worker, Failure("died", f"{late}; its last words are in {worker.log}"))
        if worker.ready and 0 < self.limits.seconds < now - worker.began:
            return self._replace(
                worker, Failure("timed out", f"no end after {self.limits.seconds:g} s (hydra.launcher.timeout_s)")
            )
        used = _memory_gb(worker.process.pid) if self.limits.memory_gb else 0.0
        if used > self.limits.memory_gb:
            limit = f"{used:.1f} GB of memory, above hydra.launcher.memory_gb={self.limits.memory_gb:g}"
            return self._replace(worker, Failure("too large", limit))
        return None

    def _replace(self, worker: _WorkerProcess, failure: Failure | None) -> Ended | None:
        """Replaces a process that is gone (no `failure` yet), or that must end."""
        if failure is not None:
            worker.process.terminate()
        _await_end(worker, time.monotonic() + GRACE_S)
        _end_process(worker, 0)
        if failure is None:
            failure = Failure("died", f"its worker {_ending(worker.process.returncode)}; its last words are in {worker.log}")
        self._deaths += not worker.ready
        if self._deaths >= max(DEATHS_AT_START, self.size + 1):
            raise WorkerError(f"workers die before they have done anything: {failure.reason}")
        self._workers[self._workers.index(worker)] = self._start(worker.slot)
        if worker.task_id is None:
            return None
        return Ended(worker.task_id, None, failure, time.monotonic() - worker.began)


def _await_end(worker: _WorkerProcess, end: float) -> None:
    """Waits for a process that has been asked to end; one that must store paid answers first says how long that may take."""
    while worker.process.poll() is None and time.monotonic() < end:
        # At the end of the pipe the process is about to end, too.
        if not worker.pipe.poll(POLL_S):
            continue
        try:
            message = worker.pipe.recv()
        except (EOFError, OSError):
            with suppress(subprocess.TimeoutExpired):
                worker.process.wait(max(end - time.monotonic(), 0.0))
            return
        if message[0] == FINISHING:
            end = max(end, time.monotonic() + message[1] + GRACE_S)


def _end_process(worker: _WorkerProcess, seconds: float) -> None:
    """Kills a process that has not ended after `seconds`."""
    try:
        worker.process.wait(seconds)
    except subprocess.TimeoutExpired:
        worker.process.kill()
        worker.process.wait()
    worker.pipe.close()


@contextmanager
def _ignored(*numbers: signal.Signals) -> Iterator[None]:
    # A process keeps ignoring the signals that its parent ignored. Only the sweep gets those of the terminal, and decides
    # about its workers.
    with ExitStack() as before:
        if in_main_thread():
            for number in numbers:
                before.callback(signal.signal, number, signal.signal(number, signal.SIG_IGN))
        else:
            # A process inherits what its parent's thread blocks, too.
            before.callback(signal.pthread_sigmask, signal.SIG_SETMASK, signal.pthread_sigmask(signal.SIG_BLOCK, numbers))
        yield


def _hangs_at(worker: _WorkerProcess) -> str:
    """Where a process hangs, which it is asked to write down; empty if it does not."""
    worker.process.send_signal(STACK_SIGNAL)
    end, place = time.monotonic() + STACK_S, None
    while place is None and time.monotonic() < end:
        time.sleep(POLL_S)
        written = worker.log.read_bytes()[worker.log_size :].decode(errors="replace")
        place = re.search(r'^  File "([^<"][^"]*)", line (\d+)', written.rpartition(STACK)[2], re.MULTILINE)
    return f": it hangs at {place[1]}:{place[2]}" if place else ""


def _ending(status: int) -> str:
    if status >= 0:
        return f"ended with status {status}"
    name = signal.Signals(-status).name
    return f"was killed by {name}{' (out of memory, perhaps)' if name == 'SIGKILL' else ''}"


def _memory_gb(pid: int) -> float:
    try:
        return float(psutil.Process(pid).memory_info().rss) / 1e9
    except psutil.Error:
        return 0.0


def _owner_only(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
