"""A study on submitted jobs: they are followed, submitted again where some are lost, and ended where the terminal asks for it.

The jobs need nobody who follows them. Their array is noted in the study, so the same command follows it again.
"""

import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from synthsweep.pages.numbers import counted
from synthsweep.progress import Progress, Stage
from synthsweep.stopping import SIGNALS, in_main_thread
from synthsweep.storage.leases import Leases
from synthsweep.study.limits import StudyLimits
from synthsweep.study.queue.trial_queue import Counts, Job, TrialQueue
from synthsweep.study.results.run_tree import RUN
from synthsweep.study.sweep_runner import JobEnded, Stopping, Tally, TrialClosed, Waited
from synthsweep.workers.slurm.array import JobArray
from synthsweep.workers.slurm.commands import UNKNOWN, SlurmJob

# The item under which a study notes its array.
ARRAY = "array"
TICK_S = 0.5


@dataclass
class Wishes:
    """What the terminal asked for: Ctrl-C ends the jobs, other signals only this command."""

    interrupts: int = 0
    leave: bool = False

    @contextmanager
    def heard(self) -> Iterator[None]:
        def note(number: int, frame: FrameType | None) -> None:
            self.interrupts += number == signal.SIGINT
            self.leave = self.leave or number != signal.SIGINT

        with ExitStack() as before:
            for number in SIGNALS if in_main_thread() else ():
                if signal.getsignal(number) != signal.SIG_IGN:
                    before.callback(signal.signal, number, signal.signal(number, note))
            yield


@dataclass
class Follower:
    """`submit` submits at most so many jobs; `failures` counts the replicates that failed by their reason.

    `stop_requested` says where another command has asked the study's processes to end.
    """

    queue: TrialQueue
    leases: Leases
    progress: Progress
    submit: Callable[[int], JobArray]
    failures: Callable[[], Mapping[str, int]]
    seeds: tuple[int, ...]
    limits: StudyLimits
    stop_requested: Callable[[], str]
    poll_s: float
    alone: Callable[[], AbstractContextManager[None]]
    tally: Tally = field(default_factory=Tally, init=False)
    failed: Mapping[str, int] = field(default_factory=dict, init=False)
    # Why jobs ended before their work was done, in one line.
    why: str = field(default="", init=False)
    left: bool = field(default=False, init=False)
    interrupted: bool = field(default=False, init=False)
    _known: set[tuple[int, int]] = field(default_factory=set, init=False)
    _closed: set[int] = field(default_factory=set, init=False)
    # What had failed before this command: the jobs try it again.
    _before: Mapping[str, int] = field(default_factory=dict, init=False)
    _said: str = field(default="", init=False)
    _ended: set[str] = field(default_factory=set, init=False)
    _ran: set[str] = field(default_factory=set, init=False)
    _told: int = field(default=0, init=False)

    def run(self) -> None:
        """Follows until the jobs are over, or the terminal is gone; `left` where they go on."""
        wishes, self._before = Wishes(), self.failures()
        self._known, self._closed = self._finished(), {one.number for one in self.queue.trials() if one.state != "open"}
        with wishes.heard():
            array = self._one_array()
            rounds, before = 0, self.queue.counts().done
            while True:
                jobs = array.look()
                self._show(array, jobs)
                counts = self._refresh()
                if wishes.leave:
                    self.left = True
                    return
                if not any(job.alive for job in jobs.values()):
                    if self._is_over(counts):
                        return
                    if not self._awaits_claims():
                        if rounds >= self.limits.retries or counts.done <= before:
                            return
                        rounds, before = rounds + 1, counts.done
                        array = self._one_array()
                        continue
                elif counts.finished:
                    array.cancel_waiting()
                self._tell(array, wishes, jobs)
                self._pause(wishes)

    def _one_array(self) -> JobArray:
        """That of an earlier command or of another one beside this, else a new one: a study has one at a time."""
        self._ended, self._ran, self._said = set(), set(), ""
        with self.alone():
            return self._attach() or self._submit(self._to_do())

    def _attach(self) -> JobArray | None:
        """The array that an earlier command submitted, if any of its jobs is alive."""
        note: Any = self.leases.notes(ARRAY).get(ARRAY)
        if not note:
            return None
        array = JobArray(note["job_id"], note["size"], Path(note["folder"]), note["name"])
        if not any(job.alive for job in array.look().values()):
            return None
        self.progress(Stage(f"array {array.job_id} is there already: this command follows it and submits nothing"))
        return array

    def _submit(self, jobs: int) -> JobArray:
        array = self.submit(jobs)
        self.leases.put(ARRAY, vars_of(array))
        self.progress(
            Stage(f"array {array.job_id}: {counted(array.size, 'job')} submitted; what they say is in {array.folder}")
        )
        return array

    def _to_do(self) -> int:
        counts = self.queue.counts()
        return max(counts.planned - counts.done, 1)

    def _show(self, array: JobArray, jobs: Mapping[str, SlurmJob]) -> None:
        """Says how the jobs stand where that has changed, and how each of them ended that did not end well."""
        said = in_words(jobs)
        if said != self._said:
            self._said = said
            self.progress(Stage(f"array {array.job_id}: {said}"))
        for number, job in jobs.items():
            if job.waits and number in self._ran:
                self.progress(Stage(f"job {array.job_id}_{number} lost its node and is queued again"))
            self._ran = self._ran | {number} if job.alive and not job.waits else self._ran - {number}
        over = {number: job for number, job in jobs.items() if not job.alive and number not in self._ended}
        self._ended |= set(over)
        for number, job in over.items():
            if job.state == "COMPLETED" or self._told:
                continue
            last = array.last_words(number)
            if job.state == UNKNOWN and not last:
                continue
            self.why = f"{job.state}{f': {last}' if last else ''}"
            self.progress(Stage(f"job {array.job_id}_{number} ended: {self.why} ({array.log(number)})"))

    def _refresh(self) -> Counts:
        """Reads what the jobs have done, and shows what is new."""
        for trial in self.queue.trials():
            for replicate in sorted(set(trial.outcomes) - {known for number, known in self._known if number == trial.number}):
                job = Job(trial, replicate, self.seeds[replicate])
                self.tally.reused += trial.outcomes[replicate].reused
                self.tally.busy_s += trial.outcomes[replicate].seconds
                self.progress(JobEnded(job, trial.outcomes[replicate]))
            if trial.state != "open" and trial.number not in self._closed:
                self._closed.add(trial.number)
                self.progress(TrialClosed(trial))
        self._known = self._finished()
        self.failed = self.failures()
        self.progress(Waited(self.queue))
        return self.queue.counts()

    def _finished(self) -> set[tuple[int, int]]:
        return {(trial.number, replicate) for trial in self.queue.trials() for replicate in trial.outcomes}

    def _is_over(self, counts: Counts) -> bool:
        """Whether no job could do more: all is done, or failed, or was asked to end."""
        only_failed = not counts.undecided and counts.planned - counts.done <= sum(self.failed.values())
        return bool(counts.finished or self._told or only_failed)

    def _awaits_claims(self) -> bool:
        """Whether others hold work of the study; that of a job that was killed is free when its lease is over."""
        held = [item for item, owner in self.leases.alive().items() if owner != self.leases.owner and not item.startswith(RUN)]
        said = f"no job runs, and {counted(len(held), 'replicate')} are held elsewhere until they end or their lease is over"
        if held and said != self._said:
            self._said = said
            self.progress(Stage(said))
        return bool(held)

    def _tell(self, array: JobArray, wishes: Wishes, jobs: Mapping[str, SlurmJob]) -> None:
        """Ends the jobs where the terminal, another command or a limit asks for it."""
        running = sum(job.alive and not job.waits for job in jobs.values())
        if not wishes.interrupts and not self._told:
            self.tally.limit = self.limits.reached((Counter(self.failed) - Counter(self._before)).total())
            self.tally.stopped = self.stop_requested()
        asked = wishes.interrupts or int(bool(self.tally.limit or self.tally.stopped))
        if asked and not self._told:
            array.end_in_order()
            self.progress(Stopping(running, self.tally.stopped or self.tally.limit))
        if asked > 1 and self._told < 2:
            array.cancel()
            self.progress(Stage(f"array {array.job_id} is cancelled"))
        self._told = max(self._told, min(asked, 2))
        self.interrupted = bool(wishes.interrupts)

    def _pause(self, wishes: Wishes) -> None:
        end = time.monotonic() + self.poll_s
        before = wishes.interrupts
        while time.monotonic() < end and not wishes.leave and wishes.interrupts == before:
            time.sleep(min(TICK_S, self.poll_s))


