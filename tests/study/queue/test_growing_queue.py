"""The queue of a study that gets seeds until its rule stops, used by one process or by several."""

from collections.abc import Callable, Sequence

import pytest
from optuna.trial import TrialState

from support.studies import GOAL, GONE, LLM_RATIO, factorial, jobs_of, outcome, score, work_off
from synthsweep.errors import StudyError
from synthsweep.storage.leases import CLAIMS
from synthsweep.study.design.factorial import plan_cells
from synthsweep.study.design.seed_rule import Look, seeds_from
from synthsweep.study.optuna_storage import StudyStore
from synthsweep.study.queue.factorial_queue import FactorialQueue
from synthsweep.study.queue.growing_queue import LOOK, GrowingQueue, following, kept_looks

Stores = Callable[..., StudyStore]
# Two seeds at first, then three, then four and no more.
STEPS = {2: (3, ""), 3: (4, ""), 4: (4, "reached")}


def growing(store: StudyStore, taken: list[int] | None = None) -> GrowingQueue:
    """`taken` gets the number of seeds of each look that this process takes."""

    def look(seeds: int, earlier: Sequence[Look]) -> Look:
        (taken if taken is not None else []).append(seeds)
        then, reason = STEPS[seeds]
        return Look(seeds, then, reason, "f1", ())  # type: ignore[arg-type]

    looks = kept_looks(store.leases)
    cells = FactorialQueue(
        store, LLM_RATIO, GOAL, plan_cells(LLM_RATIO, str), seeds_from(1, following(looks, 2)),
        open_ended=not (looks and looks[-1].stops),
    )  # fmt: skip
    return GrowingQueue(cells, looks, look)


def test_seeds_are_added_to_all_cells_until_the_rule_stops(open_store: Stores) -> None:
    """Block by block; trials stay open until then, with the mean of all of their seeds at the end."""
    store, taken = open_store(), list[int]()
    queue = growing(store, taken)

    done = work_off(queue, score)

    assert taken == [2, 3, 4]
    assert [job.seed for job in done] == [seed for seed in (1, 2, 3, 4) for _ in range(4)]
    assert {trial.state for trial in queue.trials()} == {"complete"}
    assert {trial.state for trial in store.study.trials} == {TrialState.COMPLETE}
    assert (queue.counts().planned, queue.counts().finished) == (16, True)


def test_a_study_between_two_looks_is_not_finished(open_store: Stores) -> None:
    """All that was planned is done, but what follows is not decided."""
    queue = growing(open_store())
    jobs = [queue.next_job() for _ in range(8)]
    for job in jobs:
        assert job is not None
        queue.record(job, outcome(0.5))

    assert (queue.counts().done, queue.counts().planned, queue.counts().finished) == (8, 8, False)
    assert {trial.state for trial in queue.trials()} == {"open"}


def test_what_other_processes_decided_is_known_to_one_that_only_looks_on(open_store: Stores) -> None:
    """It takes no look itself."""
    taken = list[int]()
    onlooker = growing(open_store(), taken)
    work_off(growing(open_store()), score)

    trials = onlooker.trials()

    assert (taken, [look.seeds for look in onlooker.looks]) == ([], [2, 3, 4])
    assert (onlooker.counts().done, onlooker.counts().finished) == (16, True)
    assert {trial.state for trial in trials} == {"complete"}


@pytest.mark.slow
def test_a_killed_study_goes_on_with_the_decisions_that_it_made(open_store: Stores) -> None:
    """Wherever it was killed: each look is taken once over all commands."""
    taken, done = list[int](), 0

    for jobs in (3, 5, 4, 0, 9, 9):
        queue = growing(open_store(), taken)
        for job, _ in zip(jobs_of(queue), range(jobs), strict=False):
            queue.record(job, outcome(0.5))
            done += 1
        # What is claimed and not recorded is free once its process is gone.
        with queue.cells.store.leases.engine.begin() as connection:
            connection.execute(CLAIMS.update().where(CLAIMS.c.state == "held").values(owner=GONE, renewed=0.0))

    last = growing(open_store(), taken)
    assert (taken, done) == ([2, 3, 4], 16)
    assert ([look.seeds for look in last.looks], last.counts().finished) == ([2, 3, 4], True)
    assert work_off(last, score) == []


def test_processes_that_share_a_study_decide_once(open_store: Stores) -> None:
    """Whoever finishes last takes the look; the other one waits for it, and goes on with what follows."""
    taken: list[int] = []
    one, other = growing(open_store(), taken), growing(open_store(), taken)
    jobs = [one.next_job() for _ in range(7)]
    last = other.next_job()
    assert last is not None
    assert other.next_job() is None
    for job in jobs:
        assert job is not None
        one.record(job, outcome(0.5))
    waits = (one.next_job(), one.awaits_others(), taken.copy())
    other.record(last, outcome(0.5))

    following_jobs = [queue.next_job() for queue in (one, other, one, other)]

    assert waits == (None, True, [])
    assert taken == [2]
    assert len({job.trial.number for job in following_jobs if job}) == 4
    assert {job.seed for job in following_jobs if job} == {3}


def test_a_look_of_a_process_that_was_killed_is_taken_by_another(open_store: Stores) -> None:
    store, taken = open_store(), list[int]()
    work_off(factorial(store), score)
    with store.leases.engine.begin() as connection:
        row = {"study": store.name, "item": f"{LOOK}2", "owner": GONE, "renewed": 0.0, "state": "held", "note": "null"}
        connection.execute(CLAIMS.insert().values(row))

    job = growing(store, taken).next_job()

    assert taken == [2]
    assert job is not None
    assert job.seed == 3


def test_a_look_that_fails_leaves_the_decision_to_the_next_command(open_store: Stores) -> None:
    """As when the tracking store does not answer."""
    store, taken = open_store(), list[int]()
    work_off(factorial(store), score)
    failing = growing(store)

    def fail(seeds: int, earlier: Sequence[Look]) -> Look:
        raise StudyError("the tracking store lacks runs")

    failing.take_look = fail
    with pytest.raises(StudyError, match="lacks runs"):
        failing.next_job()

    assert growing(store, taken).next_job() is not None
    assert taken == [2]


def test_a_failed_replicate_is_followed_by_no_look(open_store: Stores) -> None:
    """The rule would decide by less than it asked for."""
    taken: list[int] = []
    queue = growing(open_store(), taken)

    for number, job in enumerate(jobs_of(queue)):
        if number == 3:
            queue.fail(job, "too little memory")
        else:
            queue.record(job, outcome(0.5))

    assert taken == []
    assert not queue.awaits_others()
    assert not queue.counts().finished
