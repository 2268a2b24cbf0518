"""What happens to trials whose process is gone, slept too long, or was ended."""

from collections.abc import Callable

import pytest
from optuna.trial import TrialState

from support.studies import ELSEWHERE, GOAL, GONE, SPACE, jobs_of, outcome, search, states, work_off
from synthsweep.storage.leases import CLAIMS
from synthsweep.study.optuna_storage import StudyStore
from synthsweep.study.queue.search_queue import SearchQueue

COMPLETE, FAIL, RUNNING, PRUNED = TrialState.COMPLETE, TrialState.FAIL, TrialState.RUNNING, TrialState.PRUNED


def expire_claims(store: StudyStore) -> None:
    """Dates every claim back, as if its owner had not renewed it for years."""
    with store.leases.engine.begin() as connection:
        connection.execute(CLAIMS.update().values(renewed=0.0))


def test_a_trial_whose_process_is_gone_fails_and_is_proposed_again(open_store: Callable[..., StudyStore]) -> None:
    """With the same values under the next number; the trial of a living process goes on."""

    dead, live = open_store(), open_store()
    dead.leases.owner = GONE
    kept, lost = search(live).next_job(), search(dead).next_job()
    queue = search(open_store())
    again = queue.next_job()

    assert lost
    assert kept
    assert again
    assert states(live) == [RUNNING, FAIL, RUNNING]
    assert (lost.trial.assignment, 2) == (again.trial.assignment, again.trial.number)
    assert live.study.trials[2].user_attrs == {"retries": 1, "retry_of": 1}
    assert live.study.trials[1].user_attrs["failure"] == "its process is gone"
    assert queue.counts().elsewhere == 1


@pytest.mark.slow
def test_a_trial_that_kills_its_process_is_proposed_again_only_so_often(open_store: Callable[..., StudyStore]) -> None:
    """As often as `max_retries` allows."""

    proposed = []
    for turn in range(5):
        store = open_store()
        store.leases.owner = f"{GONE}{turn}"
        job = search(store, 9, max_retries=2).next_job()
        assert job
        proposed.append(job.trial.assignment)
        last = store

    assert proposed[0] == proposed[1] == proposed[2]
    assert proposed[3] not in proposed[:3]
    assert [trial.user_attrs.get("retry_of") for trial in last.study.trials] == [None, 0, 1, None, 3]


def test_a_process_that_is_killed_between_asking_and_claiming_leaves_no_trial_behind(
    open_store: Callable[..., StudyStore],
) -> None:
    """Without values there is nothing to propose again."""

    store = open_store()
    store.study.ask()
    done = work_off(search(open_store(), 2, seeds=(1,)), lambda job: 0.5)

    assert states(store) == [FAIL, COMPLETE, COMPLETE]
    assert [job.trial.number for job in done] == [1, 2]


def test_a_long_search_looks_for_stale_trials(open_store: Callable[..., StudyStore]) -> None:
    """The trial of a terminal that dies in the meantime is proposed again without a new command."""

    queue, dead = search(open_store(), 2, seeds=(1,)), open_store()
    dead.leases.owner = GONE
    lost = SearchQueue(dead, SPACE, GOAL, (1,), 2).next_job()
    queue._stale_checked -= 3600
    again = queue.next_job()

    assert lost
    assert again
    assert lost.trial.assignment == again.trial.assignment


def test_a_released_trial_is_proposed_again(open_store: Callable[..., StudyStore]) -> None:
    """Ctrl-C does not count as a failure of the trial: it costs no retry."""

    first = search(open_store(), 1)
    one, two = jobs_of(first)
    first.release(one)
    first.release(two)
    second = search(open_store(), 1)
    again = second.next_job()

    assert again
    assert one.trial.assignment == again.trial.assignment
    assert states(first.store) == [FAIL, RUNNING]
    assert first.store.study.trials[1].user_attrs["retries"] == 0


@pytest.mark.parametrize("pruning", ["", "replicate"])
def test_a_process_that_slept_too_long_loses_its_trial_quietly(open_store: Callable[..., StudyStore], pruning: str) -> None:
    """Another process failed and repeated it: late outcomes are ignored."""

    late, store = open_store(), open_store()
    late.leases.owner = ELSEWHERE
    sleeper = search(late, 1, pruning=pruning)
    jobs = list(jobs_of(sleeper))
    expire_claims(store)
    awake = search(store, 1, pruning=pruning)
    work_off(awake, lambda job: 0.5)
    for job in jobs:
        sleeper.record(job, outcome(0.99))

    assert states(store) == [FAIL, COMPLETE]
    assert store.study.best_value == 0.5
    assert sleeper.next_job() is None


def test_a_failure_that_comes_too_late_changes_nothing(open_store: Callable[..., StudyStore]) -> None:
    """The trial has failed already, for another reason."""

    late, store = open_store(), open_store()
    late.leases.owner = ELSEWHERE
    sleeper = search(late, 1, seeds=(1,))
    (job,) = jobs_of(sleeper)
    expire_claims(store)
    work_off(search(store, 1, seeds=(1,)), lambda job: 0.5)
    sleeper.fail(job, "too late")

    assert store.study.trials[0].user_attrs["failure"] == "its process is gone"
