"""The queue of a factorial study, used by one process or by several."""

from collections import Counter
from collections.abc import Callable

import pytest
from optuna.trial import TrialState

from support.studies import AP, ELSEWHERE, GOAL, GONE, LLM_RATIO, choice, factorial, jobs_of, names, outcome, score, work_off
from synthsweep.storage.leases import CLAIMS
from synthsweep.study.design.factorial import plan_cells
from synthsweep.study.design.objective import Goal, parse_constraint
from synthsweep.study.design.space import Space
from synthsweep.study.optuna_storage import StudyStore
from synthsweep.study.queue.factorial_queue import FactorialQueue
from synthsweep.study.queue.trial_queue import Counts, Job, Outcome

CELLS = plan_cells(LLM_RATIO, str)


def test_every_cell_runs_with_every_seed_block_by_block(open_store: Callable[..., StudyStore]) -> None:
    """All cells with the first seed, then all with the second; each cell is a trial with its mean."""

    store = open_store()
    queue = factorial(store)
    done = work_off(queue, score)

    assert Counter(names(done)) == {(number, seed): 1 for number in range(4) for seed in (1, 2)}
    assert [job.seed for job in done] == [1] * 4 + [2] * 4
    assert [trial.value for trial in store.study.trials] == [
        pytest.approx((score(Job(t, 0, 1)) + score(Job(t, 0, 2))) / 2) for t in queue.trials()
    ]
    assert [trial.params for trial in store.study.trials] == [cell.assignment for cell in CELLS]
    assert queue.counts() == Counts(8, 8)


def test_trials_are_there_from_the_beginning(open_store: Callable[..., StudyStore]) -> None:
    """Optuna's dashboard shows what waits; a cell's trial is closed with its last seed."""

    store = open_store()
    queue = factorial(store)
    waiting = {trial.state for trial in store.study.trials}
    first = queue.next_job()
    assert first
    queue.record(first, outcome(0.5))

    assert waiting == {trial.state for trial in store.study.trials} == {TrialState.WAITING}
    assert queue.counts() == Counts(8, 1)


def test_a_second_command_does_what_is_left(open_store: Callable[..., StudyStore]) -> None:
    """Under the same trial numbers; a third command has nothing to do, but shows all trials."""

    first = factorial(open_store())
    began = [job for _, job in zip(range(3), jobs_of(first), strict=False)]
    for job in began:
        first.record(job, outcome(score(job)))
    second = factorial(open_store())
    rest = work_off(second, score)
    third = factorial(open_store())

    assert {*names(began), *names(rest)} == {(number, seed) for number in range(4) for seed in (1, 2)}
    assert len(began) + len(rest) == 8
    assert work_off(third, score) == []
    assert [trial.values for trial in second.trials()] == [trial.values for trial in third.trials()]
    assert {trial.state for trial in third.trials()} == {"complete"}
    assert third.counts() == Counts(8, 8)


def test_a_trial_that_a_killed_command_left_open_is_closed_by_the_next(open_store: Callable[..., StudyStore]) -> None:
    """All outcomes are in the table of claims."""

    store = open_store()
    first = factorial(store)
    for job in jobs_of(first):
        store.leases.finish(f"{job.trial.item}/{job.seed}", outcome(0.5).plain())
    store.storage.set_trial_state_values(store.storage_id(2), TrialState.RUNNING)

    second = factorial(open_store())

    assert list(jobs_of(second)) == []
    assert {trial.state for trial in store.study.trials} == {TrialState.COMPLETE}


def test_cells_that_the_storage_lacks_are_added(open_store: Callable[..., StudyStore]) -> None:
    """A command that was killed while it added them leaves some out; the others get the next numbers."""

    store = open_store()
    FactorialQueue(store, LLM_RATIO, GOAL, CELLS[1:3], (1, 2))
    later = factorial(open_store())

    assert [trial.number for trial in later.trials()] == [2, 0, 1, 3]
    assert [trial.params for trial in store.study.trials] == [CELLS[n].assignment for n in (1, 2, 0, 3)]


def test_an_undefined_objective_leaves_the_trial_complete_for_every_command(open_store: Callable[..., StudyStore]) -> None:
    """With the reason: its runs are there to compare. Only Optuna, which keeps none without a value, has it as failed."""

    for _ in range(2):
        queue = factorial(open_store(), space=Space((choice("llm", "a"),)))
        work_off(queue, lambda job: None if job.seed == 2 else 0.5)

    (trial,) = queue.trials()
    assert (trial.state, trial.feasible, trial.values, trial.reason) == ("complete", True, None, f"{AP} is undefined")
    assert [frozen.state for frozen in queue.store.study.trials] == [TrialState.FAIL]


