"""How studies stand, read by somebody who works on none of them."""

import time
from collections.abc import Callable
from itertools import islice

import pytest

from support.studies import ELSEWHERE, GOAL, GONE, factorial, jobs_of, outcome, search, work_off
from synthsweep.errors import StudyError
from synthsweep.storage.leases import Leases
from synthsweep.study.optuna_storage import StudyStore
from synthsweep.study.queue.trial_queue import Job
from synthsweep.study.shared.begun import Begun, keep_begun, read_begun
from synthsweep.study.shared.state import StudyState, read_states
from synthsweep.study.shared.stop_request import ask_all_to_stop

Open = Callable[..., StudyStore]
BEGUN = Begun(("mix.ratio=0,1",), (), 3, "lab-1", "/work", "0.1.0", {"conf/prompt/mine.yaml": "variant: mine\n"}, {"RATE": "1"})


def state(address: str, name: str | None = "study", lease_s: float = 60.0) -> StudyState:
    (found,) = read_states(address, "the storage", lease_s, name)
    return found


def test_a_factorial_study_says_what_is_done_running_and_failed(open_store: Open, address: str) -> None:
    """Of eight replicates: two done, one failed, two in this process, since when; the rest at the mean length of those done."""
    queue = factorial(open_store(design="factorial"))
    jobs = list(islice(jobs_of(queue), 5))
    for job in jobs[:2]:
        queue.record(job, outcome(0.5))
    queue.fail(jobs[2], "out of memory")

    found = state(address)

    assert (found.design, found.done, found.planned, found.finished) == ("factorial", 2, 8, False)
    assert [(one.items, one.since is not None) for one in found.running] == [(2, True)]
    assert (found.stale, dict(found.failed or {})) == ((), {"out of memory": 1})
    assert found.seconds_left == pytest.approx((8 - 2) * 1.0 / 2)


def test_a_study_whose_replicates_are_done_is_finished(open_store: Open, address: str) -> None:
    work_off(factorial(open_store(design="factorial")), lambda job: 0.5)

    assert (state(address).finished, state(address).seconds_left) == (True, 0.0)


@pytest.mark.parametrize(
    ("owner", "lease_s", "running"),
    [(GONE, 60.0, 0), (ELSEWHERE, 60.0, 1), (ELSEWHERE, 0.001, 0)],
    ids=["gone", "elsewhere", "overdue"],
)
def test_work_of_a_process_that_is_gone_is_stale(
    open_store: Open, address: str, owner: str, lease_s: float, running: int
) -> None:
    """Gone at once where that can be seen, else once its claim has not been renewed for long."""
    store = open_store(design="factorial")
    cell = factorial(store).trials()[0].item
    other = Leases(store.leases.engine, "study", 60.0, owner)
    other.claim(f"{cell}/1")
    time.sleep(0.01)

    found = state(address, lease_s=lease_s)
    other.close()

    assert (len(found.running), len(found.stale)) == (running, 1 - running)


def test_a_search_counts_the_trials_that_were_asked_for(open_store: Open, address: str) -> None:
    """Trials that another process repeats are no failures; without a kept number of trials, how many are planned is unknown."""
    store = open_store()
    queue = search(store, 3)
    first = next(jobs_of(queue))
    queue.record(first, outcome(0.5))
    unknown = state(address)
    keep_begun(store.study, BEGUN)
    queue.release(first)
    known = state(address)
    for job in jobs_of(queue):
        (queue.fail if job.trial.number == 2 else done(queue))(job, "too large" if job.trial.number == 2 else None)

    assert (unknown.planned, unknown.done, unknown.running[0].items) == (None, 1, 1)
    assert (known.planned, known.done, known.running, dict(known.failed or {})) == (6, 0, (), {})
    assert dict(state(address).failed or {}) == {"too large": 1}


def done(queue: object) -> Callable[[Job, object], None]:
    return lambda job, _: queue.record(job, outcome(0.5))  # type: ignore[attr-defined]


def test_a_request_to_stop_is_shown(open_store: Open, address: str) -> None:
    open_store(design="factorial")
    ask_all_to_stop(address, "study", 60.0)

    assert state(address).stop["at"] == pytest.approx(time.time(), abs=60)


def test_studies_are_listed_in_the_order_in_which_they_began(open_store: Open, address: str) -> None:
    """One that Optuna alone made is left out, and cannot be asked for."""
    import optuna

    for name in ("z", "a"):
        open_store(GOAL, name=name)
    optuna.create_study(study_name="theirs", storage=open_store(GOAL, name="m").storage)

    assert [one.name for one in read_states(address, "the storage", 60.0)] == ["z", "a", "m"]
    with pytest.raises(StudyError, match="is not synthsweep's"):
        read_states(address, "the storage", 60.0, "theirs")


def test_an_unknown_study_has_a_suggestion(open_store: Open, address: str) -> None:
    open_store(name="ratio_response")

    with pytest.raises(StudyError, match=r"^study=ratio_respons: the storage has no .*; did you mean ratio_response\?$"):
        read_states(address, "the storage", 60.0, "ratio_respons")


def test_a_storage_that_is_not_there_has_no_studies_and_is_not_made(tmp_path: object) -> None:
    assert read_states(f"sqlite:///{tmp_path}/nothing.db", "nothing.db", 60.0) == []


def test_a_command_comes_back_as_it_was_kept(open_store: Open) -> None:
    """So it does from a later version, which may keep more."""
    study = open_store().study
    keep_begun(study, BEGUN)

    assert read_begun(study.user_attrs) == BEGUN
    assert read_begun({"begun": study.user_attrs["begun"].replace('{"arguments"', '{"more": 1, "arguments"')}) == BEGUN
    assert read_begun({}) is None
