"""How a process is asked to stop: by Ctrl-C, SIGTERM, or SIGHUP, which comes when its terminal is gone.

Work that listens is told, and ends after what is under way; other work is interrupted, as Ctrl-C interrupts it.
"""

import math
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
Handler = Callable[[int, FrameType | None], Any]
# `timeout` sends SIGTERM to a process and to its group.
TWICE_S = 0.5


@dataclass
class Requests:
    """Distinguishes another request to stop from the same one that came twice."""

    _last: float = field(default=-math.inf, init=False)

    def is_another(self, number: int) -> bool:
        """Whether a signal counts. The kernel and a shell both say that a terminal is gone: SIGHUP adds to no request."""
        last, self._last = self._last, time.monotonic()
        if number in {signal.SIGINT, signal.SIGTERM}:
            return number == signal.SIGINT or self._last - last > TWICE_S
        return last == -math.inf


@dataclass(frozen=True)
class _Listener:
    on_stop: Callable[[], None]
    seconds: float


# Signals belong to the process, and so do these: who listens now, the innermost last, and the handlers that tell it.
_listeners: list[_Listener] = []
_telling: set[Handler] = set()
_requests = Requests()


def ask_to_stop(*, gently: bool = False) -> float:
    """Tells the work that listens, and returns how many seconds it may take to end.

    Raises:
        KeyboardInterrupt: nothing listens; `gently` lets work that does not listen go on.
    """
    if _listeners:
        _listeners[-1].on_stop()
        return _listeners[-1].seconds
    if gently:
        return 0.0
    raise KeyboardInterrupt


def seconds_to_end() -> float:
    """How many seconds the work that listens may take to end; 0 if nothing listens."""
    return _listeners[-1].seconds if _listeners else 0.0


def _tell(number: int, frame: FrameType | None) -> None:
    if _requests.is_another(number):
        ask_to_stop()


def in_main_thread() -> bool:
    """Whether this thread may handle signals."""
    return threading.current_thread() is threading.main_thread()


def handle(number: int, handler: Handler = _tell) -> None:
    """Has a signal ask this process to stop, unless it was started to ignore the signal, as `nohup` does."""
    _telling.add(handler)
    if signal.getsignal(number) != signal.SIG_IGN:
        signal.signal(number, handler)


@contextmanager
def listening(on_stop: Callable[[], None], seconds: float) -> Iterator[None]:
    """Calls `on_stop` for each request to stop while the block runs, which then has so many seconds to end.

    `on_stop` runs between two steps of the main thread, wherever that is, and must do as little as a signal handler.
    """
    listener = _Listener(on_stop, seconds)
    with ExitStack() as before:
        # Only the main thread may handle signals; work in another one is asked by whoever handles them.
        if in_main_thread():
            for number in SIGNALS:
                if signal.getsignal(number) not in {signal.SIG_IGN, None, *_telling}:
                    before.callback(signal.signal, number, signal.getsignal(number))
                    signal.signal(number, _tell)
        _listeners.append(listener)
        try:
            yield
        finally:
            _listeners.remove(listener)
