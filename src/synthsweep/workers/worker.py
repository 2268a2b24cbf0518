"""A worker's own process: `python -m synthsweep.workers.worker FD PARENT`."""

import contextlib
import faulthandler
import os
import pickle
import signal
import sys
import threading
import time
import traceback
from dataclasses import dataclass
from multiprocessing.connection import Connection
from types import FrameType
from typing import Any

from synthsweep.errors import SynthsweepError
from synthsweep.stopping import ask_to_stop, handle, seconds_to_end
from synthsweep.workers.collector import look_seldom
from synthsweep.workers.worker_pool import FINISHING, GENTLE_STOP, READY, STACK_SIGNAL, Failure, TaskRunner, failure_of

# Seconds between checks that the sweep is alive, and seconds that a run has to close once it is not.
WATCH_S, CLOSING_S = 1.0, 25.0


def perform(runner: TaskRunner, task: Any) -> tuple[Any, Failure | None]:
    """The result of a task, or why it has none; a bug's traceback goes to stderr."""
    try:
        return runner(task), None
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        if not isinstance(error, SynthsweepError):
            traceback.print_exc()
        return None, failure_of(error)


@dataclass(eq=False)
class StopSignal:
    """Handles the signal that ends a worker. The sweep and the host may both send it, so only the first one counts."""

    pipe: Connection
    came: bool = False

    def __call__(self, number: int, frame: FrameType | None) -> None:
        if self.came:
            return
        self.came = True
        # As Ctrl-C in a single run: the run closes itself as KILLED.
        seconds = ask_to_stop()
        with contextlib.suppress(OSError):
            # The main thread is within a task, so it writes nothing else.
            self.pipe.send((FINISHING, seconds))


def _stop_gently(number: int, frame: FrameType | None) -> None:
    ask_to_stop(gently=True)


def serve(pipe: Connection, stop: StopSignal) -> None:
    """Takes the task runner, then tasks, until an empty message, the end of the pipe, or a signal to stop."""
    try:
        runner: TaskRunner = pickle.loads(pipe.recv_bytes())  # noqa: S301
        runner.warm_up()
        pipe.send(READY)
        while not stop.came and (message := pipe.recv_bytes()):
            pipe.send_bytes(_answer(runner, message))
    except (EOFError, ConnectionError):
        # The sweep is gone, and with it the work.
        return


def _answer(runner: TaskRunner, message: bytes) -> bytes:
    """The pickled result of a pickled task; if either cannot be pickled, the task fails and the worker goes on."""
    try:
        answer = perform(runner, pickle.loads(message))  # noqa: S301
        return pickle.dumps(answer)
    except Exception as error:
        traceback.print_exc()
        return pickle.dumps((None, failure_of(error)))


def watch_parent(parent: int) -> None:
    """Interrupts this process once its parent is gone, and ends it if that does not help."""
    while os.getppid() == parent:
        time.sleep(WATCH_S)
    seconds = seconds_to_end()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(CLOSING_S + seconds)
    os._exit(1)


def main(descriptor: int, parent: int) -> None:
    """Serves the pipe of this file descriptor until the pipe or the process `parent` ends."""
    look_seldom()
    pipe = Connection(descriptor)
    # One that hangs is asked where.
    faulthandler.register(STACK_SIGNAL)
    stop = StopSignal(pipe)
    handle(signal.SIGTERM, stop)
    handle(GENTLE_STOP, _stop_gently)
    with contextlib.suppress(KeyboardInterrupt):
        threading.Thread(target=watch_parent, args=[parent], daemon=True).start()
        serve(pipe, stop)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