def vars_of(array: JobArray) -> dict[str, Any]:
    """An array as the study notes it."""
    return {"job_id": array.job_id, "size": array.size, "folder": str(array.folder), "name": array.name}


def in_words(jobs: Mapping[str, SlurmJob]) -> str:
    """`3 jobs run, 1 waits (Priority), 2 are over`."""
    waiting = [job for job in jobs.values() if job.waits]
    running = sum(job.alive for job in jobs.values()) - len(waiting)
    reasons = ", ".join(Counter(job.reason for job in waiting if job.reason not in {"", "None"}))
    found = (
        (running, "runs", "run", ""),
        (len(waiting), "waits", "wait", f" ({reasons})" if reasons else ""),
        (len(jobs) - running - len(waiting), "is over", "are over", ""),
    )
    parts = [(number, f"{one if number == 1 else many}{why}") for number, one, many, why in found if number]
    return ", ".join(f"{number if place else counted(number, 'job')} {does}" for place, (number, does) in enumerate(parts))


def unfinished(counts: Counts, follower: Follower) -> str:
    """Why the jobs are over and the study is not, in one line; empty if nothing is wrong."""
    if counts.finished or follower.left or follower.interrupted or follower.tally.stopped or follower.tally.limit:
        return ""
    if follower.failed:
        number = sum(follower.failed.values())
        return (
            f"{number} of {counts.planned} replicates failed ({'; '.join(follower.failed)}): the same command tries them again"
        )
    why = f" ({follower.why})" if follower.why else ""
    left = f"{counts.planned - counts.done} of {counts.planned} replicates are not done"
    if counts.done == counts.planned:
        left = "whether more seeds follow is not decided"
    return f"no job is left, and {left}{why}: the same command submits new ones"
