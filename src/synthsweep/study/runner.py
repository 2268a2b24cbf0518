"""Keeps a crew busy with an agenda until nothing is left, and takes in whatever comes of it."""

import signal
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from types import FrameType
from typing import Any, Protocol

from synthsweep.study.queue.trial_queue import Agenda, Job, Outcome, Trial
from synthsweep.study.results.run_tree import Tree
from synthsweep.workers.pool import Crew, Ended, Failure

# How long one waits for a worker before one looks at everything else.
BEAT_S = 0.5


class Watcher(Protocol):
    """Told of whatever happens in a sweep: a live table, or lines in a log."""

    def started(self, job: Job) -> None: ...

    def ended(self, job: Job, outcome: Outcome) -> None: ...

    def failed(self, job: Job, reason: str, *, again: bool) -> None: ...

    def closed(self, trial: Trial) -> None: ...

    def stopping(self, running: int) -> None: ...

    def beat(self, agenda: Agenda) -> None: ...


@dataclass
class Stop:
    """Whether somebody asked the sweep to end: once means after what is running, twice at once.

    At once is as soon as nobody is in the middle of a write: a run whose closing is cut off would stay RUNNING.
    """

    asked: bool = False
    at_once: bool = False
    _idle: bool = field(default=False, init=False)

    def ask(self) -> None:
        """Raises KeyboardInterrupt the second time, if the sweep only waits."""
        self.at_once = self.asked
        self.asked = True
        self._end_if_at_once()

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Nothing is lost if what stands below is cut off."""
        self._idle = True
        try:
            self._end_if_at_once()
            yield
        finally:
            self._idle = False

    def _end_if_at_once(self) -> None:
        if self.at_once and self._idle:
            raise KeyboardInterrupt


@contextmanager
def interruptible() -> Iterator[Stop]:
    """Ctrl-C asks the stop."""
    stop = Stop()
    before = signal.getsignal(signal.SIGINT)

    def hear(number: int, frame: FrameType | None) -> None:
        stop.ask()

    signal.signal(signal.SIGINT, hear)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


@dataclass(frozen=True)
class Failed:
    """A replicate that has no outcome, and why."""

    job: Job
    reason: str


@dataclass
class Conductor:
    """`order` makes what a worker takes from a job and the id of its trial's run."""

    agenda: Agenda
    crew: Crew
    tree: Tree
    watcher: Watcher
    order: Callable[[Job, str], Any]
    max_retries: int
    stop: Stop
    failures: list[Failed] = field(default_factory=list, init=False)
    reused: int = field(default=0, init=False)
    busy_s: float = field(default=0.0, init=False)
    _running: dict[int, Job] = field(default_factory=dict, init=False)
    _again: deque[Job] = field(default_factory=deque, init=False)
    _tickets: int = field(default=0, init=False)
    _told: bool = field(default=False, init=False)

    def conduct(self) -> None:
        """Runs the agenda to its end, or to the point at which it was asked to stop.

        Raises:
            KeyboardInterrupt: it was asked twice; what was running is given back.
        """
        orderly = False
        try:
            while True:
                nothing_left = self._fill()
                if nothing_left and not self._running:
                    break
                with self.stop.waiting():
                    arrived = self.crew.wait(BEAT_S)
                for ended in arrived:
                    self._settle(self._running.pop(ended.ticket), ended)
                self.watcher.beat(self.agenda)
            for trial in self.agenda.trials():
                # Another process may have finished a trial whose run is open here.
                if trial.state != "open":
                    self.tree.close_trial(trial)
            orderly = True
        finally:
            self.crew.close(at_once=not orderly)
            for job in (*self._running.values(), *self._again):
                self.agenda.give_back(job)

    def _fill(self) -> bool:
        """Hands out jobs while there is room; whether there is none to be had."""
        if self.stop.asked:
            if not self._told:
                self.watcher.stopping(len(self._running))
            self._told = True
            return True
        # With nobody at work, somebody has to ask whether anything is left: a crew may have no room for a long time.
        while self.crew.room() or not self._running:
            job = self._again.popleft() if self._again else self.agenda.next_job()
            if job is None:
                return True
            if not self.crew.room():
                self._again.appendleft(job)
                return False
            self._tickets += 1
            self._running[self._tickets] = job
            self.crew.submit(self._tickets, self.order(job, self.tree.parent_of(job.trial)))
            self.watcher.started(job)
        return False

    def _settle(self, job: Job, ended: Ended) -> None:
        self.busy_s += ended.seconds
        if ended.failure is not None:
            self._fail(job, ended.failure)
        else:
            outcome = Outcome(**ended.result)
            self.reused += outcome.reused
            self.agenda.record(job, outcome)
            self.watcher.ended(job, outcome)
        self._close(job.trial)

    def _fail(self, job: Job, failure: Failure) -> None:
        if failure.kind == "interrupted":
            self.stop.asked = True
        again = failure.kind == "interrupted" or (failure.retryable and job.attempt <= self.max_retries)
        if again:
            self._again.append(replace(job, attempt=job.attempt + 1))
        else:
            attempts = f" (tried {job.attempt} times)" if job.attempt > 1 else ""
            self.failures.append(Failed(job, f"{failure.reason}{attempts}"))
            self.agenda.fail(job, f"{failure.reason}{attempts}")
        self.watcher.failed(job, failure.reason, again=again)

    def _close(self, trial: Trial) -> None:
        if trial.state == "open":
            return
        self.tree.close_trial(trial)
        self.watcher.closed(trial)
        self.tree.progress(
            self.agenda.counts(), {"study/failed": float(len(self.failures)), "study/reused": float(self.reused)}
        )


def seconds_left(agenda: Agenda, durations: list[float], workers: int) -> float | None:
    """A forecast from what replicates took so far; None before the first has ended."""
    if not durations:
        return None
    counts = agenda.counts()
    return max(counts.planned - counts.done, 0) * sum(durations) / len(durations) / max(workers, 1)
