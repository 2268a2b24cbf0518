"""Following jobs that take replicates of a study: on a Slurm of one machine, with a real storage between them."""

import json
import os
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import pytest
from sqlalchemy import select

from support.slurm import Slurm
from support.slurm_cluster import slurm
from support.stores import address, made_tables, open_store
from support.studies import factorial, outcome
from support.worker_pools import EventLog
from synthsweep.errors import WorkerError
from synthsweep.progress import Event, Stage
from synthsweep.storage.leases import CLAIMS, FAILED
from synthsweep.study.limits import StudyLimits
from synthsweep.study.optuna_storage import StudyStore
from synthsweep.study.queue.trial_queue import Counts
from synthsweep.study.sweep_runner import Tally
from synthsweep.sweep.follow import Follower, in_words, unfinished
from synthsweep.workers.slurm.array import JobArray, submit_array
from synthsweep.workers.slurm.commands import SlurmJob

__all__ = ["address", "made_tables", "open_store", "slurm"]

# Does so many replicates as `synthsweep work` would, of which some fail.
WORK = """
import json, sys
from synthsweep.storage.database import open_engine
from synthsweep.storage.leases import FAILED, Leases
address, most, failing, note, *items = sys.argv[1:]
leases, done = Leases(open_engine(address), "study"), 0
for item in items:
    if done < int(most) and leases.claim(item):
        done += 1
        if item == failing:
            leases.finish(item, "out of memory", state=FAILED)
        else:
            leases.finish(item, json.loads(note))
leases.close()
"""


class Followed(NamedTuple):
    """What was said, and why the study is not finished."""

    follower: Follower
    said: list[str]
    why: str


Follow = Callable[..., Followed]


class Said(EventLog):
    """The events of a sweep as lines, and what is said of the jobs."""

    def __call__(self, event: Event, /) -> None:
        if isinstance(event, Stage):
            self.lines.append(event.text.partition(";")[0])
        super().__call__(event)


@pytest.fixture
def follow(slurm: Slurm, open_store: Callable[..., StudyStore], address: str) -> Follow:
    """Follows an array whose jobs do at most so many replicates of eight."""

    def run(most: int = 99, failing: int = -1, stopped: str = "", max_failures: int = 0) -> Followed:
        store = open_store()
        queue = factorial(store)
        items = [f"{trial.item}/{seed}" for seed in (1, 2) for trial in queue.trials()]
        note = json.dumps(outcome(0.5).plain())
        words = [sys.executable, "-c", WORK, address, str(most), items[failing] if failing >= 0 else "", note, *items]
        said = Said()

        def submit(jobs: int) -> JobArray:
            assert {"RUNNING", "PENDING"}.isdisjoint(slurm.states().values()), "an array is there already"
            return submit_array(words, min(jobs, 2), Path("jobs"), "synthsweep-s", {"time": 60, "max_requeues": 1})

        def failures() -> Counter[str]:
            with store.leases.engine.connect() as connection:
                rows = connection.execute(select(CLAIMS.c.note).where(CLAIMS.c.state == FAILED))
            return Counter(str(json.loads(note)) for (note,) in rows)

        follower = Follower(
            queue,
            store.leases,
            said,
            submit,
            failures,
            (1, 2),
            StudyLimits(failures=max_failures),
            lambda: stopped,
            1.0,
            store.alone,
        )
        follower.run()
        return Followed(follower, said.lines, unfinished(queue.counts(), follower))

    return run


@pytest.mark.slow
def test_a_study_is_followed_to_its_end(follow: Follow) -> None:
    """Each replicate is shown once, and each trial as it closes."""
    follower, said, why = follow()

    assert (follower.queue.counts(), why) == (Counts(8, 8), "")
    assert sorted(line for line in said if line.startswith("ended")) == [f"ended {n}/{r}" for n in range(4) for r in (0, 1)]
    assert sorted(line for line in said if line.startswith("closed")) == [f"closed {number}: complete" for number in range(4)]
    assert said[0] == "array 17: 2 jobs submitted"
    assert follower.tally.busy_s == 8


@pytest.mark.slow
def test_jobs_that_end_before_the_study_are_submitted_again_as_often_as_a_replicate_is(
    follow: Follow,
) -> None:
    """Two jobs of one replicate each: after two further arrays, two of eight are left. The same command then goes on."""
    _, said, why = follow(most=1)
    follower, _, then = follow()

    assert [line for line in said if line.endswith("submitted")] == [
        f"array {number}: 2 jobs submitted" for number in (17, 18, 19)
    ]
    assert why == "no job is left, and 2 of 8 replicates are not done: the same command submits new ones"
    assert (follower.queue.counts(), then) == (Counts(8, 8), "")


