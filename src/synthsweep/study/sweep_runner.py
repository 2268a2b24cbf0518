"""Keeps workers busy with a queue of trials until nothing is left, and records the outcomes."""

import signal
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from types import FrameType
from typing import Any

from synthsweep.errors import InputError
from synthsweep.progress import Event, Progress
from synthsweep.stopping import SIGNALS, Requests, in_main_thread
from synthsweep.study.limits import StudyLimits
from synthsweep.study.queue.trial_queue import Job, Outcome, Trial, TrialQueue
from synthsweep.study.results.run_tree import RunTree
from synthsweep.workers.worker_pool import Ended, Failure, WorkerPool, failure_of

# Seconds to wait for a worker before checking for a stop and updating the display.
WAIT_S = 0.5


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
    """The sweep stops after the replicates that are running; `why` says it, where Ctrl-C did not ask."""

    running: int
    why: str = ""


@dataclass(frozen=True)
class Waited(Event):
    """Some time has passed; what is running goes on."""

    queue: TrialQueue


@dataclass
class Stop:
    """A request to stop the sweep: after the running replicates, or at once, which a second request means, too.

    At once means at the next wait for a worker: a write that is cut off would leave a run RUNNING. A request while workers
    are being closed ends the wait for them.
    """

    asked: bool = False
    at_once: bool = False
    _idle: bool = field(default=False, init=False)
    _closing: bool = field(default=False, init=False)

    def ask(self, *, at_once: bool = False) -> None:
        """Raises KeyboardInterrupt if the sweep is to end at once, and is only waiting."""
        self.at_once = self.asked or at_once
        self.asked = True
        if self._closing:
            raise KeyboardInterrupt
        self._end_if_at_once()

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Marks a block that may be interrupted without losing anything."""
        self._idle = True
        try:
            self._end_if_at_once()
            yield
        finally:
            self._idle = False

    @contextmanager
    def closing(self) -> Iterator[None]:
        """Marks a block that waits for workers to end, which the next request ends."""
        self._closing = True
        try:
            yield
        finally:
            self._closing = False

    def _end_if_at_once(self) -> None:
        if self.at_once and self._idle:
            raise KeyboardInterrupt


@contextmanager
def interruptible() -> Iterator[Stop]:
    """Turns Ctrl-C into a request to stop after what is running, and SIGTERM and SIGHUP into one to stop at once.

    A sweep in another thread than the main one, which alone may handle signals, gets none.
    """
    stop, requests = Stop(), Requests()

    def handle(number: int, frame: FrameType | None) -> None:
        if requests.is_another(number):
            stop.ask(at_once=number != signal.SIGINT)

    with ExitStack() as before:
        for number in SIGNALS if in_main_thread() else ():
            # A sweep under `nohup` outlives its terminal.
            if number == signal.SIGINT or signal.getsignal(number) != signal.SIG_IGN:
                before.callback(signal.signal, number, signal.signal(number, handle))
        yield stop


@dataclass(frozen=True)
class FailedJob:
    """A replicate that has no outcome, and why."""

    job: Job
    reason: str


@dataclass
class Tally:
    """The results of this command's jobs; `busy_s` adds up the working time of its workers, `lost` counts those that died.

    `stopped` says what else than Ctrl-C asked this process to end, `limit` which limit of the command was reached, and
    `unfinished` why jobs elsewhere did not finish the study.
    """

    failures: list[FailedJob] = field(default_factory=list)
    reused: int = 0
    busy_s: float = 0.0
    lost: int = 0
    interrupted: bool = False
    stopped: str = ""
    limit: str = ""
    unfinished: str = ""

    def metrics(self) -> dict[str, float]:
        """As metrics of the study's run."""
        return {"study/failed": float(len(self.failures)), "study/reused": float(self.reused)}


