"""The tracker in memory keeps what it is given."""

from pathlib import Path

from synthsweep.track.writer import JudgedExample, RecordingTracker, RunStart


def started(key: str = "k") -> RecordingTracker:
    tracker = RecordingTracker()
    tracker.start(RunStart("name", {"seed": 1}, {"run_key": key}))
    return tracker


def test_a_finished_run_is_found_by_its_key_with_its_latest_metrics() -> None:
    tracker = started("k")
    tracker.log_metrics({"a": 1.0, "b": 2.0}, step=0)
    tracker.log_metrics({"a": 3.0}, step=1)
    tracker.finish("FINISHED")

    found = tracker.find_finished("k")

    assert found is not None
    assert found.metrics == {"a": 3.0, "b": 2.0}


def test_an_unfinished_or_other_run_is_not_found() -> None:
    failed, other = started("k"), started("other")
    failed.finish("FAILED", "why")
    other.finish("FINISHED")

    assert [failed.find_finished("k"), other.find_finished("k")] == [None, None]
    assert failed.reason == "why"


def test_files_are_kept_by_their_path_below_the_folder(tmp_path: Path) -> None:
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "a.png").write_bytes(b"picture")
    (tmp_path / "config.yaml").write_bytes(b"seed: 1")
    tracker = started()

    tracker.log_files(tmp_path)

    assert tracker.files == {"figures/a.png": b"picture", "config.yaml": b"seed: 1"}


def test_feedback_is_kept_in_order() -> None:
    first, second = (JudgedExample("audit default", {"example": f"synthetic/{number}"}, {}, ()) for number in (1, 2))
    tracker = RecordingTracker()

    tracker.log_feedback([first])
    tracker.log_feedback([second])

    assert tracker.judged == [first, second]
