"""What a worker's process does with tasks, on its own side of the pipe."""

import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from multiprocessing.connection import Connection, Pipe

import pytest

from support.patience import LIMIT_S
from support.worker_tasks import ActionRunner, payload
from synthsweep.workers.worker import StopSignal, perform, serve
from synthsweep.workers.worker_pool import READY, Failure


@pytest.fixture
def pipe() -> Iterator[Connection]:
    """Our side of a pipe whose other side is served by a thread."""
    ours, theirs = Pipe()
    served = threading.Thread(target=serve, args=[theirs, StopSignal(theirs)])
    served.start()
    yield ours
    ours.close()
    served.join(timeout=LIMIT_S)
    theirs.close()
    assert not served.is_alive()


def test_a_worker_says_when_it_is_ready_and_answers_task_by_task(pipe: Connection) -> None:
    pipe.send_bytes(payload(ActionRunner()))
    pipe.send(("give", 1))
    pipe.send(("refuse", "no"))

    assert [pipe.recv() for _ in range(3)] == [READY, (1, None), (None, Failure("raised", "no"))]


def test_an_empty_message_is_the_end(pipe: Connection) -> None:
    """So is the end of the pipe, which the fixture makes."""
    pipe.send_bytes(payload(ActionRunner()))
    pipe.recv()

    pipe.send_bytes(b"")


def test_a_task_that_cannot_be_unpickled_fails_and_the_next_is_done(
    pipe: Connection, capfd: pytest.CaptureFixture[str]
) -> None:
    pipe.send_bytes(payload(ActionRunner()))
    pipe.recv()
    pipe.send_bytes(b"nonsense")
    pipe.send(("give", 2))

    result, failure = pipe.recv()
    assert (result, failure.kind) == (None, "raised")
    assert failure.reason.startswith("UnpicklingError: ")
    assert pipe.recv() == (2, None)
    assert "Traceback" in capfd.readouterr().err


def test_an_interrupted_task_is_no_failure_of_its_own() -> None:
    """Whoever interrupted it knows; the worker goes on, unless it is to end, too."""
    assert perform(ActionRunner(), ("stop", "asked")) == (None, Failure("interrupted", "asked"))


def test_an_expected_error_leaves_no_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    """One line is enough; a bug's traceback says where it is."""
    expected = perform(ActionRunner(), ("refuse", "data.path: no such file"))
    quiet = capsys.readouterr().err
    bug = perform(ActionRunner(), ("fail", "x" * 900))

    assert expected == (None, Failure("raised", "data.path: no such file"))
    assert quiet == ""
    assert bug[1] is not None
    assert len(bug[1].reason) == 500
    assert "Traceback" in capsys.readouterr().err


def start(parent: int) -> tuple[subprocess.Popen[bytes], Connection]:
    """A worker whose sweep has this process number."""
    ours, theirs = Pipe()
    process = subprocess.Popen(
        [sys.executable, "-m", "synthsweep.workers.worker", str(theirs.fileno()), str(parent)], pass_fds=[theirs.fileno()]
    )
    theirs.close()
    return process, ours


def end(process: subprocess.Popen[bytes], pipe: Connection) -> int:
    try:
        return process.wait(timeout=LIMIT_S)
    finally:
        process.kill()
        process.wait()
        pipe.close()


@pytest.mark.slow
def test_a_polite_kill_ends_an_idle_worker_without_a_traceback(capfd: pytest.CaptureFixture[str]) -> None:
    process, pipe = start(os.getpid())
    pipe.send_bytes(payload(ActionRunner()))
    pipe.recv()
    process.send_signal(signal.SIGTERM)

    assert end(process, pipe) == 0
    assert capfd.readouterr().err == ""


@pytest.mark.slow
def test_a_worker_whose_sweep_was_gone_before_it_looked_ends(capfd: pytest.CaptureFixture[str]) -> None:
    """It is given its sweep's process number: its parent may be another process by then."""
    process, pipe = start(1)
    pipe.send_bytes(payload(ActionRunner()))
    pipe.send_bytes(pickle.dumps(("sleep", 60)))

    assert end(process, pipe) == 0
