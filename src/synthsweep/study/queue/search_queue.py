"""The queue of a search: Optuna proposes a configuration, its replicates run, Optuna gets the value; a pruner may end it."""

import time
from dataclasses import dataclass, field
from typing import Any

import optuna
from optuna.trial import TrialState

from synthsweep.errors import StudyError
from synthsweep.messages import first_line
from synthsweep.study.design.objective import Goal
from synthsweep.study.design.pruning import REPLICATES_BEFORE_PRUNING
from synthsweep.study.design.space import Space, Value
from synthsweep.study.optuna_storage import FAILURE, TEACHES, StudyStore
from synthsweep.study.queue.ended_trials import FINISHED, EndedTrials
from synthsweep.study.queue.trial_queue import TRIALS, Counts, Job, Outcome, Trial, trial_item
from synthsweep.study.samplers import has_tried_everything

# Seconds between two searches for trials whose process is gone.
STALE_CHECK_S = 30.0
RETRIES, RETRY_OF = "retries", "retry_of"
# Why a trial has no value though nothing is wrong with it.
GIVEN_BACK, PROCESS_GONE = "ended before it was finished", "its process is gone"


@dataclass
class SearchQueue:
    """`pruning` is `epoch` (the first replicate decides alone), `replicate` or empty."""

    store: StudyStore
    space: Space
    goal: Goal
    seeds: tuple[int, ...]
    n_trials: int
    pruning: str = ""
    max_retries: int = 2
    _open: dict[int, Trial] = field(default_factory=dict, init=False)
    _known: dict[int, Trial] = field(default_factory=dict, init=False)
    _proposed: dict[int, Any] = field(default_factory=dict, init=False)
    _ended: EndedTrials = field(default_factory=EndedTrials, init=False)
    # How many trials of this process have ended, but for those that failed.
    _done: int = field(default=0, init=False)
    _failures: int = field(default=0, init=False)
    _stale_checked: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        self._fail_stale()
        self._check_exhausted()

    def next_job(self) -> Job | None:
        for trial in self._open.values():
            replicate = self._next_replicate(trial)
            if replicate is not None:
                return self._start(trial, replicate)
        proposed = self._propose()
        return None if proposed is None else self._start(proposed, 0)

    def record(self, job: Job, outcome: Outcome) -> None:
        trial = job.trial
        trial.outcomes[job.replicate] = outcome
        item = f"{trial.item}/{job.seed}"
        if self.store.leases.claim(item):
            # So that a later command can see whether the run is still there.
            self.store.leases.finish(item, outcome.plain())
        if outcome.pruned:
            self._close(trial, TrialState.PRUNED, outcome.pruned)
        elif trial.state == "open":
            self._evaluate_or_prune(trial)

    def fail(self, job: Job, reason: str) -> None:
        if job.trial.state == "open":
            self._failures += 1
            self._close(job.trial, TrialState.FAIL, reason)

    def release(self, job: Job) -> None:
        """Ends the whole trial: the next command proposes it again, and reuses the replicates that are finished."""
        if job.trial.state != "open":
            return
        if self._close(job.trial, TrialState.FAIL, GIVEN_BACK):
            self._enqueue_again(self._frozen(job.trial.number), retries=0)

    def awaits_others(self) -> bool:
        """Never: what other processes do is all that is left."""
        return False

    def counts(self) -> Counts:
        others = [trial for trial in self._not_counted() if trial.number not in self._known]
        elsewhere = sum(trial.state == TrialState.RUNNING for trial in others)
        before = (self._ended.of_others + sum(trial.state in FINISHED for trial in others)) * len(self.seeds)
        here = self._done * len(self.seeds) + sum(len(trial.outcomes) for trial in self._open.values())
        running = elsewhere * len(self.seeds)
        planned = before + here + running if self.store.exhausted and not self._open else self.n_trials * len(self.seeds)
        # An earlier command may have asked for more.
        return Counts(max(planned, before + here), before + here, elsewhere)

    def trials(self) -> list[Trial]:
        known = dict(self._known)
        for frozen in self._frozen_trials():
            if frozen.number not in known and frozen.state.is_finished() and TEACHES not in frozen.user_attrs:
                known[frozen.number] = _trial_of(frozen)
        return [known[number] for number in sorted(known)]

    def _next_replicate(self, trial: Trial) -> int | None:
        waiting = [replicate for replicate in range(len(self.seeds)) if replicate not in trial.started]
        if not waiting:
            return None
        alone_first = self.pruning == "epoch" and not trial.outcomes
        one_by_one = self.pruning == "replicate" and waiting[0] >= REPLICATES_BEFORE_PRUNING
        running = len(trial.started) - len(trial.outcomes)
        return None if alone_first or (one_by_one and running) else waiting[0]

    def _start(self, trial: Trial, replicate: int) -> Job:
        trial.started.add(replicate)
        return Job(trial, replicate, self.seeds[replicate])

    def _propose(self) -> Trial | None:
        """A new trial, unless `n_trials` are finished or running, here and elsewhere."""
        if time.monotonic() - self._stale_checked > STALE_CHECK_S:
            self._fail_stale()
        with self.store.alone():
            trials = self._not_counted()
            taken = self._ended.finished + sum(trial.state in (*FINISHED, TrialState.RUNNING) for trial in trials)
            # One that waits was enqueued: the sampler is not asked.
            waits = any(trial.state == TrialState.WAITING for trial in trials)
            if taken + self._failures >= self.n_trials or (self._check_exhausted() and not waits):
                return None
            proposed = self.store.study.ask()
            self.store.leases.claim(trial_item(proposed.number))
            assignment = self._suggest(proposed)
        trial = Trial(proposed.number, assignment, trial_item(proposed.number))
        self._proposed[trial.number], self._open[trial.number], self._known[trial.number] = proposed, trial, trial
        return trial

    def _suggest(self, proposed: optuna.Trial) -> dict[str, Value]:
        try:
            return self.space.suggest(proposed)
        except Exception as error:
            self.store.leases.finish(trial_item(proposed.number))
            self.store.close_failed(proposed.number, f"the sampler proposed nothing: {first_line(error)}")
            if isinstance(error, ImportError):
                # Some samplers import what they need only now.
                sampler = type(self.store.study.sampler).__name__
                raise StudyError(f"hydra.sweeper.sampler={sampler}: {first_line(error)}") from error
            raise

    def _check_exhausted(self) -> bool:
        # Trials of earlier commands, and what runs in other terminals, count.
        self.store.exhausted = self.store.exhausted or has_tried_everything(self.store.study)
        return self.store.exhausted

    def _evaluate_or_prune(self, trial: Trial) -> None:
        """Closes a trial that is complete, or that the pruner ends."""
        if len(trial.outcomes) == len(self.seeds):
            # In one step: between the end of its claim and Optuna's `tell`, the trial would look stale to others.
            with self.store.alone():
                if self.store.leases.finish(trial.item):
                    self._report_replicates(trial)
                    self.store.record_score(trial, self.goal.evaluate(trial.metrics()))
            self._ends(trial)
            self._failures += trial.state == "failed"
        elif self._report_replicates(trial) and self._proposed[trial.number].should_prune():
            self._close(trial, TrialState.PRUNED, f"worse than the best so far after {len(trial.outcomes)} replicates")

    def _report_replicates(self, trial: Trial) -> bool:
        """Reports each replicate's value as a step, by which the pruner pairs them; returns whether the pruner may decide."""
        if self.pruning != "replicate":
            return False
        frozen = self._frozen(trial.number)
        if frozen.state.is_finished():
            # Another process considered it stale while this one slept.
            return False
        for replicate, outcome in trial.outcomes.items():
            value = outcome.metrics.get(self.goal.metrics[0])
            if value is not None and replicate not in frozen.intermediate_values:
                self._proposed[trial.number].report(value, replicate)
        return len(trial.outcomes) >= REPLICATES_BEFORE_PRUNING

    def _close(self, trial: Trial, state: TrialState, reason: str) -> bool:
        """Closes a trial without a value; False if another process had taken it over."""
        trial.state, trial.reason = ("pruned", reason) if state == TrialState.PRUNED else ("failed", reason)
        self._ends(trial)
        with self.store.alone():
            if not self.store.leases.finish(trial.item):
                return False
            if state == TrialState.FAIL:
                self.store.close_failed(trial.number, reason)
            else:
                self.store.close(trial.number, state=state)
        return True

    def _ends(self, trial: Trial) -> None:
        if self._open.pop(trial.number, None) is not None:
            self._done += trial.state != "failed"

    def _fail_stale(self) -> None:
        """Fails trials whose process is gone, and enqueues them again."""
        self._stale_checked = time.monotonic()
        with self.store.alone():
            alive = self.store.leases.alive(TRIALS)
            for frozen in self._frozen_trials():
                item = trial_item(frozen.number)
                if frozen.state == TrialState.RUNNING and item not in alive:
                    # If the process only slept, it must not close the trial later: its claim is taken.
                    self.store.leases.claim(item)
                    self.store.leases.finish(item)
                    # Enqueued first: if this process ends here, a repeated trial is better than a lost one.
                    self._enqueue_again(frozen, retries=int(frozen.user_attrs.get(RETRIES, 0)) + 1)
                    self.store.close_failed(frozen.number, PROCESS_GONE)

    def _enqueue_again(self, frozen: optuna.trial.FrozenTrial, *, retries: int) -> None:
        # Optuna keeps enqueued values that were not yet suggested in the system attributes.
        params = {**frozen.system_attrs.get("fixed_params", {}), **frozen.params}
        if params and retries <= self.max_retries:
            self.store.study.enqueue_trial(params, user_attrs={RETRIES: retries, RETRY_OF: frozen.number})

    def _frozen(self, number: int) -> optuna.trial.FrozenTrial:
        frozen: optuna.trial.FrozenTrial = self.store.storage.get_trial(self.store.storage_id(number))
        return frozen

    def _not_counted(self) -> list[optuna.trial.FrozenTrial]:
        """The trials of this study that `_ended` does not count yet."""
        return self._ended.count(self._frozen_trials(), self._known)

    def _frozen_trials(self) -> list[optuna.trial.FrozenTrial]:
        return self.store.study.get_trials(deepcopy=False)


def _trial_of(frozen: optuna.trial.FrozenTrial) -> Trial:
    """A trial of an earlier command or of another terminal, from the storage."""
    state = {TrialState.COMPLETE: "complete", TrialState.PRUNED: "pruned"}.get(frozen.state, "failed")
    reason = str(frozen.user_attrs.get(FAILURE, ""))
    values = tuple(frozen.values) if state == "complete" and frozen.values is not None else None
    feasible = all(value <= 0 for value in frozen.constraints.values())
    item = trial_item(frozen.number)
    return Trial(frozen.number, frozen.params, item, state=state, reason=reason, values=values, feasible=feasible)
