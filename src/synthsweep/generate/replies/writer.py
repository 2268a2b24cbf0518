"""Writes to the store of replies in a thread of its own, so that no request waits for a disk.

What waits is written together: while one group reaches the disk (some milliseconds), the next one gathers. Nothing is delayed
beyond that, so a reply is as safe as its group a moment after it arrived.
"""

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, TypeVar

from synthsweep.generate.replies.store import ReplyStore

Result = TypeVar("Result")
# A group of this size is written before another begins: another process waits for the file meanwhile.
MOST_AT_ONCE = 500


@dataclass
class _Job:
    work: Callable[[ReplyStore], Any]
    future: "Future[Any]" = field(default_factory=Future)


class ReplyWriter:
    """`opening` gives the thread a connection of its own; `close` writes what is left and closes it."""

    def __init__(self, opening: Callable[[], ReplyStore]) -> None:
        self._store = opening()
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="reply-writer", daemon=True)
        self._thread.start()

    def submit(self, work: Callable[[ReplyStore], Result]) -> "Future[Result]":
        """Does some work on the store, in order; the future is done once it is on the disk, or has failed.

        What fails together with others is tried alone, so `work` may run twice; of a failed attempt nothing stays.
        """
        job = _Job(work)
        self._jobs.put(job)
        return job.future

    def close(self) -> None:
        """Waits until everything is written."""
        self._jobs.put(None)
        self._thread.join()
        self._store.close()

    def _run(self) -> None:
        over = False
        while not over:
            group = [self._jobs.get()]
            while len(group) < MOST_AT_ONCE and not self._jobs.empty():
                group.append(self._jobs.get())
            over = None in group
            self._write([job for job in group if job is not None])

    def _write(self, jobs: list[_Job]) -> None:
        if not jobs:
            return
        try:
            with self._store.group():
                results = [job.work(self._store) for job in jobs]
        except Exception as error:
            if len(jobs) == 1:
                jobs[0].future.set_exception(error)
            else:
                for job in jobs:
                    self._write([job])
            return
        for job, result in zip(jobs, results, strict=True):
            job.future.set_result(result)
