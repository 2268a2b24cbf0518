"""Small studies for tests: factors, goals, definitions, outcomes, owners that are gone."""

import os
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from optuna.trial import TrialState

from synthsweep.study.design.definition import Definition
from synthsweep.study.design.factorial import plan_cells
from synthsweep.study.design.objective import Goal
from synthsweep.study.design.space import Choice, Range, Space, Value
from synthsweep.study.optuna_storage import StudyStore
from synthsweep.study.queue.factorial_queue import FactorialQueue
from synthsweep.study.queue.search_queue import SearchQueue
from synthsweep.study.queue.trial_queue import Job, Outcome, TrialQueue

AP = "dev/average_precision/macro"
GOAL = Goal((AP,), ("maximize",))
# This process's number, but another start: a process of this host that is no more.
GONE = f"{socket.gethostname()}|{os.getpid()}|0.00|gone"
# Of a host that nobody here can look into.
ELSEWHERE = "another-host|1|0.00|there"


def choice(key: str, *levels: Value) -> Choice:
    """A factor whose levels are written as Python writes them."""
    return Choice(key, levels, tuple(str(level) for level in levels))


LLM_RATIO = Space((choice("llm", "a", "b"), choice("mix.ratio", 0.5, 1.0)))
SPACE = Space((choice("llm", "a", "b"), Range("lr", 0.0, 1.0)))


def definition(**changes: Any) -> Definition:
    """A definition that says nothing in particular, but for the changes."""
    plain = Definition(
        design="search",
        space={"llm": "choice(a, b)"},
        objectives=(f"maximize {AP}",),
        constraints=(),
        aggregate="mean",
        seeds=(1, 2),
        pruner="",
        fixed={"training.epochs": 3},
    )
    return replace(plain, **changes)


def outcome(value: float | None, *, run_id: str = "run", pruned: str = "", **metrics: float | None) -> Outcome:
    """A replicate with this average precision; other metrics by their name with __ for the slash."""
    more = {name.replace("__", "/"): number for name, number in metrics.items()}
    return Outcome(run_id, f"key of {run_id}", {AP: value, **more}, 1.0, pruned=pruned)


def jobs_of(queue: TrialQueue) -> Iterator[Job]:
    """The jobs that can start now."""
    while (job := queue.next_job()) is not None:
        yield job


def work_off(queue: TrialQueue, score: Callable[[Job], float | None]) -> list[Job]:
    """Does what is to be done, one job after the other; returns the jobs."""
    done: list[Job] = []
    for job in jobs_of(queue):
        queue.record(job, outcome(score(job)))
        done.append(job)
    return done


def factorial(
    store: StudyStore, *, goal: Goal = GOAL, seeds: tuple[int, ...] = (1, 2), space: Space = LLM_RATIO
) -> FactorialQueue:
    return FactorialQueue(store, space, goal, plan_cells(space, str), seeds)


def names(jobs: list[Job]) -> list[tuple[int, int]]:
    return [(job.trial.number, job.seed) for job in jobs]


def score(job: Job) -> float:
    return float(f"0.{job.trial.number}{job.seed}")


def search(store: StudyStore, n_trials: int = 3, *, seeds: tuple[int, ...] = (1, 2), **more: Any) -> SearchQueue:
    given: dict[str, Any] = {"space": SPACE, "goal": GOAL, **more}
    space, goal = given.pop("space"), given.pop("goal")
    return SearchQueue(store, space, goal, seeds, n_trials, **given)


def states(store: StudyStore) -> list[TrialState]:
    return [trial.state for trial in store.study.trials]
