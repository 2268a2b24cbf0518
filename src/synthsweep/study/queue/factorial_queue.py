"""The queue of a factorial study: every cell with every seed, block by block, shared by all processes of the study."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution
from optuna.trial import TrialState

from synthsweep.storage.leases import FAILED
from synthsweep.study.design.factorial import DesignCell, blocks, cell_of
from synthsweep.study.design.objective import Goal
from synthsweep.study.design.space import Range, Space
from synthsweep.study.optuna_storage import CELL, FAILURE, StudyStore
from synthsweep.study.queue.trial_queue import Counts, Job, Outcome, Trial


@dataclass
class FactorialQueue:
    """Each cell is a trial from the beginning; a replicate is claimed when it starts, so that terminals share cells.

    Of an `open_ended` study, trials stay open when their seeds are done: more may follow.
    """

    store: StudyStore
    space: Space
    goal: Goal
    cells: list[DesignCell]
    seeds: tuple[int, ...]
    order_seed: int = 1
    open_ended: bool = False
    _trials: list[Trial] = field(default_factory=list, init=False)
    _pending: deque[tuple[int, int]] = field(default_factory=deque, init=False)
    _elsewhere: list[tuple[int, int]] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        numbers = self._trial_numbers()
        named = self._named(self.store.study.get_trials(deepcopy=False))
        self._trials = [Trial(numbers[named[cell.digest]], cell.assignment, named[cell.digest]) for cell in self.cells]
        self._read_notes(self._trials)
        self._queue_blocks(0)

    def grow(self, seeds: tuple[int, ...]) -> None:
        """Adds the seeds that follow those that there are."""
        before, self.seeds = len(self.seeds), seeds
        self._read_notes(self._trials)
        self._queue_blocks(before)

    def close(self) -> None:
        """Closes the trials whose seeds are done: no more seeds follow."""
        self.open_ended = False
        for trial in self._trials:
            self._close_if_complete(trial)

    def next_job(self) -> Job | None:
        while self._pending:
            pair = self._pending.popleft()
            job = self._claim(pair)
            if job is not None:
                return job
            self._elsewhere.append(pair)
        return self._take_over()

    def record(self, job: Job, outcome: Outcome) -> None:
        if not self.store.leases.finish(self._item(job), outcome.plain()):
            self._mark_elsewhere(job)
            return
        job.trial.outcomes[job.replicate] = outcome
        if len(job.trial.outcomes) == len(self.seeds):
            self._close_if_complete(job.trial)
        else:
            self._read_notes([job.trial], job.trial.item)

    def fail(self, job: Job, reason: str) -> None:
        if not self.store.leases.finish(self._item(job), reason, state=FAILED):
            self._mark_elsewhere(job)
            return
        job.trial.reason = reason
        number = self.store.storage_id(job.trial.number)
        if not self.store.storage.get_trial(number).state.is_finished():
            # A finished one runs again because its run is gone: Optuna keeps it as it was.
            self.store.storage.set_trial_user_attr(number, FAILURE, reason)

    def _mark_elsewhere(self, job: Job) -> None:
        # Another process took it over while this one slept; its results are the same.
        self._elsewhere.append((self._trials.index(job.trial), job.replicate))

    def release(self, job: Job) -> None:
        self.store.leases.release(self._item(job))

    def counts(self) -> Counts:
        done = sum(len(trial.outcomes) for trial in self._trials)
        return Counts(len(self.cells) * len(self.seeds), done, len(self._elsewhere))

    def trials(self) -> list[Trial]:
        if self._elsewhere or self._pending:
            self._read_others()
        return self._trials

    def awaits_others(self) -> bool:
        """Never: what other processes do is all that is left."""
        return False

    def _queue_blocks(self, first: int) -> None:
        """Queues what is not finished of the blocks from number `first` on."""
        pairs = blocks(len(self.cells), len(self.seeds), self.order_seed)
        self._pending += [pair for pair in pairs if pair[1] >= first and not self._finished(pair)]

    def _trial_numbers(self) -> dict[str, int]:
        """The trial number of each cell by its name in the storage; cells that the storage lacks become waiting trials."""
        study = self.store.study
        with self.store.alone():
            begun = study.get_trials(deepcopy=False)
            known = self._named(begun)
            missing = [cell for cell in self.cells if cell.digest not in known]
            described = {key: levels for trial in begun for key, levels in trial.distributions.items()}
            study.add_trials([self._waiting_trial(cell, described) for cell in missing])
        return {trial.user_attrs[CELL]: trial.number for trial in study.get_trials(deepcopy=False)}

    def _named(self, begun: list[optuna.trial.FrozenTrial]) -> dict[str, str]:
        """The name in the storage of each cell that has a trial; a control may have had fewer levels, or more, before."""
        keys, known = {factor.key for factor in self.space.factors}, {str(trial.user_attrs[CELL]): trial for trial in begun}
        named = {cell.digest: name for cell in self.cells for name in reversed(cell.digests) if name in known}
        for name in known.keys() - set(named.values()):
            levels = {**known[name].params, **{key: value for key, value in known[name].user_attrs.items() if key in keys}}
            if (cell := cell_of(levels, self.cells)) is not None:
                named.setdefault(cell.digest, name)
        return named

    def _waiting_trial(self, cell: DesignCell, described: Mapping[str, BaseDistribution]) -> optuna.trial.FrozenTrial:
        """A trial of a cell; of a factor that got more levels, which Optuna does not allow, the level is an attribute of it."""
        choices = {f.key: CategoricalDistribution(f.levels) for f in self.space.factors if not isinstance(f, Range)}
        levels: dict[str, BaseDistribution]
        levels = {key: choices[key] for key in cell.assignment if described.get(key, choices[key]) == choices[key]}
        return optuna.trial.create_trial(
            state=TrialState.WAITING,
            params={key: cell.assignment[key] for key in levels},
            distributions=levels,
            user_attrs={CELL: cell.digest, **{key: value for key, value in cell.assignment.items() if key not in levels}},
        )

    def _finished(self, pair: tuple[int, int]) -> bool:
        cell, replicate = pair
        return replicate in self._trials[cell].outcomes

    def _claim(self, pair: tuple[int, int]) -> Job | None:
        cell, replicate = pair
        job = Job(self._trials[cell], replicate, self.seeds[replicate])
        return job if self.store.leases.claim(self._item(job)) else None

    def _take_over(self) -> Job | None:
        """A job that another process had claimed and has given up; jobs that it finished are dropped."""
        if not self._elsewhere:
            return None
        self._read_others()
        for pair in self._elsewhere:
            job = self._claim(pair)
            if job is not None:
                self._elsewhere.remove(pair)
                return job
        return None

    def _read_others(self) -> None:
        """Reads what other processes have finished."""
        self._read_notes(self._trials)
        self._elsewhere = [pair for pair in self._elsewhere if not self._finished(pair)]

    def _read_notes(self, trials: list[Trial], prefix: str = "") -> None:
        """Reads the outcomes of these trials from the table of claims, and closes the trials that are complete."""
        notes = self.store.leases.notes(prefix)
        for trial in trials:
            for replicate, seed in enumerate(self.seeds):
                note = notes.get(f"{trial.item}/{seed}")
                if note is not None:
                    trial.outcomes[replicate] = Outcome(**note)
            self._close_if_complete(trial)

    def _close_if_complete(self, trial: Trial) -> None:
        """Closes a trial in the storage once all of its replicates have outcomes."""
        if self.open_ended or trial.state != "open" or len(trial.outcomes) < len(self.seeds):
            return
        score = self.goal.evaluate(trial.metrics())
        with self.store.alone():
            number = self.store.storage_id(trial.number)
            if self.store.storage.get_trial(number).state == TrialState.WAITING:
                self.store.storage.set_trial_state_values(number, TrialState.RUNNING)
            self.store.record_score(trial, score)
        if score.values is None:
            # Optuna keeps no trial without a value as complete; its runs are, and compare reads them.
            trial.state, trial.feasible = "complete", True

    def _item(self, job: Job) -> str:
        return f"{job.trial.item}/{job.seed}"
