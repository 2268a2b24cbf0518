"""Inputs that a study keeps with its run: only what it reads, once, and what comes back is what was kept."""

from collections.abc import Callable
from pathlib import Path

import pytest

from support.stores import address, made_tables, open_store
from synthsweep.config.keys.run import TrackingConfig
from synthsweep.errors import StudyError
from synthsweep.run.contents import file_digest
from synthsweep.study.optuna_storage import StudyStore
from synthsweep.study.shared.kept_inputs import fetch_input, files_read, keep_files
from synthsweep.track.choose import reader_of
from synthsweep.track.writer import RecordingTracker, RunStart, Tracker

__all__ = ["address", "made_tables", "open_store"]

SECRET = "text,a\nhe looks away,1\n"


@pytest.fixture
def data() -> Path:
    file = Path("data/my.csv")
    file.parent.mkdir()
    file.write_text(SECRET)
    return file


def test_only_files_are_kept(data: Path) -> None:
    """Not models, nor what the package ships, which every machine has."""
    contents = {"content of data/my.csv": "d1", "content of the demo corpus": "d2", "content of bert": "d3", "RESULTS": "1"}

    assert files_read(contents) == {"d1": data}


def test_a_file_is_kept_once(open_store: Callable[..., StudyStore], data: Path, tmp_path: Path) -> None:
    """So a study that goes on uploads nothing again; one that the store did not take is tried again."""
    leases, tracker = open_store().leases, RecordingTracker()
    place = tmp_path / "kept"

    def keep(write: Callable[[Path], None]) -> bool:
        place.mkdir(exist_ok=True)
        write(place)
        tracker.log_files(place)
        return True

    refused = keep_files({"d1": data}, lambda write: False, leases)
    added = [keep_files({"d1": data}, keep, leases) for _ in range(2)]

    assert (refused, added) == (0, [1, 0])
    assert tracker.files == {"inputs/d1": SECRET.encode()}


def test_a_fetched_file_is_its_owners_alone_and_is_what_the_study_read(tracker: Tracker, data: Path, tmp_path: Path) -> None:
    digest, folder = file_digest(data), tmp_path / "upload"
    (folder / "inputs").mkdir(parents=True)
    (folder / "inputs" / digest).write_text(SECRET)
    (folder / "inputs" / "0123").write_text("another text")
    run_id = tracker.start(RunStart("study", {}, {}))
    tracker.log_files(folder)
    reader, target = reader_of(TrackingConfig()), Path("here/data/my.csv")

    fetched, unknown = fetch_input(reader, run_id, digest, target), fetch_input(reader, run_id, "4567", Path("no.csv"))

    assert (fetched, target.read_text(), oct(target.stat().st_mode)[-3:]) == (True, SECRET, "600")
    assert (unknown, Path("no.csv").exists()) == (False, False)
    with pytest.raises(StudyError, match=r"other\.csv: the copy that the study keeps has digest .*, and the study read 0123"):
        fetch_input(reader, run_id, "0123", Path("other.csv"))
    assert not Path("other.csv").exists()
