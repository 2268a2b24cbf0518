"""A local store that was moved or copied, with real files: its artifacts are those of the folder that it lies in."""

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore
from mlflow.tracking._tracking_service import utils

from support.patience import LIMIT_S
from synthsweep.config.keys.run import TrackingConfig
from synthsweep.errors import TrackingError
from synthsweep.track.mlflow.local_store import artifact_root
from synthsweep.track.mlflow.moved_store import settle
from synthsweep.track.mlflow.reader import open_reader
from synthsweep.track.mlflow.tracker import MlflowTracker, open_tracker
from synthsweep.track.writer import Feedback, JudgedExample, RunStart

pytestmark = pytest.mark.slow

LINE = "was moved or copied from"


def at(folder: str) -> TrackingConfig:
    return TrackingConfig(folder=folder)


def kept_run(tracker: MlflowTracker, content: str = "kept") -> str:
    """A run with one file."""
    run_id = tracker.start(RunStart("run", {}, {}))
    source = Path("source")
    source.mkdir(exist_ok=True)
    (source / "note.txt").write_text(content)
    tracker.log_files(source)
    tracker.finish("FINISHED")
    return run_id


def note(folder: str, run_id: str) -> str:
    """What a reader of the store in a folder finds."""
    found = open_reader(at(folder)).file_of(run_id, "note.txt")
    return "" if found is None else found.read_text()


def addresses(folder: str) -> set[str]:
    """All addresses of artifacts that MLflow keeps."""
    with closing(sqlite3.connect(Path(folder) / "mlflow.db")) as connection:
        return {
            address
            for query in (
                "SELECT artifact_location FROM experiments",
                "SELECT artifact_uri FROM runs",
                "SELECT artifact_location FROM logged_models",
                "SELECT value FROM trace_tags WHERE key = 'mlflow.artifactLocation'",
            )
            for (address,) in connection.execute(query)
        }


def without_list(folder: str) -> None:
    """Makes the store one of an earlier version, which listed no homes and left MLflow's own experiment to MLflow."""
    with closing(sqlite3.connect(Path(folder) / "mlflow.db")) as connection, connection:
        connection.execute("DROP TABLE synthsweep_homes")
        place = str(Path(folder).absolute() / "0")
        connection.execute("UPDATE experiments SET artifact_location = ? WHERE experiment_id = 0", (place,))


def as_from_another_process() -> None:
    """MLflow keeps connections by address, and places of artifacts by run, for as long as a process lives."""
    for engine in SqlAlchemyStore._engine_map.values():
        engine.dispose()
    utils._artifact_repos_cache.clear()


def move(source: str, target: str) -> None:
    as_from_another_process()
    Path(source).rename(target)


def content(folder: str) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in sorted(Path(folder).rglob("*")) if path.is_file()}


@pytest.mark.parametrize("old", [False, True], ids=["new", "of an earlier version"])
def test_a_moved_store_finds_its_files_and_says_so_once(
    tracker: MlflowTracker, caplog: pytest.LogCaptureFixture, old: bool
) -> None:
    run_id = kept_run(tracker)
    if old:
        without_list("mlruns")
    move("mlruns", "elsewhere")

    first, said = note("elsewhere", run_id), caplog.text
    caplog.clear()
    second = note("elsewhere", run_id)

    assert (first, second) == ("kept", "kept")
    assert f"elsewhere {LINE} {Path('mlruns').absolute()}: 1 addresses of artifacts now point here" in said
    assert caplog.text == ""
    assert not Path("mlruns").exists()


@pytest.mark.parametrize("old", [False, True], ids=["new", "of an earlier version"])
def test_what_a_copy_writes_stays_in_the_copy(tracker: MlflowTracker, old: bool) -> None:
    """New runs in an experiment of the original, a report for one of its runs, and all that MLflow's own pages would write."""
    run_id = kept_run(tracker)
    tracker.log_feedback([JudgedExample("audit", {"example": "1"}, {}, (Feedback("Ann", {"verdict": "right"}),))])
    if old:
        without_list("mlruns")
    shutil.copytree("mlruns", "copy")
    as_from_another_process()
    before = content("mlruns")

    new = kept_run(open_tracker(at("copy")), "new")
    open_reader(at("copy")).add_report(Path("source"), ["note.txt"], [run_id], "report")

    assert (note("copy", new), note("copy", run_id)) == ("new", "kept")
    assert content("mlruns") == before
    assert (Path("copy/artifacts/synthsweep") / run_id / "artifacts/report/note.txt").exists()
    assert {address for address in addresses("copy") if not address.startswith(Path("copy").absolute().as_uri())} == set()
    assert len(addresses("copy")) == 5


@pytest.mark.parametrize(
    "place", ["s3://bucket/artifacts/synthsweep", "disk/artifacts/synthsweep", "disk/chosen", "gone/chosen"]
)
@pytest.mark.parametrize("old", [False, True], ids=["new", "of an earlier version"])
def test_a_place_that_somebody_chose_elsewhere_stays(tracker: MlflowTracker, place: str, old: bool) -> None:
    """A bucket, or another disk, which never was a store."""
    address = place if ":" in place else Path(place).absolute().as_uri()
    if place.startswith("disk"):
        Path(place).mkdir(parents=True)
    tracker.client.create_experiment("chosen", artifact_location=address)
    kept_run(tracker)
    if old:
        without_list("mlruns")
    move("mlruns", "elsewhere")

    settle(Path("elsewhere/mlflow.db"))

    assert address in addresses("elsewhere")
    assert {one.startswith(Path("elsewhere").absolute().as_uri()) for one in addresses("elsewhere") - {address}} == {True}


