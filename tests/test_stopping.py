"""How a process is asked to stop, and who hears of it."""

import os
import signal
import threading
from collections.abc import Iterator

import pytest

from synthsweep import stopping
from synthsweep.stopping import Requests, ask_to_stop, handle, listening, seconds_to_end


@pytest.fixture(autouse=True)
def own_handlers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(stopping, "_requests", Requests())
    before = {number: signal.getsignal(number) for number in stopping.SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_work_that_does_not_listen_is_interrupted() -> None:
    """Unless it is asked gently."""
    assert ask_to_stop(gently=True) == 0.0
    with pytest.raises(KeyboardInterrupt):
        ask_to_stop()


@pytest.mark.parametrize("number", stopping.SIGNALS)
def test_work_that_listens_is_told_by_each_signal_and_handlers_are_put_back(number: signal.Signals) -> None:
    told: list[float] = []
    before = signal.getsignal(number)

    with listening(lambda: told.append(seconds_to_end()), 7.0):
        os.kill(os.getpid(), number)

    assert (told, seconds_to_end(), signal.getsignal(number)) == ([7.0], 0.0, before)


def test_the_innermost_work_is_told() -> None:
    """What it does is a part of what the outer one does."""
    told: list[str] = []

    with listening(lambda: told.append("outer"), 1), listening(lambda: told.append("inner"), 2):
        assert ask_to_stop() == 2

    assert told == ["inner"]


def test_a_signal_that_a_process_was_started_to_ignore_stays_ignored() -> None:
    """As `nohup` starts it."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    handle(signal.SIGHUP)
    told: list[int] = []

    with listening(lambda: told.append(1), 1):
        os.kill(os.getpid(), signal.SIGHUP)

    assert told == []
    assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN


def test_a_handler_that_tells_by_itself_is_kept() -> None:
    """A worker decides by its own rule which signal counts."""

    def mine(number: int, frame: object) -> None:
        """Nothing counts."""

    handle(signal.SIGTERM, mine)
    with listening(lambda: None, 1):
        assert signal.getsignal(signal.SIGTERM) is mine


def test_work_in_another_thread_can_listen() -> None:
    """It may not handle signals, and is told by whoever does."""
    told: list[int] = []

    def work() -> None:
        with listening(lambda: told.append(1), 1):
            ask_to_stop()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

    assert told == [1]


@pytest.mark.parametrize(
    ("numbers", "count"),
    [
        ((signal.SIGINT, signal.SIGINT), 2), ((signal.SIGTERM, signal.SIGTERM), 1), ((signal.SIGHUP, signal.SIGHUP), 1),
        ((signal.SIGTERM, signal.SIGHUP), 1), ((signal.SIGHUP, signal.SIGTERM), 1), ((signal.SIGHUP, signal.SIGINT), 2),
    ],
    ids=str,
)  # fmt: skip
def test_the_same_request_twice_at_once_is_one(numbers: tuple[signal.Signals, ...], count: int) -> None:
    """`timeout` sends SIGTERM twice, and a terminal that goes sends SIGHUP twice; a person presses Ctrl-C twice."""
    requests = Requests()

    assert sum([requests.is_another(number) for number in numbers]) == count
