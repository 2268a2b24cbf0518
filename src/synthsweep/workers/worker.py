"""A worker's own process: `python -m synthsweep.workers.worker FD PARENT`."""

import contextlib
import os
import pickle
import signal
import sys
import threading
import time
import traceback
from multiprocessing.connection import Connection
from types import FrameType
from typing import Any

from synthsweep.errors import Interrupted, SynthsweepError
from synthsweep.workers.pool import READY, Failure, TaskRunner, failure_of

# How often a worker looks whether the sweep is still there, and how long its run then has to close itself.
WATCH_S, LAST_WORDS_S = 1.0, 8.0


def perform(task: TaskRunner, order: Any) -> tuple[Any, Failure | None]:
    """The result of an order, or why there is none; a bug's traceback goes to stderr."""
    try:
        return task(order), None
    except (KeyboardInterrupt, Interrupted):
        raise
    except BaseException as error:
        if not isinstance(error, SynthsweepError):
            traceback.print_exc()
        return None, failure_of(error)


def serve(pipe: Connection) -> None:
    """Takes the task, then orders, until an empty message or the end of the pipe."""
    try:
        task: TaskRunner = pickle.loads(pipe.recv_bytes())  # noqa: S301
        task.warm_up()
        pipe.send(READY)
        while message := pipe.recv_bytes():
            pipe.send_bytes(_answer(task, message))
    except (EOFError, ConnectionError):
        # The sweep is gone: so is the work.
        return


def _answer(task: TaskRunner, message: bytes) -> bytes:
    """What goes back; an order or a result that cannot travel is the order's failure, not the worker's end."""
    try:
        answer = perform(task, pickle.loads(message))  # noqa: S301
        return pickle.dumps(answer)
    except Exception as error:
        traceback.print_exc()
        return pickle.dumps((None, failure_of(error)))


def watch_parent(parent: int) -> None:
    """Interrupts this process once its parent is gone, and ends it if that does not help."""
    while os.getppid() == parent:
        time.sleep(WATCH_S)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(LAST_WORDS_S)
    os._exit(1)


def _terminated(signum: int, frame: FrameType | None) -> None:
    # As Ctrl-C in a single run: it closes itself as KILLED.
    raise KeyboardInterrupt


def main(descriptor: int, parent: int) -> None:
    """Works until the pipe of this file descriptor ends, or the process that it leads to."""
    signal.signal(signal.SIGTERM, _terminated)
    with contextlib.suppress(KeyboardInterrupt, Interrupted):
        threading.Thread(target=watch_parent, args=[parent], daemon=True).start()
        serve(Connection(descriptor))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
