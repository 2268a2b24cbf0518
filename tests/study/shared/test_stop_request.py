"""A request to stop reaches every process that works on the study by then, and none that comes later."""

from collections.abc import Callable

import pytest

from support.studies import factorial, outcome
from support.worker_pools import DeskWorkers, EventLog
from synthsweep.study.limits import StudyLimits
from synthsweep.study.optuna_storage import StudyStore
from synthsweep.study.results.run_tree import RunTree
from synthsweep.study.shared import stop_request
from synthsweep.study.shared.stop_request import StopRequests, ask_all_to_stop
from synthsweep.study.sweep_runner import Stop, SweepRunner
from synthsweep.track.writer import RecordingTracker, RunStart


@pytest.fixture(autouse=True)
def looks_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stop_request, "LOOK_S", 0.0)


def test_only_processes_of_before_obey(open_store: Callable[..., StudyStore], address: str) -> None:
    """Each request is new: the second reaches those that the first did not."""
    before = StopRequests(open_store().leases)
    nothing = before()
    ask_all_to_stop(address, "study", 60.0)
    after = StopRequests(open_store().leases)
    heard = bool(before()), bool(after())
    ask_all_to_stop(address, "study", 60.0)

    assert (nothing, heard, bool(after())) == ("", (True, False), True)


def test_another_study_is_not_asked(open_store: Callable[..., StudyStore], address: str) -> None:
    other = StopRequests(open_store(name="other").leases)
    ask_all_to_stop(address, "study", 60.0)

    assert other() == ""


def test_a_runner_ends_after_what_it_runs(open_store: Callable[..., StudyStore], address: str) -> None:
    """What had begun is recorded, nothing new begins, and the tally says where the end was asked for."""
    store = open_store(design="factorial")
    tree = RunTree(RecordingTracker, store.leases, RunStart("study", {}, {}))
    tree.open()

    def work(task: object) -> object:
        ask_all_to_stop(address, "study", 60.0)
        return outcome(0.5).plain()

    workers, requests = DeskWorkers(work, 2), StopRequests(store.leases)
    tasks, limits = lambda job, parent: job.replicate, StudyLimits()
    sweep = SweepRunner(factorial(store), workers, tree, EventLog(), tasks, limits, Stop(), requests)
    sweep.run()

    assert (len(workers.done), workers.closed) == (2, "in order")
    assert (sweep.queue.counts().done, sweep.stop.asked) == (2, True)
    assert sweep.tally.stopped.startswith("synthsweep studies stop, on ")
