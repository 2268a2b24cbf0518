"""Keeps workers busy with a queue of trials until nothing is left, and takes in the outcomes."""

import signal
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from types import FrameType
from typing import Any

from synthsweep.progress import Event, Progress
from synthsweep.study.queue.trial_queue import Job, Outcome, Trial, TrialQueue
from synthsweep.study.results.run_tree import Tree
from synthsweep.workers.pool import Ended, Failure, WorkerPool

# How long one waits for a worker before one looks at everything else.
BEAT_S = 0.5


@dataclass(frozen=True)
class JobStarted(Event):
    """A worker has begun a replicate."""

    job: Job


@dataclass(frozen=True)
class JobEnded(Event):
    """A replicate has an outcome."""

    job: Job
    outcome: Outcome


@dataclass(frozen=True)
class JobFailed(Event):
    """A replicate has no outcome; `again`: it will be tried once more."""

    job: Job
    reason: str
    again: bool


@dataclass(frozen=True)
class TrialClosed(Event):
    """Nothing more will happen in a trial."""

    trial: Trial


@dataclass(frozen=True)
class Stopping(Event):
    """The sweep was asked to end, and does so after so many running replicates."""

    running: int


@dataclass(frozen=True)
class Waited(Event):
    """Some time has passed; what is running goes on."""

    queue: TrialQueue


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
class FailedJob:
    """A replicate that has no outcome, and why."""

    job: Job
    reason: str


@dataclass
class SweepRunner:
    """`order` makes what a worker takes from a job and the id of its trial's run."""

    queue: TrialQueue
    workers: WorkerPool
    tree: Tree
    progress: Progress
    order: Callable[[Job, str], Any]
    max_retries: int
    stop: Stop
    failures: list[FailedJob] = field(default_factory=list, init=False)
    reused: int = field(default=0, init=False)
    busy_s: float = field(default=0.0, init=False)
    _running: dict[int, Job] = field(default_factory=dict, init=False)
    _again: deque[Job] = field(default_factory=deque, init=False)
    _task_count: int = field(default=0, init=False)
    _format: bool = field(default=False, init=False)

    def run(self) -> None:
        """Runs the queue to its end, or to the point at which it was asked to stop.

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
                    arrived = self.workers.wait(BEAT_S)
                for ended in arrived:
                    self._settle(self._running.pop(ended.task_id), ended)
                self.progress(Waited(self.queue))
            for trial in self.queue.trials():
                # Another process may have finished a trial whose run is open here.
                if trial.state != "open":
                    self.tree.close_trial(trial)
            orderly = True
        finally:
            self.workers.close(at_once=not orderly)
            for job in (*self._running.values(), *self._again):
                self.queue.release(job)

    def _fill(self) -> bool:
        """Hands out jobs while there is room; whether there is none to be had."""
        if self.stop.asked:
            if not self._format:
                self.progress(Stopping(len(self._running)))
            self._format = True
            return True
        # With nobody at work, somebody has to ask whether anything is left: workers may have no room for a long time.
        while self.workers.room() or not self._running:
            job = self._again.popleft() if self._again else self.queue.next_job()
            if job is None:
                return True
            if not self.workers.room():
                self._again.appendleft(job)
                return False
            self._task_count += 1
            self._running[self._task_count] = job
            self.workers.submit(self._task_count, self.order(job, self.tree.parent_of(job.trial)))
            self.progress(JobStarted(job))
        return False

    def _settle(self, job: Job, ended: Ended) -> None:
        self.busy_s += ended.seconds
        if ended.failure is not None:
            self._fail(job, ended.failure)
        else:
            outcome = Outcome(**ended.result)
            self.reused += outcome.reused
            self.queue.record(job, outcome)
            self.progress(JobEnded(job, outcome))
        self._close(job.trial)

    def _fail(self, job: Job, failure: Failure) -> None:
        if failure.kind == "interrupted":
            self.stop.asked = True
        again = failure.kind == "interrupted" or (failure.retryable and job.attempt <= self.max_retries)
        if again:
            self._again.append(replace(job, attempt=job.attempt + 1))
        else:
            attempts = f" (tried {job.attempt} times)" if job.attempt > 1 else ""
            self.failures.append(FailedJob(job, f"{failure.reason}{attempts}"))
            self.queue.fail(job, f"{failure.reason}{attempts}")
        self.progress(JobFailed(job, failure.reason, again))

    def _close(self, trial: Trial) -> None:
        if trial.state == "open":
            return
        self.tree.close_trial(trial)
        self.progress(TrialClosed(trial))
        self.tree.progress(self.queue.counts(), {"study/failed": float(len(self.failures)), "study/reused": float(self.reused)})


def seconds_left(queue: TrialQueue, durations: list[float], workers: int) -> float | None:
    """A forecast from what replicates took so far; None before the first has ended."""
    if not durations:
        return None
    counts = queue.counts()
    return max(counts.planned - counts.done, 0) * sum(durations) / len(durations) / max(workers, 1)
