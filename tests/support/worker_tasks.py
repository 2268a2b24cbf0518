"""Small tasks for workers, whose effects can be seen from outside."""

import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cloudpickle

from support.patience import LIMIT_S
from synthsweep.errors import DataError, Interrupted
from synthsweep.workers.worker_pool import Ended, TaskRunner, WorkerPool


@dataclass
class ActionRunner:
    """A task is a method of this class and its argument."""

    def warm_up(self) -> None:
        """There is nothing to import."""

    def __call__(self, task: tuple[str, Any]) -> Any:
        method, value = task
        return getattr(self, method)(value)

    def give(self, value: Any) -> Any:
        return value

    def fail(self, text: str) -> None:
        raise ValueError(text)

    def refuse(self, text: str) -> None:
        raise DataError(text)

    def stop(self, text: str) -> None:
        raise Interrupted(text)

    def leave(self, status: int) -> None:
        raise SystemExit(status)

    def sleep(self, seconds: float) -> float:
        time.sleep(seconds)
        return seconds

    def touch(self, mark: str) -> str:
        Path(mark).touch()
        return f"touched {mark}"

    def wait_for(self, mark: str) -> str:
        """Ends when a file is there."""
        assert eventually(Path(mark).exists)
        return f"saw {mark}"

    def kill(self, number: int) -> None:
        os.kill(os.getpid(), number)
        time.sleep(60)

    def kill_once(self, mark: str) -> str:
        """Dies at the first attempt, and ends well at the second."""
        if not Path(mark).exists():
            Path(mark).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return "done"

    def fill(self, gigabytes: float) -> None:
        """Takes so much memory, and keeps it."""
        held = bytearray(int(gigabytes * 1e9))
        time.sleep(60)
        assert held

    def unsendable(self, _: None) -> Any:
        return threading.Lock()

    def process(self, _: None) -> int:
        return os.getpid()

    def variables(self, names: list[str]) -> list[str | None]:
        return [os.environ.get(name) for name in names]

    def folder(self, _: None) -> str:
        return str(Path.cwd())

    def ignores(self, number: int) -> bool:
        return signal.getsignal(number) == signal.SIG_IGN

    def mark_when_interrupted(self, mark: str) -> None:
        """Sleeps until it is interrupted, and then writes a file, as a run that closes itself does."""
        try:
            Path(f"{mark}.began").touch()
            for _ in range(600):
                time.sleep(0.1)
        except KeyboardInterrupt:
            Path(mark).write_text("closed")
            raise

    def ignore_sigterm(self, mark: str) -> None:
        """Goes on when it is asked to end."""
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        Path(mark).touch()
        time.sleep(60)


@dataclass
class FailsAtStart:
    """Dies before its first task."""

    def warm_up(self) -> None:
        raise ModuleNotFoundError("no module named nonesuch")

    def __call__(self, task: Any) -> Any:
        """Never reached."""


@dataclass
class HangsAtStart(FailsAtStart):
    """Waits for a file server that is gone, perhaps."""

    def warm_up(self) -> None:
        time.sleep(600)


@dataclass
class SlowStart(ActionRunner):
    """Takes longer to start than a task may take."""

    seconds: float = 1.5

    def warm_up(self) -> None:
        time.sleep(self.seconds)


def payload(runner: TaskRunner) -> bytes:
    """The pickled runner with its code: a worker need not find this file."""
    from support import worker_tasks

    cloudpickle.register_pickle_by_value(worker_tasks)
    try:
        return bytes(cloudpickle.dumps(runner))
    finally:
        cloudpickle.unregister_pickle_by_value(worker_tasks)


def run_tasks(workers: WorkerPool, tasks: Sequence[Any], *, running: int = 0, seconds: float = LIMIT_S) -> list[Ended]:
    """Submits tasks one after the other while there is room, and returns what ended, first to end first.

    `running` counts the tasks that were submitted before.
    """
    end, waiting, ended = time.monotonic() + seconds, list(enumerate(tasks)), list[Ended]()
    while waiting or running:
        assert time.monotonic() < end, f"still at work: {running} running, {len(waiting)} waiting"
        while waiting and workers.room():
            workers.submit(*waiting.pop(0))
            running += 1
        came = workers.wait(0.2)
        running -= len(came)
        ended += came
    return ended


def eventually(happened: Callable[[], bool], seconds: float = LIMIT_S) -> bool:
    """Whether something becomes true within so many seconds."""
    end = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True
