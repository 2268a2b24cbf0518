"""The work of a study in pieces: a job is one replicate of a trial; pure."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Protocol

from synthsweep.study.design.objective import Metrics
from synthsweep.study.design.space import Assignment


@dataclass(frozen=True)
class Outcome:
    """What came of a replicate; `pruned` says why a pruner ended it, and is empty otherwise."""

    run_id: str
    key: str
    metrics: Metrics
    seconds: float
    reused: bool = False
    pruned: str = ""

    def plain(self) -> dict[str, Any]:
        """As JSON keeps it, and as it travels between processes."""
        return {**vars(self), "metrics": dict(self.metrics)}


@dataclass
class Trial:
    """One configuration and what is known of its replicates so far; `item` names it in the table of claims."""

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
        """Of the finished replicates, in the order of their seeds."""
        return [self.outcomes[replicate].metrics for replicate in sorted(self.outcomes)]


def in_words(assignment: Assignment) -> str:
    """`ratio=0.5 learning_rate=3.142e-05`: for a table, with no more of a key than tells it from the others."""
    leaves = Counter(key.rpartition(".")[2] for key in assignment)
    names = {key: leaf if leaves[leaf] == 1 else key for key, leaf in ((key, key.rpartition(".")[2]) for key in assignment)}
    texts = {key: f"{value:.4g}" if isinstance(value, float) else str(value) for key, value in assignment.items()}
    return " ".join(f"{names[key]}={text}" for key, text in texts.items())


@dataclass(frozen=True)
class Job:
    """One replicate of one trial, with the seed that its arms share."""

    trial: Trial
    replicate: int
    seed: int
    attempt: int = 1


@dataclass(frozen=True)
class Counts:
    """Replicates of a study; `elsewhere` run in another terminal or on another host."""

    planned: int
    done: int
    elsewhere: int = 0


class TrialQueue(Protocol):
    """What is to be done next; the two designs differ in nothing else."""

    def next_job(self) -> Job | None:
        """A job that can start now, claimed for this process; None if there is none at the moment."""

    def record(self, job: Job, outcome: Outcome) -> None:
        """Takes in what came of a job, and closes its trial if that was the last."""

    def fail(self, job: Job, reason: str) -> None:
        """Takes in that there will be no outcome."""

    def release(self, job: Job) -> None:
        """Lets another process, or the next command, do a job that was begun here."""

    def counts(self) -> Counts:
        """How far the study is, other terminals included."""

    def trials(self) -> list[Trial]:
        """Every trial that this process knows, finished ones of earlier commands included."""
