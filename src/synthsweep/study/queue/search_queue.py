"""The agenda of a search: Optuna proposes a configuration, its replicates run, Optuna is told; a pruner may end it early."""

import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import optuna
from optuna.trial import TrialState

from synthsweep.errors import StudyError
from synthsweep.messages import first_line
from synthsweep.study.design.objective import Goal
from synthsweep.study.design.pruning import REPLICATES_BEFORE_PRUNING
from synthsweep.study.design.space import Assignment, Space, Value
from synthsweep.study.optuna_storage import FAILURE, WARM, StudyStore
from synthsweep.study.queue.trial_queue import Counts, Job, Outcome, Trial

FINISHED = (TrialState.COMPLETE, TrialState.PRUNED)
# How often one looks for trials that another process left behind.
LOOK_AROUND_S = 30.0
RETRIES = "retries"


@dataclass
class SearchQueue:
    """`pruning` is `epoch` (the first replicate decides), `replicate` or empty."""

    store: StudyStore
    space: Space
    goal: Goal
    seeds: tuple[int, ...]
    n_trials: int
    pruning: str = ""
    max_retries: int = 2
    _open: dict[int, Trial] = field(default_factory=dict, init=False)
    _known: dict[int, Trial] = field(default_factory=dict, init=False)
    _asked: dict[int, Any] = field(default_factory=dict, init=False)
    _failures: int = field(default=0, init=False)
    _looked: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        self._fail_stale()
        self._exhausted()

    def next_job(self) -> Job | None:
        for trial in self._open.values():
            replicate = self._next_replicate(trial)
            if replicate is not None:
                return self._start(trial, replicate)
        asked = self._ask()
        return None if asked is None else self._start(asked, 0)

    def record(self, job: Job, outcome: Outcome) -> None:
        trial = job.trial
        trial.outcomes[job.replicate] = outcome
        if outcome.pruned:
            self._close(trial, TrialState.PRUNED, outcome.pruned)
        elif trial.state == "open":
            self._weigh(trial)

    def fail(self, job: Job, reason: str) -> None:
        if job.trial.state == "open":
            self._failures += 1
            self._close(job.trial, TrialState.FAIL, reason)

    def release(self, job: Job) -> None:
        """The whole trial: the next command proposes it again, and reuses the replicates that are finished."""
        if job.trial.state != "open":
            return
        if self._close(job.trial, TrialState.FAIL, "given back"):
            self._enqueue_again(self._frozen(job.trial.number), retries=0)

    def counts(self) -> Counts:
        mine = set(self._known)
        frozen = self._own_trials()
        elsewhere = sum(trial.state == TrialState.RUNNING and trial.number not in mine for trial in frozen)
        before = sum(trial.state in FINISHED and trial.number not in mine for trial in frozen) * len(self.seeds)
        here = sum(len(trial.outcomes) if trial.state == "open" else len(self.seeds) for trial in self._ended_well())
        planned = before + here if self.store.exhausted and not self._open else self.n_trials * len(self.seeds)
        return Counts(planned, before + here, elsewhere)

    def trials(self) -> list[Trial]:
        known = dict(self._known)
        for frozen in self._frozen_trials():
            if frozen.number not in known and frozen.state.is_finished():
                known[frozen.number] = _format(frozen)
        return [known[number] for number in sorted(known)]

    def _ended_well(self) -> list[Trial]:
        return [trial for trial in self._known.values() if trial.state != "failed"]

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

    def _ask(self) -> Trial | None:
        """A new trial, unless as many are finished or running as were wanted, here and elsewhere."""
        if time.monotonic() - self._looked > LOOK_AROUND_S:
            self._fail_stale()
        with self.store.alone():
            taken = sum(trial.state in (*FINISHED, TrialState.RUNNING) for trial in self._own_trials())
            if taken + self._failures >= self.n_trials or self._exhausted():
                return None
            proposed = self.store.study.ask()
            self.store.leases.claim(f"trial:{proposed.number}")
            assignment = self._suggested(proposed)
        trial = Trial(proposed.number, assignment, f"trial:{proposed.number}")
        self._asked[trial.number], self._open[trial.number], self._known[trial.number] = proposed, trial, trial
        return trial

    def _suggested(self, proposed: optuna.Trial) -> dict[str, Value]:
        try:
            return self.space.suggest(proposed)
        except Exception as error:
            self.store.leases.finish(f"trial:{proposed.number}")
            self.store.close_failed(proposed.number, f"the sampler proposed nothing: {first_line(error)}")
            if isinstance(error, ImportError):
                # Some samplers import what they need only now.
                sampler = type(self.store.study.sampler).__name__
                raise StudyError(f"hydra.sweeper.sampler={sampler}: {first_line(error)}") from error
            raise

    def _exhausted(self) -> bool:
        # GridSampler knows it of what earlier commands did, too.
        known = getattr(self.store.study.sampler, "is_exhausted", None)
        self.store.exhausted = self.store.exhausted or bool(known and known(self.store.study))
        return self.store.exhausted

    def _weigh(self, trial: Trial) -> None:
        """Closes a trial whose replicates are all there, or that the pruner gives up."""
        if len(trial.outcomes) == len(self.seeds):
            # Alone: a trial whose claim is over and that Optuna was not told of looks as if it had been left behind.
            with self.store.alone():
                if self.store.leases.finish(trial.item):
                    self._report(trial)
                    self.store.tell(trial, self.goal, self.goal.judge(trial.metrics()))
            self._open.pop(trial.number, None)
            self._failures += trial.state == "failed"
        elif self._report(trial) and self._asked[trial.number].should_prune():
            self._close(trial, TrialState.PRUNED, f"worse than the best so far after {len(trial.outcomes)} replicates")

    def _report(self, trial: Trial) -> bool:
        """Gives Optuna the value of each replicate as a step, by which the pruner pairs them; whether it may be asked."""
        if self.pruning != "replicate":
            return False
        frozen = self._frozen(trial.number)
        if frozen.state.is_finished():
            # Taken for stale while this process slept.
            return False
        for replicate, outcome in trial.outcomes.items():
            value = outcome.metrics.get(self.goal.metrics[0])
            if value is not None and replicate not in frozen.intermediate_values:
                self._asked[trial.number].report(value, replicate)
        return len(trial.outcomes) >= REPLICATES_BEFORE_PRUNING

    def _close(self, trial: Trial, state: TrialState, reason: str) -> bool:
        """Whether the trial was still this process's to close."""
        self._open.pop(trial.number, None)
        trial.state, trial.reason = ("pruned", reason) if state == TrialState.PRUNED else ("failed", reason)
        with self.store.alone():
            if not self.store.leases.finish(trial.item):
                return False
            if state == TrialState.FAIL:
                self.store.close_failed(trial.number, reason)
            else:
                self.store.close(trial.number, state=state)
        return True

    def _fail_stale(self) -> None:
        """Fails trials whose process is gone, and enqueues them again."""
        self._looked = time.monotonic()
        with self.store.alone():
            alive = self.store.leases.alive("trial:")
            for frozen in self._frozen_trials():
                item = f"trial:{frozen.number}"
                if frozen.state == TrialState.RUNNING and item not in alive:
                    # Should it only have slept: its claim is lost.
                    self.store.leases.claim(item)
                    self.store.leases.finish(item)
                    # First the new one: twice is better than lost, should this process end here.
                    self._enqueue_again(frozen, retries=int(frozen.user_attrs.get(RETRIES, 0)) + 1)
                    self.store.close_failed(frozen.number, "its process is gone")

    def _enqueue_again(self, frozen: optuna.trial.FrozenTrial, *, retries: int) -> None:
        # What was enqueued and not yet suggested stands in Optuna's own notes.
        params = {**frozen.system_attrs.get("fixed_params", {}), **frozen.params}
        if params and retries <= self.max_retries:
            self.store.study.enqueue_trial(params, user_attrs={RETRIES: retries, "retry_of": frozen.number})

    def _frozen(self, number: int) -> optuna.trial.FrozenTrial:
        found: optuna.trial.FrozenTrial = self.store.storage.get_trial(self.store.storage_id(number))
        return found

    def _own_trials(self) -> list[optuna.trial.FrozenTrial]:
        # What another study gave the sampler to learn from is no trial of this one.
        return [trial for trial in self._frozen_trials() if WARM not in trial.user_attrs]

    def _frozen_trials(self) -> list[optuna.trial.FrozenTrial]:
        return self.store.study.get_trials(deepcopy=False)


