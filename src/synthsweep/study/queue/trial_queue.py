"""The work of a study as jobs, each one replicate of a trial; pure."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Protocol

from synthsweep.study.design.objective import Metrics
from synthsweep.study.design.space import Assignment


@dataclass(frozen=True)
class Outcome:
    """The result of a replicate; `pruned` is the reason why a pruner ended it, else empty."""

    run_id: str
    key: str
    metrics: Metrics
    seconds: float
    reused: bool = False
    pruned: str = ""

    def plain(self) -> dict[str, Any]:
        """As JSON values, in which form it is passed between processes."""
        return {**vars(self), "metrics": dict(self.metrics)}


# The names of claims on the trials of a search begin so.
TRIALS = "trial:"


def trial_item(number: int) -> str:
    """The name of the claim on a trial of a search."""
    return f"{TRIALS}{number}"


@dataclass
class Trial:
    """One configuration and the outcomes of its replicates so far; `item` is its name in the table of claims."""

    number: int
    assignment: Assignment
    item: str = ""
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    started: set[int] = field(default_factory=set)
    state: str = "open"
    reason: str = ""
    values: tuple[float, ...] | None = None
    feasible: bool = True

    def metrics(self) -> list[Metrics]:
        """The metrics of each finished replicate, in the order of the seeds."""
        return [self.outcomes[replicate].metrics for replicate in sorted(self.outcomes)]


@dataclass(frozen=True)
class StudyTrials:
    """The trials of a study when its command ends; a trial's values are those of `objectives`, in their order."""

    name: str
    objectives: tuple[str, ...]
    trials: tuple[Trial, ...] = ()


def in_words(assignment: Assignment) -> str:
    """`ratio=0.5 learning_rate=3.142e-05`: for a table, with the last part of a key where that is unique."""
    leaves = Counter(key.rpartition(".")[2] for key in assignment)
    names = {key: leaf if leaves[leaf] == 1 else key for key, leaf in ((key, key.rpartition(".")[2]) for key in assignment)}
    texts = {key: f"{value:.4g}" if isinstance(value, float) else str(value) for key, value in assignment.items()}
    return " ".join(f"{names[key]}={text}" for key, text in texts.items())


@dataclass(frozen=True)
class Job:
    """One replicate of one trial; the same replicate of every other trial has the same seed."""

    trial: Trial
    replicate: int
    seed: int
    attempt: int = 1


@dataclass(frozen=True)
class Counts:
    """How many replicates a study has; `elsewhere` run in another terminal or on another host.

    `undecided`: when they are done, a look at them decides whether more follow.
    """

    planned: int
    done: int
    elsewhere: int = 0
    undecided: bool = False

    @property
    def finished(self) -> bool:
        """Whether nothing is left to do."""
        return self.done >= self.planned and not self.undecided


class TrialQueue(Protocol):
    """Decides what runs next; nothing else differs between the two designs."""

    def next_job(self) -> Job | None:
        """A job that can start now, claimed for this process; None where there is none at the moment."""

    def record(self, job: Job, outcome: Outcome) -> None:
        """Records the outcome of a job, and closes its trial after the last one."""

    def fail(self, job: Job, reason: str) -> None:
        """Records that a job failed for good."""

    def release(self, job: Job) -> None:
        """Leaves a job that was begun here to another process or to the next command."""

    def counts(self) -> Counts:
        """How many replicates are planned and finished, those of other terminals included."""

    def trials(self) -> list[Trial]:
        """Every trial that this process knows, finished ones of earlier commands included."""

    def awaits_others(self) -> bool:
        """Whether work may follow from what another process does now."""