def test_a_store_that_was_moved_twice_and_one_that_came_back_find_their_files(tracker: MlflowTracker) -> None:
    """Another store lies where this one has been, and keeps its own."""
    run_id = kept_run(tracker)
    move("mlruns", "second")
    assert note("second", run_id) == "kept"
    other = kept_run(open_tracker(at("mlruns")), "other")
    move("second", "third")

    found = note("third", run_id), note("mlruns", other)
    move("mlruns", "fourth")
    move("third", "mlruns")

    assert found == ("kept", "other")
    assert (note("mlruns", run_id), note("fourth", other)) == ("kept", "other")


def test_an_experiment_without_files_moves_with_its_store(tracker: MlflowTracker) -> None:
    tracker.start(RunStart("failed", {}, {}))
    move("mlruns", "elsewhere")

    settle(Path("elsewhere/mlflow.db"))

    assert {one.startswith(artifact_root(Path("elsewhere"))) for one in addresses("elsewhere")} == {True}


def test_files_that_a_copy_once_wrote_into_the_original_are_fetched(tracker: MlflowTracker) -> None:
    """Earlier versions did; the original keeps its own copy of them."""
    kept_run(tracker)
    astray = kept_run(tracker, "astray")
    without_list("mlruns")
    shutil.copytree("mlruns", "copy")
    shutil.rmtree(f"copy/artifacts/synthsweep/{astray}")
    before = content("mlruns")

    assert note("copy", astray) == "astray"
    assert content("mlruns") == before


def test_one_folder_by_two_paths_is_one_store(tracker: MlflowTracker, caplog: pytest.LogCaptureFixture) -> None:
    """A link to the folder, and a relative path to it."""
    first = kept_run(tracker)
    Path("link").symlink_to("mlruns")

    second = kept_run(open_tracker(at("link")))

    assert [note(folder, run) for folder in ("mlruns", "link", "./link/../mlruns") for run in (first, second)] == ["kept"] * 6
    assert {one.startswith(artifact_root(Path("mlruns"))) for one in addresses("mlruns")} == {True}
    assert LINE not in caplog.text


def test_a_database_that_is_named_by_its_address_moves_with_its_folder() -> None:
    """Only where it lies beside its artifacts: one elsewhere may be shared by several folders, which keep their own."""
    inside, outside = "sqlite:///place/own.db", "sqlite:///shared.db"
    first = kept_run(open_tracker(TrackingConfig(folder="place", uri=inside)))
    second = kept_run(open_tracker(TrackingConfig(folder="place", uri=outside)), "shared")
    move("place", "elsewhere")

    reader = open_reader(TrackingConfig(folder="elsewhere", uri="sqlite:///elsewhere/own.db"))
    found = reader.file_of(first, "note.txt")
    shared = open_reader(TrackingConfig(folder="elsewhere", uri=outside)).file_of(second, "note.txt")

    assert found is not None
    assert found.read_text() == "kept"
    assert shared is None


def test_a_link_in_an_old_address_may_lead_elsewhere_by_now(tracker: MlflowTracker) -> None:
    """`current` led to this store when its runs were made, and leads to another one now."""
    run_id = kept_run(tracker)
    without_list("mlruns")
    spelled, written = Path("current").absolute().as_uri(), Path("mlruns").absolute().as_uri()
    with closing(sqlite3.connect("mlruns/mlflow.db")) as connection, connection:
        connection.execute("UPDATE runs SET artifact_uri = replace(artifact_uri, ?, ?)", (written, spelled))
        connection.execute("UPDATE experiments SET artifact_location = replace(artifact_location, ?, ?)", (written, spelled))
    kept_run(open_tracker(at("other")), "other")
    Path("current").symlink_to("other")
    before = content("other")

    assert note("mlruns", run_id) == "kept"
    kept_run(open_tracker(at("mlruns")), "new")
    assert content("other") == before


def test_two_folders_that_share_one_database_keep_their_files_apart(tracker: MlflowTracker) -> None:
    """The database is linked on purpose: nothing was moved."""
    first = kept_run(tracker)
    Path("second").mkdir()
    Path("second/mlflow.db").symlink_to(Path("mlruns/mlflow.db").absolute())
    before = addresses("mlruns")

    settle(Path("second/mlflow.db"))
    settle(Path("mlruns/mlflow.db"))

    assert addresses("mlruns") == before
    assert note("second", first) == "kept"


def test_a_database_that_is_none_is_left_to_mlflow(tmp_path: Path) -> None:
    (tmp_path / "mlflow.db").write_bytes(b"somebody's")

    settle(tmp_path / "mlflow.db")

    assert (tmp_path / "mlflow.db").read_bytes() == b"somebody's"


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes anywhere")
def test_a_copy_that_cannot_be_written_is_refused(tracker: MlflowTracker) -> None:
    """Its report would be written into the original."""
    kept_run(tracker)
    shutil.copytree("mlruns", "copy")
    Path("copy/mlflow.db").chmod(0o400)

    with pytest.raises(TrackingError, match=r"tracking\.folder=.*copy was copied from .*/mlruns, and its addresses"):
        open_reader(at("copy"))


@pytest.mark.slow
def test_of_processes_that_open_a_copy_at_once_one_rewrites_it(tracker: MlflowTracker) -> None:
    runs = [kept_run(tracker) for _ in range(3)]
    shutil.copytree("mlruns", "copy")
    program = "from pathlib import Path; from synthsweep.track.mlflow.moved_store import settle; settle(Path('copy/mlflow.db'))"
    racers = [subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE, text=True) for _ in range(4)]

    said = "".join(racer.communicate(timeout=LIMIT_S)[1] for racer in racers)

    assert [racer.returncode for racer in racers] == [0] * 4
    assert said.count(LINE) == 1
    assert [note("copy", run) for run in runs] == ["kept"] * 3
