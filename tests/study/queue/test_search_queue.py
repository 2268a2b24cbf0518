"""The queue of a search: how many trials, in which order, and what happens to those that fail."""

from collections.abc import Callable
from typing import Any

import optuna
import pytest
from optuna.trial import TrialState

from support.studies import AP, choice, jobs_of, outcome, search, states, work_off
from synthsweep.errors import StudyError
from synthsweep.study.design.objective import Goal
from synthsweep.study.design.space import Condition, Range, Space
from synthsweep.study.optuna_storage import StudyStore
from synthsweep.study.queue.trial_queue import Counts
from synthsweep.study.queue.warm_start import enqueue

COMPLETE, FAIL, RUNNING, PRUNED = TrialState.COMPLETE, TrialState.FAIL, TrialState.RUNNING, TrialState.PRUNED


def test_each_trial_runs_with_every_seed_before_the_next_is_proposed(open_store: Callable[..., StudyStore]) -> None:
    """Optuna gets the mean, and proposes from it."""

    store = open_store()
    queue = search(store)
    done = work_off(queue, lambda job: job.seed / 10 + job.trial.number)

    assert [(job.trial.number, job.seed) for job in done] == [(n, seed) for n in range(3) for seed in (1, 2)]
    assert [trial.value for trial in store.study.trials] == [pytest.approx(n + 0.15) for n in range(3)]
    assert queue.counts() == Counts(6, 6)
    assert [trial.state for trial in queue.trials()] == ["complete"] * 3


def test_workers_at_once_get_replicates_first_and_then_other_trials(open_store: Callable[..., StudyStore]) -> None:
    """All jobs can start at once, and all differ."""

    queue = search(open_store(), 2)

    assert [(job.trial.number, job.replicate) for job in jobs_of(queue)] == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert queue.counts() == Counts(4, 0)


def test_complete_and_pruned_trials_of_earlier_commands_count(open_store: Callable[..., StudyStore]) -> None:
    """The next command does the rest under the next numbers; n_trials may be raised later."""

    first = search(open_store(), 2, seeds=(1,))
    for job, pruned in zip(jobs_of(first), ["", "worse"], strict=False):
        first.record(job, outcome(0.5, pruned=pruned))
    second = search(open_store(), 4, seeds=(1,))
    before = second.counts()
    rest = work_off(second, lambda job: 0.25)
    third = search(open_store(), 4, seeds=(1,))
    fewer = search(open_store(), 3, seeds=(1,))

    assert fewer.counts() == Counts(4, 4)
    assert (before, [job.trial.number for job in rest]) == (Counts(4, 2), [2, 3])
    assert list(jobs_of(third)) == []
    assert [(trial.state, trial.values) for trial in third.trials()] == [
        ("complete", (0.5,)),
        ("pruned", None),
        ("complete", (0.25,)),
        ("complete", (0.25,)),
    ]
    assert third.counts() == Counts(4, 4)


def test_failed_trials_do_not_loop_for_ever(open_store: Callable[..., StudyStore]) -> None:
    """A command tries n_trials of them; the next command tries as many as are missing."""

    store = open_store()
    first = search(store, 3, seeds=(1,))
    for job in jobs_of(first):
        if job.trial.number == 1:
            first.record(job, outcome(0.5))
        else:
            first.fail(job, "out of memory")
    again = work_off(search(open_store(), 3, seeds=(1,)), lambda job: 0.5)

    assert states(store) == [FAIL, COMPLETE, FAIL, COMPLETE, COMPLETE]
    assert [job.trial.number for job in again] == [3, 4]
    assert store.study.trials[0].user_attrs["failure"] == first.trials()[0].reason == "out of memory"


def test_trials_without_a_value_do_not_loop_for_ever(open_store: Callable[..., StudyStore]) -> None:
    """An objective that is never defined fails every trial."""

    queue = search(open_store(), 3)
    done = work_off(queue, lambda job: None)

    assert len(done) == 6
    assert [(trial.state, trial.reason) for trial in queue.trials()] == [("failed", f"{AP} is undefined")] * 3
    assert queue.counts() == Counts(6, 0)


def test_the_other_replicates_of_a_failed_trial_change_nothing(open_store: Callable[..., StudyStore]) -> None:
    """They may be running when the first one fails, and fail too."""

    store = open_store()
    queue = search(store, 1, seeds=(1, 2, 3))
    one, two, three = jobs_of(queue)
    queue.fail(one, "the first reason")
    queue.fail(two, "another")
    queue.record(three, outcome(0.5))
    queue.release(three)

    assert states(store) == [FAIL]
    assert store.study.trials[0].user_attrs["failure"] == "the first reason"
    assert queue.next_job() is None


def test_a_factor_that_does_not_act_is_not_proposed(open_store: Callable[..., StudyStore]) -> None:
    """Nor shown with the trial."""

    space = Space((choice("llm", "none", "a"), Range("t", 0.0, 1.0)), {"t": (Condition("llm", ("a",)),)})
    store = open_store()
    enqueue(store, space, [{"llm": "none"}, {"llm": "a"}])
    done = work_off(search(store, 2, seeds=(1,), space=space), lambda job: 0.5)

    assert [set(job.trial.assignment) for job in done] == [{"llm"}, {"llm", "t"}]
    assert [set(trial.params) for trial in store.study.trials] == [{"llm"}, {"llm", "t"}]


def test_optuna_gets_every_objective(open_store: Callable[..., StudyStore]) -> None:
    """Each with its own direction."""

    goal = Goal((AP, "time/train"), ("maximize", "minimize"))
    store = open_store(goal)
    queue = search(store, 2, seeds=(1,), goal=goal)
    for job in jobs_of(queue):
        queue.record(job, outcome(0.5, time__train=9.0 - job.trial.number))

    assert [trial.values for trial in store.study.trials] == [[0.5, 9.0], [0.5, 8.0]]
    assert [trial.number for trial in store.study.best_trials] == [1]


@pytest.mark.parametrize("grid", ["GridSampler", "BruteForceSampler"])
def test_a_sampler_that_has_tried_everything_ends_the_search(open_store: Callable[..., StudyStore], grid: str) -> None:
    """Each point once; the last trial is closed like any other, and no more are planned."""

    space = Space((choice("llm", "a", "b"), choice("mix.ratio", 0.5, 1.0)))
    store = open_store()
    levels = {"search_space": {"llm": ["a", "b"], "mix.ratio": [0.5, 1.0]}} if grid == "GridSampler" else {}
    store.study.sampler = getattr(optuna.samplers, grid)(seed=1, **levels)
    queue = search(store, 9, seeds=(1,), space=space)
    done = work_off(queue, lambda job: 0.5)

    assert {tuple(job.trial.assignment.values()) for job in done} == {("a", 0.5), ("a", 1.0), ("b", 0.5), ("b", 1.0)}
    assert states(store) == [COMPLETE] * 4
    assert queue.counts() == Counts(4, 4)


class Unfinished(optuna.samplers.RandomSampler):
    """A sampler whose library is not installed, which shows only when it proposes."""

    def sample_independent(self, *arguments: Any) -> Any:
        raise ImportError("pip install a-library")


def test_a_sampler_that_lacks_a_library_is_one_line_and_leaves_no_open_trial(open_store: Callable[..., StudyStore]) -> None:
    """The trial that it was to fill has failed."""

    store = open_store()
    store.study.sampler = Unfinished()

    with pytest.raises(StudyError, match=r"^hydra\.sweeper\.sampler=Unfinished: pip install a-library$"):
        search(store).next_job()

    assert states(store) == [FAIL]
    assert store.leases.alive() == {}
