"""A study's nested runs in the tracking store, started by several processes, in a store that may fail."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from support.studies import outcome
from synthsweep.errors import TrackingError
from synthsweep.storage.database import open_engine
from synthsweep.storage.leases import Leases
from synthsweep.study.queue.trial_queue import Counts, Trial
from synthsweep.study.results.note import trial_note
from synthsweep.study.results.run_tree import RunTree, means, spread
from synthsweep.track.writer import NO_TAGS, RecordingTracker, RunStart, Status

START = RunStart("doses", {"objective": "ap"}, {"study": "doses", "kind": "study"})


@dataclass
class MemoryStore:
    """A tracking store in memory with its runs by id; while it is `down`, every call fails."""

    trackers: list["MemoryStoreTracker"] = field(default_factory=list)
    runs: dict[str, RecordingTracker] = field(default_factory=dict)
    down: bool = False

    def open(self) -> "MemoryStoreTracker":
        self.trackers.append(MemoryStoreTracker(self))
        return self.trackers[-1]


@dataclass
class MemoryStoreTracker(RecordingTracker):
    """A tracker of a MemoryStore."""

    def __init__(self, store: MemoryStore) -> None:
        super().__init__()
        self.store, self.kept = store, RecordingTracker()

    def start(self, run: RunStart) -> str:
        self._up()
        name = f"run{len(self.store.runs)}"
        self.store.runs[name] = self.kept = RecordingTracker()
        self.kept.start(run)
        return name

    def resume(self, run_id: str, tags: Mapping[str, str] = NO_TAGS) -> None:
        self._up()
        self.kept = self.store.runs[run_id]
        self.kept.resume(run_id, tags)

    def log_metrics(self, metrics: Mapping[str, float], step: int = 0) -> None:
        self._up()
        self.kept.log_metrics(metrics, step)

    def log_files(self, folder: Path) -> None:
        self._up()
        self.kept.log_files(folder)

    def finish(self, status: Status, reason: str = "", summary: str = "") -> None:
        self._up()
        self.kept.finish(status, reason, summary)

    def _up(self) -> None:
        if self.store.down:
            raise TrackingError("tracking: the store is down")


@pytest.fixture
def open_tree(address: str) -> Iterator[Callable[..., RunTree]]:
    """Opens the tree of a process."""
    opened: list[Leases] = []

    def open_one(store: MemoryStore) -> RunTree:
        opened.append(Leases(open_engine(address), "study", 60.0))
        tree = RunTree(store.open, opened[-1], START)
        tree.open()
        return tree

    yield open_one
    for leases in opened:
        leases.close()
        leases.engine.dispose()


def trial(number: int = 0, **more: Any) -> Trial:
    return Trial(number, {"llm": "a", "mix.ratio": 0.5}, f"cell{number}", **more)


def test_a_trial_is_a_run_below_the_study(open_tree: Callable[..., RunTree]) -> None:
    """Started with its first replicate, named after its configuration."""

    store = MemoryStore()
    tree = open_tree(store)
    ids = [tree.parent_of(trial()), tree.parent_of(trial()), tree.parent_of(trial(1))]

    assert ids == ["run1", "run1", "run2"]
    assert store.runs["run0"].run == START
    name, tags = "trial 0: llm=a ratio=0.5", {"study": "doses", "kind": "trial", "trial": "0"}
    assert RunStart(name, {"llm": "a", "mix.ratio": "0.5"}, tags, parent="run0") == store.runs["run1"].run


def test_another_process_goes_on_with_the_same_runs(open_tree: Callable[..., RunTree]) -> None:
    """And so does the next command."""

    store = MemoryStore()
    one = open_tree(store)
    first = one.parent_of(trial())
    one.close("KILLED", "")
    other = open_tree(store)

    assert first == other.parent_of(trial())
    assert set(store.runs) == {"run0", "run1"}
    assert [store.runs[name].status for name in ("run0", "run1")] == ["RUNNING", "RUNNING"]


def test_a_trial_ends_with_mean_and_spread(open_tree: Callable[..., RunTree]) -> None:
    """The means as metrics, the spread as a file; a failed trial with the reason; a trial without a run is skipped."""

    store = MemoryStore()
    tree = open_tree(store)
    good = trial(0, outcomes={0: outcome(0.25), 1: outcome(0.75)}, state="complete")
    bad = trial(1, state="failed", reason="out of memory")
    for each in (good, bad):
        tree.parent_of(each)
        tree.close_trial(each)
    tree.close_trial(good)
    tree.close_trial(trial(2, state="complete"))

    assert store.runs["run1"].metrics == [(0, means(good.metrics()))]
    assert store.runs["run1"].files["replicates.csv"].decode().splitlines()[0] == "metric,mean,sd,replicates"
    assert _end(store, "run1") == ("FINISHED", "", trial_note(good))
    assert _end(store, "run2") == ("FAILED", "out of memory", "trial 1: failed")
    assert len(store.runs) == 3


def _end(store: MemoryStore, name: str) -> tuple[str, str, str]:
    run = store.runs[name]
    return run.status, run.reason, run.summary


def test_the_study_has_progress_files_and_an_end(open_tree: Callable[..., RunTree]) -> None:
    store = MemoryStore()
    tree = open_tree(store)
    tree.progress(Counts(8, 3), {"study/failed": 1.0})
    tree.keep(lambda folder: (folder / "study.yaml").write_text("design: search", encoding="utf-8") and None)
    tree.close("FINISHED", "| a table |")

    assert store.runs["run0"].metrics == [(3, {"study/planned": 8.0, "study/done": 3.0, "study/failed": 1.0})]
    assert store.runs["run0"].files == {"study.yaml": b"design: search"}
    assert _end(store, "run0") == ("FINISHED", "", "| a table |")


@pytest.mark.parametrize("end", ["KILLED", "FAILED"])
def test_open_trials_end_where_no_process_works_on_them(open_tree: Callable[..., RunTree], end: Status) -> None:
    """FAILED where a replicate failed, else KILLED with the sweep, however that ends; a trial of another terminal goes on."""

    store = MemoryStore()
    tree, other = open_tree(store), open_tree(store)
    for each in (trial(0), trial(1, reason="out of memory"), trial(2)):
        tree.parent_of(each)
    other.leases.claim("cell2/7")
    tree.close(end, "")

    assert _end(store, "run0") == (end, "", "")
    assert _end(store, "run1") == ("KILLED", "the sweep was ended", "")
    assert _end(store, "run2") == ("FAILED", "out of memory", "")
    assert _end(store, "run3") == ("RUNNING", "", "")


def test_a_study_that_goes_on_elsewhere_stays_open(open_tree: Callable[..., RunTree]) -> None:
    """The last terminal ends it."""

    store = MemoryStore()
    tree = open_tree(store)
    tree.parent_of(trial())
    tree.close(None, "")

    assert [run.status for run in store.runs.values()] == ["RUNNING", "RUNNING"]


def test_a_store_that_is_down_costs_one_warning_and_no_sweep(
    open_tree: Callable[..., RunTree], caplog: pytest.LogCaptureFixture
) -> None:
    """Replicates then have no parent; nothing waits for a run that no process starts."""

    store = MemoryStore(down=True)
    tree = open_tree(store)
    ids = [tree.parent_of(trial()), tree.parent_of(trial())]
    tree.progress(Counts(8, 3), {})
    tree.close_trial(trial(state="complete"))
    tree.keep(lambda folder: None)
    tree.close("FINISHED", "")

    assert ids == ["", ""]
    assert tree.leases.alive("run:") == {}
    assert [record.getMessage() for record in caplog.records] == ["tracking: the store is down; the sweep goes on"]


def test_a_store_that_goes_down_and_comes_back_goes_on(open_tree: Callable[..., RunTree]) -> None:
    """What could not be written is missing; what comes later is written."""

    store = MemoryStore()
    tree = open_tree(store)
    store.down = True
    tree.parent_of(trial())
    store.down = False
    later = tree.parent_of(trial())
    store.down = True
    tree.close_trial(trial(state="complete"))
    tree.close("FINISHED", "")

    assert later == "run1"
    assert store.runs["run1"].status == "RUNNING"


def test_a_run_that_another_process_is_starting_is_waited_for(open_tree: Callable[..., RunTree]) -> None:
    """Until it has noted the run's id; a process that is gone meanwhile is not waited for."""

    import threading

    from support.studies import GONE

    store = MemoryStore()
    tree = open_tree(store)
    starting, dead = (Leases(tree.leases.engine, "study", 60.0, **named) for named in ({}, {"owner": GONE}))
    starting.claim("run:cell0")
    dead.claim("run:cell1")
    store.runs["theirs"] = RecordingTracker()
    noting = threading.Timer(0.1, lambda: starting.finish("run:cell0", "theirs"))
    noting.start()
    ids = [tree.parent_of(trial(0)), tree.parent_of(trial(1))]
    noting.join()
    for leases in (starting, dead):
        leases.close()

    assert ids == ["theirs", "run2"]


def test_means_and_spread_are_of_defined_values() -> None:
    """The mean over defined values, the spread of two or more, and in how many replicates a metric is defined."""

    replicates = [{"f1": 0.2, "ap": None, "p": 0.5}, {"f1": 0.6, "ap": 0.5, "p": None}, {"ap": 0.7, "x": None}]

    found = means(replicates)

    assert found == {"f1": pytest.approx(0.4), "ap": pytest.approx(0.6), "p": 0.5, "replicates": 3.0}
    assert spread(replicates) == [
        ("f1", found["f1"], pytest.approx(0.08**0.5), 2),
        ("ap", found["ap"], pytest.approx(0.02**0.5), 2),
        ("p", 0.5, None, 1),
        ("x", None, None, 0),
    ]
    assert (means([]), spread([])) == ({"replicates": 0.0}, [])
