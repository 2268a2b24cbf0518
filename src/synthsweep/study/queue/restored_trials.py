"""Runs the replicates of finished trials of a search again whose runs are gone; then goes on with the search."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from synthsweep.storage.leases import FAILED
from synthsweep.study.optuna_storage import StudyStore
from synthsweep.study.queue.trial_queue import TRIALS, Counts, Job, Outcome, Trial, TrialQueue


@dataclass
class RestoredTrials:
    """A trial keeps its number, its parameters and its values; it is open until all of its `lost` replicates have run again.

    `restored` are the trials with the outcomes that they have left, `lost` the indices of those that they lack.
    """

    search: TrialQueue
    store: StudyStore
    seeds: tuple[int, ...]
    restored: Mapping[int, Trial]
    lost: Mapping[int, Sequence[int]]
    _pending: deque[Job] = field(default_factory=deque, init=False)
    _elsewhere: list[Job] = field(default_factory=list, init=False)
    _left: dict[int, set[int]] = field(default_factory=dict, init=False)
    _states: dict[int, str] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        for number, indices in self.lost.items():
            trial = self.restored[number]
            self._left[number], self._states[number], trial.state = set(indices), trial.state, "open"
            self._pending += [Job(trial, index, self.seeds[index]) for index in indices]

    def next_job(self) -> Job | None:
        while self._pending:
            job = self._pending.popleft()
            if self.store.leases.claim(self._item(job)):
                return job
            self._elsewhere.append(job)
        return self.search.next_job() or self._take_over()

    def record(self, job: Job, outcome: Outcome) -> None:
        if job.trial.number not in self._left:
            self.search.record(job, outcome)
        elif self.store.leases.finish(self._item(job), outcome.plain()):
            self._restore(job, outcome)
        else:
            self._elsewhere.append(job)

    def fail(self, job: Job, reason: str) -> None:
        if job.trial.number not in self._left:
            self.search.fail(job, reason)
        elif self.store.leases.finish(self._item(job), reason, state=FAILED):
            job.trial.reason = reason
        else:
            self._elsewhere.append(job)

    def release(self, job: Job) -> None:
        if job.trial.number in self._left:
            self.store.leases.release(self._item(job))
        else:
            self.search.release(job)

    def counts(self) -> Counts:
        found, left = self.search.counts(), sum(len(indices) for indices in self._left.values())
        return Counts(found.planned, found.done - left, found.elsewhere + len(self._elsewhere))

    def trials(self) -> list[Trial]:
        return [self.restored.get(trial.number, trial) for trial in self.search.trials()]

    def awaits_others(self) -> bool:
        return self.search.awaits_others()

    def _restore(self, job: Job, outcome: Outcome) -> None:
        trial = job.trial
        trial.outcomes[job.replicate] = outcome
        self._left[trial.number].discard(job.replicate)
        if not self._left[trial.number]:
            trial.state = self._states[trial.number]

    def _take_over(self) -> Job | None:
        """A job that another process had claimed and has given up; jobs that it finished are done."""
        notes = self.store.leases.notes(TRIALS) if self._elsewhere else {}
        for job in list(self._elsewhere):
            note = notes.get(self._item(job))
            if note is not None:
                self._elsewhere.remove(job)
                self._restore(job, Outcome(**note))
            elif self.store.leases.claim(self._item(job)):
                self._elsewhere.remove(job)
                return job
        return None

    def _item(self, job: Job) -> str:
        return f"{job.trial.item}/{job.seed}"
