"""Draws many pictures on all cores: matplotlib draws on one, and a large report takes as long to draw as to compute."""

import gc
import logging
import os
import pickle
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from threading import Thread

from synthsweep.pages.pictures.picture import Picture
from synthsweep.pages.pictures.scripts import say_that_letters_are_missing

log = logging.getLogger(__name__)

# A further process imports for a second or two, in which one picture is drawn: it pays back from a few pictures of its own.
PICTURES_PER_PROCESS = 6


def draw_all(pictures: Sequence[Picture], cores: int | None = None) -> None:
    """Draws every kind of file of these pictures, which keep them; the bytes are the same on any number of cores.

    `cores` is how many of this machine's may be used; None means all that this process may use.
    """
    waiting = deque(range(len(pictures)))
    count = further_processes(len(pictures), cores or usable_cores())
    # Once: what pictures show is mostly the same.
    sent = pickle.dumps([replace(picture, table=None, drawn={}) for picture in pictures]) if count else b""
    with ExitStack() as stack:
        for _ in range(count):
            stack.enter_context(_helped(pictures, waiting, sent))
        _draw_here(pictures, waiting)
    # What a process took and did not give back.
    _draw_here(pictures, waiting)


def further_processes(pictures: int, cores: int) -> int:
    """How many processes draw beside this one."""
    return max(min(cores, pictures // PICTURES_PER_PROCESS) - 1, 0)


def usable_cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _draw_here(pictures: Sequence[Picture], waiting: deque[int]) -> None:
    with figures_let_go() as let_go:
        for place in _taken(waiting):
            pictures[place].draw_files()
            let_go()


@contextmanager
def figures_let_go() -> Iterator[Callable[[], object]]:
    """Gives what frees the figures of a picture, which refer to themselves.

    Meanwhile nothing else is looked through for what can be freed, which would take a tenth of the time.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    gc.freeze()
    try:
        yield gc.collect
    finally:
        gc.unfreeze()
        if was_enabled:
            gc.enable()


def _taken(waiting: deque[int]) -> Iterator[int]:
    while True:
        try:
            yield waiting.popleft()
        except IndexError:
            return


@contextmanager
def _helped(pictures: Sequence[Picture], waiting: deque[int], sent: bytes) -> Iterator[None]:
    """A process that takes pictures as long as there are some; at the end, its last one is awaited."""
    command = [sys.executable, "-P", "-m", "synthsweep.pages.pictures.drawing_process"]
    # In a session of its own: the interrupt of a terminal is for this process, which ends that one.
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)
    thread = Thread(target=_feed, args=(process, pictures, waiting, sent), daemon=True)
    thread.start()
    try:
        yield
        thread.join()
    finally:
        process.kill()
        process.communicate()


def _feed(process: "subprocess.Popen[bytes]", pictures: Sequence[Picture], waiting: deque[int], sent: bytes) -> None:
    for place in _taken(waiting):
        try:
            files, letters_are_missing = _asked(process, sent, place)
        except (OSError, EOFError, pickle.PickleError) as error:
            waiting.append(place)
            log.warning("a process that draws figures has ended (%s): its figures are drawn in this one", error or "no reply")
            return
        sent = b""
        pictures[place].drawn.update(files)
        if letters_are_missing:
            say_that_letters_are_missing()


def _asked(process: "subprocess.Popen[bytes]", sent: bytes, place: int) -> tuple[dict[str, bytes], bool]:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(sent + b"%d\n" % place)
    process.stdin.flush()
    reply: tuple[dict[str, bytes], bool] = pickle.load(process.stdout)  # noqa: S301 - what our own process wrote
    return reply
