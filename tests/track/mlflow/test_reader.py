"""Reads runs from a real MLflow store on SQLite."""

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from synthsweep.config.keys.run import TrackingConfig
from synthsweep.config.keys.training import ModelConfig
from synthsweep.track.choose import reader_of
from synthsweep.track.mlflow.client import search_runs
from synthsweep.track.mlflow.reader import MlflowReader, open_reader
from synthsweep.track.mlflow.tracker import MlflowTracker
from synthsweep.track.reader import PREDICTIONS
from synthsweep.track.writer import RunStart, Status


@pytest.fixture
def reader(tracker: MlflowTracker) -> MlflowReader:
    return open_reader(TrackingConfig())


def write_run(tracker: MlflowTracker, key: str = "abc", status: Status = "FINISHED", **metrics: float) -> str:
    run_id = tracker.start(RunStart("run", {"seed": 1}, {"run_key": key, "study": key}))
    tracker.log_metrics(metrics)
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / PREDICTIONS).touch()
        tracker.log_files(Path(name))
    tracker.finish(status)
    return run_id


def test_the_latest_finished_run_with_a_key_is_found(tracker: MlflowTracker, reader: MlflowReader) -> None:
    write_run(tracker, a=1.0)
    finished = write_run(tracker, a=2.0)
    write_run(tracker, status="FAILED", a=3.0)
    write_run(tracker, "another", a=4.0)

    found = reader.find_finished("abc")

    assert found is not None
    assert (found.run_id, found.metrics, found.status) == (finished, {"a": 2.0}, "FINISHED")
    assert reader.find_finished("other") is None


def test_a_run_without_its_predictions_is_not_finished(tracker: MlflowTracker, reader: MlflowReader) -> None:
    """Their files were removed: an earlier run with the same key has them, then none has."""

    earlier, latest = (reader.runs_with_ids([write_run(tracker)])[0] for _ in range(2))
    found = []
    for run in (latest, earlier):
        assert run.files is not None
        shutil.rmtree(run.files)
        found.append(reader.find_finished("abc"))

    assert [run and run.run_id for run in found] == [earlier.run_id, None]


def test_nothing_is_said_of_files_outside_of_the_store(tracker: MlflowTracker, tmp_path: Path) -> None:
    """A folder that moved is not a folder that was emptied."""

    run_id = write_run(tracker)
    for name in ("mlruns", "elsewhere"):
        (run,) = replace(open_reader(TrackingConfig()), artifacts=tmp_path / name / "artifacts").runs_with_ids([run_id])
        shutil.rmtree(run.files or tmp_path / "no such", ignore_errors=True)
        assert run.has_predictions == (name == "elsewhere")