@dataclass
class SweepRunner:
    """`make_task` makes a worker's task from a job and the id of its trial's run.

    `stop_requested` says where another command has asked the study's processes to end, and is empty until one has.
    """

    queue: TrialQueue
    workers: WorkerPool
    tree: RunTree
    progress: Progress
    make_task: Callable[[Job, str], Any]
    limits: StudyLimits
    stop: Stop
    stop_requested: Callable[[], str] = lambda: ""
    tally: Tally = field(default_factory=Tally, init=False)
    _running: dict[int, Job] = field(default_factory=dict, init=False)
    # Claimed jobs that wait for a worker: one for which there was no room, and those that are tried again.
    _waiting: deque[Job] = field(default_factory=deque, init=False)
    _task_count: int = field(default=0, init=False)
    _stopping: bool = field(default=False, init=False)

    def run(self) -> None:
        """Runs the queue to its end, or to the point at which it was asked to stop.

        Raises:
            KeyboardInterrupt: it was asked twice; jobs that were running are released.
        """
        finished = False
        try:
            while True:
                nothing_left = self._start_jobs()
                if nothing_left and not self._running:
                    if self.stop.asked or not self.queue.awaits_others():
                        break
                    with self.stop.waiting():
                        # Batches of Hydra's launchers do not wait where nothing runs.
                        time.sleep(WAIT_S)
                with self.stop.waiting():
                    all_ended = self.workers.wait(WAIT_S)
                for ended in all_ended:
                    self._record(self._running.pop(ended.task_id), ended)
                self.progress(Waited(self.queue))
            for trial in self.queue.trials():
                # Another process may have finished a trial whose run is open here.
                if trial.state != "open":
                    self.tree.close_trial(trial)
            finished = True
        finally:
            try:
                with self.stop.closing():
                    self.workers.close(at_once=not finished)
            finally:
                for job in (*self._running.values(), *self._waiting):
                    self.queue.release(job)

    def _start_jobs(self) -> bool:
        """Starts jobs while workers have room; True where no job can start now, or none should."""
        if not self.stop.asked:
            self.tally.limit = self.limits.reached(len(self.tally.failures))
            self.tally.stopped = self.stop_requested()
            self.stop.asked = bool(self.tally.limit or self.tally.stopped)
        if self.stop.asked:
            if not self._stopping and not self.stop.at_once:
                self.workers.ask_nothing_more()
            if not self._stopping:
                self.progress(Stopping(len(self._running), self.tally.stopped or self.tally.limit))
            self._stopping = True
            return True
        # Room may be missing for long; while nothing runs, the queue is asked anyway, to see whether any job is left.
        while self.workers.room() or not self._running:
            job = self._waiting.popleft() if self._waiting else self.queue.next_job()
            if job is None:
                return True
            if not self.workers.room():
                self._waiting.appendleft(job)
                return False
            self._start(job)
        return False

    def _start(self, job: Job) -> None:
        try:
            task = self.make_task(job, self.tree.parent_of(job.trial))
        except InputError as error:
            # A sampler may propose what no run can be: that is one failed replicate.
            self._retry_or_fail(job, failure_of(error))
            self._close_if_over(job.trial)
            return
        self._task_count += 1
        self._running[self._task_count] = job
        self.workers.submit(self._task_count, task)
        self.progress(JobStarted(job))

    def _record(self, job: Job, ended: Ended) -> None:
        self.tally.busy_s += ended.seconds
        if ended.failure is not None:
            self._retry_or_fail(job, ended.failure)
        else:
            outcome = Outcome(**ended.result)
            self.tally.reused += outcome.reused
            self.queue.record(job, outcome)
            self.progress(JobEnded(job, outcome))
        self._close_if_over(job.trial)

    def _retry_or_fail(self, job: Job, failure: Failure) -> None:
        if failure.kind == "interrupted":
            self.stop.asked = True
        self.tally.lost += failure.retryable
        again = failure.kind == "interrupted" or (failure.retryable and job.attempt <= self.limits.retries)
        if again:
            self._waiting.append(replace(job, attempt=job.attempt + 1))
        else:
            attempts = f" (tried {job.attempt} times)" if job.attempt > 1 else ""
            self.tally.failures.append(FailedJob(job, f"{failure.reason}{attempts}"))
            self.queue.fail(job, f"{failure.reason}{attempts}")
        self.progress(JobFailed(job, failure.reason, again))

    def _close_if_over(self, trial: Trial) -> None:
        if trial.state == "open":
            return
        self.tree.close_trial(trial)
        self.progress(TrialClosed(trial))
        self.tree.progress(self.queue.counts(), self.tally.metrics())


def seconds_left(queue: TrialQueue, durations: list[float], workers: int) -> float | None:
    """A forecast from the mean duration of finished replicates; None before the first has ended."""
    if not durations:
        return None
    counts = queue.counts()
    return max(counts.planned - counts.done, 0) * sum(durations) / len(durations) / max(workers, 1)
