"""The tracker in memory keeps what it is given."""

from pathlib import Path

from synthsweep.track.writer import RecordingTracker, RunStart


def started(key: str = "k") -> RecordingTracker:
    tracker = RecordingTracker()
    tracker.start(RunStart("name", {"seed": 1}, {"run_key": key}))
    return tracker


def test_a_finished_run_is_found_by_its_key_with_its_latest_metrics() -> None:
    """A metric that was logged twice has its later value."""

    tracker = started("k")
    tracker.log_metrics({"a": 1.0, "b": 2.0}, step=0)
    tracker.log_metrics({"a": 3.0}, step=1)
    tracker.finish("FINISHED")

    found = tracker.find("k")

    assert found is not None
    assert found.metrics == {"a": 3.0, "b": 2.0}


def test_an_unfinished_or_other_run_is_not_found() -> None:
    """Neither a failed run nor one with another key stands for the wanted one."""

    failed, other = started("k"), started("other")
    failed.finish("FAILED", "why")
    other.finish("FINISHED")

    assert [failed.find("k"), other.find("k")] == [None, None]
    assert failed.reason == "why"


def test_files_are_kept_by_their_path_below_the_folder(tmp_path: Path) -> None:
    """Folders become part of a file's name."""

    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "a.png").write_bytes(b"picture")
    (tmp_path / "config.yaml").write_bytes(b"seed: 1")
    tracker = started()

    tracker.log_files(tmp_path)

    assert tracker.files == {"figures/a.png": b"picture", "config.yaml": b"seed: 1"}