def test_runs_are_found_by_their_ids_unless_they_are_deleted(
    tracker: MlflowTracker, reader: MlflowReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many ids at once as a filter may hold."""

    monkeypatch.setattr("synthsweep.track.mlflow.reader.IDS_AT_ONCE", 2)
    written = [write_run(tracker) for _ in range(4)]
    tracker.client.delete_run(written[1])

    found = [run.run_id for run in reader.runs_with_ids({*written, "never"})]

    assert sorted(found) == sorted([written[0], *written[2:]])
    assert reader.runs_with_ids([]) == []


def test_a_run_that_is_gone_has_no_files(reader: MlflowReader) -> None:
    """Another run may name it."""
    assert reader.file_of("0" * 32, PREDICTIONS) is None


def test_runs_whose_parent_is_gone_get_another(tracker: MlflowTracker, reader: MlflowReader) -> None:
    children = [write_run(tracker) for _ in range(2)]
    parent = tracker.start(RunStart("trial", {}, {}))
    tracker.adopt(children)

    assert [run.parent for run in reader.runs_with_ids(children)] == [parent] * 2


def test_steps_are_timed_by_the_runs_that_trained_this_encoder(tracker: MlflowTracker, reader: MlflowReader) -> None:
    """Neither linked runs count nor those of another encoder."""

    ours = ModelConfig(name="tiny", name_or_path="/models/o'urs")
    for name, tags, steps in (("tiny", {}, 10.0), ("tiny", {"reused_from": "x"}, 1.0), ("minilm", {}, 2.0)):
        tracker.start(RunStart("run", {"model.name": name, "model.name_or_path": ours.name_or_path}, tags))
        tracker.log_metrics({"time/train": 3.0, "time/evaluate": 2.0, "train/steps": steps})
        tracker.finish("FINISHED")

    assert reader.step_seconds(ours) == [0.5]


def test_a_search_reads_every_page(tracker: MlflowTracker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Oldest first, or the latest ones first."""

    written = [write_run(tracker) for _ in range(5)]
    monkeypatch.setattr("synthsweep.track.mlflow.client.PAGE", 2)

    everything = [run.info.run_id for run in search_runs(tracker.client, "")]
    latest = [run.info.run_id for run in search_runs(tracker.client, "", latest=3)]

    assert everything == written
    assert latest == written[:1:-1]


def test_studies_are_named_latest_first(tracker: MlflowTracker, reader: MlflowReader) -> None:
    for study in ("one", "two", "one"):
        write_run(tracker, study)

    assert reader.studies() == ["one", "two"]


def test_a_file_is_read_where_it_lies(tracker: MlflowTracker, reader: MlflowReader) -> None:
    """No copy is made of a file on this machine, also of a run that was deleted since; a missing one is none."""

    run_id = write_run(tracker)
    (kept,) = reader.runs_with_ids([run_id])
    tracker.client.delete_run(run_id)

    assert kept.files is not None
    for one in (reader, open_reader(TrackingConfig()), reader_of(TrackingConfig())):
        assert one.file_of(run_id, PREDICTIONS) == kept.files / PREDICTIONS
        assert one.file_of(run_id, "config.yaml") is None
        assert one.file_of("0" * 32, PREDICTIONS) is None


def written(folder: Path, **files: str) -> Path:
    """A folder with these files; __ stands for the slash, _ for the dot."""
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def files_below(reader: MlflowReader, run_id: str, folder: str) -> dict[str, str]:
    """What a run holds in a folder that has a report in it or below it."""
    artifacts = reader.file_of(run_id, "report/report.html")
    assert artifacts is not None
    folder_there = artifacts.parents[1] / folder
    return {path.relative_to(folder_there).as_posix(): path.read_text() for path in folder_there.rglob("*") if path.is_file()}


def test_a_report_replaces_the_earlier_one_in_its_place(tracker: MlflowTracker, reader: MlflowReader, tmp_path: Path) -> None:
    """No figure of the earlier one is left; the files that were not asked for stay here, reports in other places there."""

    run_id = write_run(tracker)
    first = written(tmp_path / "one", report_html="1", figures__old_png="o", figures__both_png="b", tables__t_csv="t")
    second = written(tmp_path / "two", report_html="2", figures__both_png="c", mine_txt="mine")
    parts = ["report.html", "figures/both.png"]

    reader.add_report(first, [*parts, "figures/old.png", "tables/t.csv"], [run_id], "report")
    reader.add_report(first, parts, [run_id], "reports/a=b,c~0")
    reader.add_report(first, parts, [run_id], "report/below")
    reader.add_report(second, parts, [run_id], "report")

    assert files_below(reader, run_id, "report") == {
        "report.html": "2", "figures/both.png": "c", "below/report.html": "1", "below/figures/both.png": "b",
    }  # fmt: skip
    assert files_below(reader, run_id, "reports") == {
        "a=b,c~0/report.html": "1", "a=b,c~0/figures/both.png": "b",
    }  # fmt: skip


ODD = [
    "it's", 'say "hi"', """it's "both" """, "a\\", "\\'", "100%", "a_b", "[v2]", "a;b -- c", "a\nb", "ü", "A", "${x}", "`x`",
    "(", "x' OR '1'='1", "a-b", "1000", "a", "it-s", "AB",
]  # fmt: skip


def test_a_study_of_any_name_is_found_and_no_other(tracker: MlflowTracker, reader: MlflowReader) -> None:
    """Those with similar names are not; nor is a run with a similar key."""

    written = {study: write_run(tracker, study) for study in ODD}

    assert {study: [run.run_id for run in reader.runs_of_study(study)] for study in ODD} == {
        study: [run_id] for study, run_id in written.items()
    }
    assert reader.runs_of_study("it_s") == []


def test_steps_of_an_encoder_with_an_odd_path_are_found(tracker: MlflowTracker, reader: MlflowReader) -> None:
    """And those of no other encoder."""

    for number, path in enumerate(ODD, start=1):
        tracker.start(RunStart("run", {"model.name": "mine", "model.name_or_path": path}, {}))
        tracker.log_metrics({"time/train": float(number), "train/steps": 1.0})
        tracker.finish("FINISHED")

    assert [reader.step_seconds(ModelConfig(name="mine", name_or_path=path)) for path in ODD] == [
        [float(number)] for number in range(1, len(ODD) + 1)
    ]