def _format(frozen: optuna.trial.FrozenTrial) -> Trial:
    """A trial of an earlier command, or of another terminal, as the storage has it."""
    state = {TrialState.COMPLETE: "complete", TrialState.PRUNED: "pruned"}.get(frozen.state, "failed")
    reason = str(frozen.user_attrs.get(FAILURE, ""))
    values = tuple(frozen.values) if state == "complete" and frozen.values is not None else None
    feasible = all(value <= 0 for value in frozen.constraints.values())
    return Trial(frozen.number, frozen.params, "", state=state, reason=reason, values=values, feasible=feasible)


def enqueue(store: StudyStore, space: Space, known: Sequence[Assignment]) -> None:
    """Configurations to try first; once, however often the command is given.

    Raises:
        StudyError: a value that the space does not have.
    """
    for index, assignment in enumerate(known):
        space.require(assignment, f"hydra.sweeper.enqueue[{index}]")
    with store.alone():
        for assignment in known:
            store.study.enqueue_trial(dict(assignment), skip_if_exists=True)


def warm_start(store: StudyStore, space: Space, goal: Goal, source: optuna.Study) -> int:
    """Copies the finished trials of another study that this space could have proposed; returns how many are new.

    Raises:
        StudyError: its values are those of other objectives.
    """
    if (source.metric_names or list(goal.metrics), source.directions) != (list(goal.metrics), store.study.directions):
        names = source.metric_names or ["a value without a name"] * len(source.directions)
        before = ", ".join(f"{way.name.lower()} {name}" for way, name in zip(source.directions, names, strict=True))
        raise StudyError(f"hydra.sweeper.warm_start={source.study_name}: it has other objectives: {before}")
    with store.alone():
        there = {trial.user_attrs.get(WARM) for trial in store.study.get_trials(deepcopy=False)}
        copied = 0
        for frozen in source.get_trials(states=[TrialState.COMPLETE]):
            mark = f"{source.study_name}/{frozen.number}"
            if mark in there or not _fits(space, goal, frozen):
                continue
            store.study.add_trial(_copy(space, frozen, mark))
            copied += 1
    return copied


def _fits(space: Space, goal: Goal, frozen: optuna.trial.FrozenTrial) -> bool:
    if any(str(constraint) not in frozen.constraints for constraint in goal.constraints):
        # Nobody knows whether it is feasible here.
        return False
    factors = {factor.key: factor for factor in space.factors}
    acting = {key for key in factors if space.acts(key, frozen.params)}
    return acting == set(frozen.params) and all(factors[key].holds(value) for key, value in frozen.params.items())


def _copy(space: Space, frozen: optuna.trial.FrozenTrial, mark: str) -> optuna.trial.FrozenTrial:
    # A study has one set of levels a factor: this one's.
    here = optuna.trial.FixedTrial(dict(frozen.params))
    space.suggest(here)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return optuna.trial.create_trial(
            params=frozen.params, distributions=here.distributions, values=frozen.values,
            intermediate_values=frozen.intermediate_values, user_attrs={WARM: mark}, system_attrs=frozen.system_attrs,
        )  # fmt: skip