def test_a_constraint_that_does_not_hold_makes_a_trial_infeasible_for_every_command(
    open_store: Callable[..., StudyStore],
) -> None:
    """Optuna's storage holds the violation once."""

    goal = Goal((AP,), ("maximize",), (parse_constraint("time/train <= 5"),))
    first = factorial(open_store(goal), goal=goal, seeds=(1,))
    for job in jobs_of(first):
        first.record(job, outcome(0.5, time__train=4.0 + job.trial.number))
    second = factorial(open_store(goal), goal=goal, seeds=(1,))

    assert [trial.feasible for trial in second.trials()] == [True, True, False, False]
    assert [trial.constraints["time/train <= 5"] for trial in first.store.study.trials] == [-1.0, 0.0, 1.0, 2.0]


def test_what_fails_is_not_tried_again_until_the_next_command(open_store: Callable[..., StudyStore]) -> None:
    """The others go on, and the next command tries it once more."""

    first = factorial(open_store())
    tried = []
    for job in jobs_of(first):
        tried.append(job)
        first.fail(job, "out of memory")
    second = factorial(open_store())
    again = work_off(second, score)

    assert len(tried) == len(set(names(tried))) == len(again) == 8
    assert first.counts() == Counts(8, 0)
    assert first.trials()[0].reason == "out of memory"


def test_a_released_job_is_done_by_the_next_command(open_store: Callable[..., StudyStore]) -> None:
    """Ctrl-C costs only what was running."""

    first = factorial(open_store())
    job = first.next_job()
    assert job
    first.release(job)

    assert len(work_off(factorial(open_store()), score)) == 8


def test_the_jobs_of_a_process_that_is_gone_are_done_by_another(open_store: Callable[..., StudyStore]) -> None:
    """At once, because the process was on this host."""

    dead = open_store()
    dead.leases.owner = GONE
    list(jobs_of(factorial(dead)))

    assert len(work_off(factorial(open_store()), score)) == 8


def test_a_job_that_was_taken_over_while_a_process_slept_is_not_counted_twice(open_store: Callable[..., StudyStore]) -> None:
    """The late outcome changes nothing."""

    store, late = open_store(), open_store()
    late.leases.owner = ELSEWHERE
    sleeper = factorial(late, seeds=(1,))
    slept = list(jobs_of(sleeper))
    with store.leases.engine.begin() as connection:
        connection.execute(CLAIMS.update().where(CLAIMS.c.owner == ELSEWHERE).values(renewed=0.0))
    awake = factorial(store, seeds=(1,))
    work_off(awake, score)
    for job in slept:
        sleeper.record(job, outcome(0.99))

    assert [trial.value for trial in store.study.trials] == [score(Job(trial, 0, 1)) for trial in awake.trials()]
    assert slept[0].trial.outcomes == {}


def test_a_terminal_tries_what_failed_in_another(open_store: Callable[..., StudyStore]) -> None:
    """Each terminal tries once, then both end."""

    one, other = factorial(open_store(), seeds=(1,)), factorial(open_store(), seeds=(1,))
    mine = one.next_job()
    assert mine
    others = work_off(other, score)
    waiting = other.counts()
    one.fail(mine, "no memory here")
    again = other.next_job()
    assert again
    other.fail(again, "nor here")

    assert (len(others), waiting) == (3, Counts(4, 3, elsewhere=1))
    assert mine.trial.number == again.trial.number
    assert (one.next_job(), other.next_job()) == (None, None)


def test_a_process_that_ends_early_counts_what_others_have_finished(open_store: Callable[..., StudyStore]) -> None:
    """It says how far the study is, not how far it knew it to be."""

    first, second = factorial(open_store()), factorial(open_store())
    job = next(jobs_of(first))
    work_off(second, score)
    first.record(job, outcome(0.5))
    first.trials()

    assert first.counts() == Counts(8, 8)


def test_an_outcome_keeps_its_run(open_store: Callable[..., StudyStore]) -> None:
    """The table of claims holds the id of its run."""

    queue = factorial(open_store(), seeds=(1,), space=Space((choice("llm", "a"),)))
    job = queue.next_job()
    assert job
    queue.record(job, outcome(0.5, run_id="r7"))

    (trial,) = factorial(open_store(), seeds=(1,), space=Space((choice("llm", "a"),))).trials()
    assert trial.outcomes == {0: Outcome("r7", "key of r7", {AP: 0.5}, 1.0)}


def test_a_level_that_was_typed_with_a_point_before_is_the_same_cell(open_store: Callable[..., StudyStore]) -> None:
    """Earlier versions told 1.0 from 1; what they finished is not computed again."""

    store = open_store()
    work_off(factorial(store), score)
    now = Space((choice("llm", "a", "b"), choice("mix.ratio", 0.5, 1)))
    again = factorial(open_store(), space=now)

    assert (again.next_job(), again.counts(), len(store.study.trials)) == (None, Counts(8, 8), 4)