@pytest.mark.slow
def test_two_commands_of_a_study_follow_one_array_at_a_time(follow: Follow) -> None:
    """Whichever sees the end of an array first submits the next one, and the other follows it."""
    with ThreadPoolExecutor(2) as threads:
        both = [one.result() for one in [threads.submit(follow, most=1) for _ in range(2)]]

    submitted = [line for _, said, _ in both for line in said if line.endswith("submitted")]
    assert len(set(submitted)) == len(submitted) >= 3
    assert any("is there already" in line for _, said, _ in both for line in said)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_terminal_that_is_gone_ends_the_command_and_not_the_jobs(number: int, follow: Follow, slurm: Slurm) -> None:
    """The same command follows the same array again, to the end of the study."""
    slurm.set(hold=True)
    timer = threading.Timer(3, os.kill, (os.getpid(), number))
    timer.start()
    follower, _, why = follow()
    timer.join()
    waiting = set(slurm.states().values())
    slurm.set(hold=False)
    again, said, then = follow()

    assert (follower.left, why, waiting) == (True, "", {"PENDING"})
    assert said[0] == "array 17 is there already: this command follows it and submits nothing"
    assert (again.queue.counts(), again.left, then) == (Counts(8, 8), False, "")


@pytest.mark.slow
def test_jobs_that_do_nothing_are_not_submitted_again(follow: Follow) -> None:
    """As where the database does not answer: their last words are shown, and nothing is submitted for ever."""
    _, said, why = follow(most=0)

    assert [line for line in said if line.endswith("submitted")] == ["array 17: 2 jobs submitted"]
    assert why.startswith("no job is left, and 8 of 8 replicates are not done")


@pytest.mark.slow
def test_failures_of_an_earlier_command_do_not_count_towards_the_limit(follow: Follow) -> None:
    """The same command goes on, and tries again what had failed."""
    follow(failing=0)
    follower, _, why = follow(max_failures=1)

    assert (follower.queue.counts(), follower.tally.limit, why) == (Counts(8, 8), "", "")


@pytest.mark.slow
def test_replicates_that_failed_end_the_study_with_their_reason(follow: Follow) -> None:
    follower, _, why = follow(failing=3)

    assert follower.queue.counts().done == 7
    assert why == "1 of 8 replicates failed (out of memory): the same command tries them again"


@pytest.mark.slow
def test_a_request_to_stop_ends_the_jobs_and_is_no_failure(follow: Follow, slurm: Slurm) -> None:
    """Those that wait do not begin."""
    slurm.set(hold=True)

    follower, said, why = follow(stopped="synthsweep studies stop")

    assert (set(slurm.states().values()), follower.queue.counts().done, why) == ({"CANCELLED"}, 0, "")
    assert "stopping, 0 running" in said


@pytest.mark.slow
def test_a_refusal_of_slurm_ends_the_command(follow: Follow, slurm: Slurm) -> None:
    slurm.set(refuses="Invalid account")

    with pytest.raises(WorkerError, match=r"^sbatch submitted nothing: Invalid account"):
        follow()


def test_a_study_whose_seeds_are_not_decided_is_not_finished() -> None:
    """All that was planned is done, and the job that was to look at it is gone."""
    follower = SimpleNamespace(left=False, interrupted=False, tally=Tally(), failed={}, why="OUT_OF_MEMORY")

    assert unfinished(Counts(8, 8, undecided=True), follower) == (  # type: ignore[arg-type]
        "no job is left, and whether more seeds follow is not decided (OUT_OF_MEMORY): the same command submits new ones"
    )
    assert unfinished(Counts(8, 8), follower) == ""  # type: ignore[arg-type]


def test_jobs_in_words() -> None:
    jobs = [
        SlurmJob("RUNNING"),
        SlurmJob("RUNNING"),
        SlurmJob("PENDING", "Priority"),
        SlurmJob("FAILED"),
        SlurmJob("COMPLETED"),
    ]

    assert in_words({str(number): job for number, job in enumerate(jobs)}) == "2 jobs run, 1 waits (Priority), 2 are over"
    assert in_words({"0": SlurmJob("PENDING", "None")}) == "1 job waits"
    assert in_words({"0": SlurmJob("COMPLETED")}) == "1 job is over"
