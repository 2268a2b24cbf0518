"""When pruners end the trials of a search."""

from collections.abc import Callable

import pytest
from hydra.utils import instantiate
from optuna.trial import TrialState

from support.studies import AP, GOAL, choice, jobs_of, outcome, work_off
from synthsweep.study.design.objective import Goal, parse_constraint
from synthsweep.study.design.space import Range, Space
from synthsweep.study.optuna_storage import StudyStore
from synthsweep.study.queue.search_queue import SearchQueue
from synthsweep.study.queue.trial_queue import Counts
from synthsweep.study.samplers import make_optuna

SPACE = Space((choice("llm", "a", "b"), Range("lr", 0.0, 1.0)))
TIGHT = Goal((AP,), ("maximize",), (parse_constraint("time/train <= 5"),))
SEEDS = (1, 2, 3, 4, 5, 6)
WILCOXON = {"_target_": "optuna.pruners.WilcoxonPruner", "p_threshold": 0.1}


def paired(open_store: Callable[..., StudyStore], goal: Goal = GOAL) -> StudyStore:
    return open_store(goal, pruner=make_optuna(WILCOXON, "pruner", instantiate))


def searching(store: StudyStore, n_trials: int, pruning: str, goal: Goal = GOAL) -> SearchQueue:
    return SearchQueue(store, SPACE, goal, SEEDS, n_trials, pruning)


def run_all(queue: SearchQueue, value: Callable[[int, int], float | None], slow: int = -1) -> list[tuple[int, int]]:
    """Does every job, with a value per trial and replicate; the trial `slow` takes longer than the constraint allows."""
    done = []
    for job in jobs_of(queue):
        done.append((job.trial.number, job.replicate))
        taken = 9.0 if job.trial.number == slow else 1.0
        queue.record(job, outcome(value(job.trial.number, job.replicate), time__train=taken))
    return done


def falling(number: int, replicate: int) -> float:
    """Each trial is worse than the one before it with every seed."""
    return 0.8 - 0.2 * number + 0.01 * replicate


def test_the_paired_test_prunes_a_trial_after_four_replicates(open_store: Callable[..., StudyStore]) -> None:
    """The first trial is complete; each one that is worse with all seeds costs four replicates."""

    store = paired(open_store)
    queue = searching(store, 3, "replicate")

    done = run_all(queue, falling)

    assert done == [(0, n) for n in range(6)] + [(t, n) for t in (1, 2) for n in range(4)]
    assert [trial.state for trial in store.study.trials] == [TrialState.COMPLETE, TrialState.PRUNED, TrialState.PRUNED]
    assert pytest.approx(store.study.trials[1].intermediate_values) == {0: 0.6, 1: 0.61, 2: 0.62, 3: 0.63}
    assert (queue.trials()[1].state, queue.trials()[1].reason) == ("pruned", "worse than the best so far after 4 replicates")
    assert queue.counts() == Counts(18, 18)


def test_a_trial_that_is_as_good_is_completed(open_store: Callable[..., StudyStore]) -> None:
    """So is one of which a replicate has no value: it fails at its end."""

    store = paired(open_store)

    done = run_all(searching(store, 3, "replicate"), lambda t, n: None if (t, n) == (2, 1) else 0.5 + 0.01 * ((t + n) % 2))

    assert done == [(t, n) for t in range(3) for n in range(6)]
    assert [trial.state for trial in store.study.trials] == [TrialState.COMPLETE, TrialState.COMPLETE, TrialState.FAIL]


def test_an_infeasible_trial_is_no_reference(open_store: Callable[..., StudyStore]) -> None:
    """However good it is: a worse trial may be the best feasible one."""

    store = paired(open_store, TIGHT)

    done = run_all(searching(store, 3, "replicate", TIGHT), falling, slow=0)

    assert done == [(t, n) for t in (0, 1) for n in range(6)] + [(2, n) for n in range(4)]
    assert store.study.best_trial.number == 1


def test_four_replicates_start_at_once_and_then_one_by_one(open_store: Callable[..., StudyStore]) -> None:
    """A fifth before the test might be wasted; other workers begin the next trial."""

    queue = searching(paired(open_store), 2, "replicate")
    first = [queue.next_job() for _ in range(4)]
    other = queue.next_job()
    for job in first[:3]:
        assert job
        queue.record(job, outcome(0.5))
    still_other = queue.next_job()
    assert first[3]
    queue.record(first[3], outcome(0.5))
    fifth, not_the_sixth = queue.next_job(), queue.next_job()

    pairs = [(job.trial.number, job.replicate) for job in (*first, other, still_other, fifth, not_the_sixth) if job]
    assert pairs == [(0, 0), (0, 1), (0, 2), (0, 3), (1, 0), (1, 1), (0, 4), (1, 2)]


def test_a_pruner_of_epochs_decides_on_the_first_replicate_alone(open_store: Callable[..., StudyStore]) -> None:
    """The others wait for it; a pruned trial has no others."""

    store = open_store()
    queue = searching(store, 2, "epoch")
    one, two = queue.next_job(), queue.next_job()
    assert one
    assert two
    nothing = queue.next_job()
    queue.record(one, outcome(None, pruned="pruned after epoch 3"))
    queue.record(two, outcome(0.5))
    rest = work_off(queue, lambda job: 0.5)

    assert [(one.trial.number, 0), (two.trial.number, 0), nothing] == [(0, 0), (1, 0), None]
    assert [(job.trial.number, job.replicate) for job in rest] == [(1, n) for n in range(1, 6)]
    assert [trial.state for trial in store.study.trials] == [TrialState.PRUNED, TrialState.COMPLETE]
    assert queue.trials()[0].reason == "pruned after epoch 3"
    assert store.study.trials[1].intermediate_values == {}


def test_another_terminal_knows_every_finished_trial(open_store: Callable[..., StudyStore]) -> None:
    """Complete, pruned, failed with the reason, and infeasible."""

    store = paired(open_store, TIGHT)
    queue = searching(store, 4, "replicate", TIGHT)
    for job in jobs_of(queue):
        if job.trial.number == 3:
            queue.fail(job, "out of memory")
        else:
            value = falling(job.trial.number, job.replicate)
            queue.record(job, outcome(value, time__train=9.0 if job.trial.number == 0 else 1.0))

    other = searching(open_store(TIGHT), 4, "replicate", TIGHT)

    assert [(trial.state, trial.feasible, trial.reason) for trial in other.trials()] == [
        ("complete", False, ""),
        ("complete", True, ""),
        ("pruned", True, ""),
        ("failed", True, "out of memory"),
    ]
    assert other.counts() == Counts(24, 18)
