"""Reads a local store from its database and folders: the same as MLflow reads, or MLflow does."""

import math
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from synthsweep.config.keys.run import TrackingConfig
from synthsweep.errors import TrackingError
from synthsweep.track.choose import reader_of
from synthsweep.track.mlflow import reader as through_mlflow
from synthsweep.track.mlflow.database_reader import DatabaseReader, open_database
from synthsweep.track.mlflow.local_store import database_uri
from synthsweep.track.mlflow.tracker import MlflowTracker
from synthsweep.track.reader import NOTE, KeptRun
from synthsweep.track.writer import RunStart

TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12)
NUMBERS = st.floats(allow_nan=True, allow_infinity=True)


def opened() -> DatabaseReader:
    found = open_database(TrackingConfig())
    assert found is not None
    return found


def write_run(tracker: MlflowTracker, study: str, **metrics: float) -> str:
    run_id = tracker.start(RunStart("run", {"seed": 1}, {"study": study}))
    tracker.log_metrics(metrics)
    tracker.finish("FINISHED")
    return run_id


def change(database: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(statement, values)


def plain(run: KeptRun) -> KeptRun:
    """Numbers that are not are equal to nothing."""
    metrics = {name: None if math.isnan(value) else value for name, value in run.metrics.items()}
    return KeptRun(run.run_id, run.name, run.status, metrics, run.tags, run.params, run.files)  # type: ignore[arg-type]


@pytest.mark.slow
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    study=TEXT,
    tags=st.dictionaries(st.sampled_from(["kind", "trial", "a b", "ü"]), TEXT),
    params=st.dictionaries(st.sampled_from(["seed", "mix.ratio", "llm.name"]), TEXT),
    metrics=st.dictionaries(st.sampled_from(["test/f1/macro", "test/support/A", "time/train"]), NUMBERS),
)
def test_a_run_is_read_as_mlflow_reads_it(
    tracker: MlflowTracker, study: str, tags: dict[str, str], params: dict[str, str], metrics: dict[str, float]
) -> None:
    """Any text and number; oldest first."""

    for seed in (1, 2):
        tracker.start(RunStart(study, {**params, "number": seed}, {**tags, "study": study}))
        tracker.log_metrics(metrics)
        tracker.finish("FINISHED")

    found, expected = (reader.runs_of_study(study) for reader in (opened(), through_mlflow.open_reader(TrackingConfig())))

    assert len(found) >= 2
    assert list(map(plain, found)) == list(map(plain, expected))


def test_what_was_deleted_is_not_read(tracker: MlflowTracker) -> None:
    """Runs, and all runs of a deleted experiment; an order that time leaves open is MLflow's."""

    written = [write_run(tracker, study, a=1.0) for study in ("one", "two", "one", "three")]
    tracker.client.delete_run(written[1])
    change(Path("mlruns/mlflow.db"), "UPDATE runs SET start_time = 7")
    other = MlflowTracker(tracker.client, tracker.uri, "other", tracker.artifact_root)
    gone = write_run(other, "gone")
    tracker.client.delete_experiment(tracker.client.get_run(gone).info.experiment_id)
    readers = (opened(), through_mlflow.open_reader(TrackingConfig()))

    found, expected = ([reader.runs_of_study("one"), reader.runs_with_ids([*written, gone])] for reader in readers)

    assert sorted(opened().studies()) == ["one", "three"]
    assert found == expected
    assert opened().runs_of_study("gone") == []


def test_more_runs_than_a_statement_takes_are_read(tracker: MlflowTracker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("synthsweep.track.mlflow.database_reader.MOST_VALUES", 2)
    written = [write_run(tracker, "many", a=float(number)) for number in range(5)]

    assert [run.metrics for run in opened().runs_of_study("many")] == [{"a": float(number)} for number in range(5)]
    assert sorted(run.run_id for run in opened().runs_with_ids(written)) == sorted(written)


def test_the_installed_mlflow_makes_the_tables_that_are_read(migrated: Path) -> None:
    """A new version of MLflow with other tables shows here."""
    assert isinstance(reader_of(TrackingConfig(folder=str(migrated))), DatabaseReader)


def test_tables_of_another_version_are_left_to_mlflow(tracker: MlflowTracker) -> None:
    change(Path("mlruns/mlflow.db"), "UPDATE alembic_version SET version_num = 'abc'")

    assert isinstance(reader_of(TrackingConfig()), through_mlflow.MlflowReader)


def test_a_database_elsewhere_is_read_by_its_address(tracker: MlflowTracker) -> None:
    run_id = write_run(tracker, "mine", a=1.0)
    config = TrackingConfig(folder="elsewhere", uri=database_uri(Path("mlruns")))

    reader = reader_of(config)

    assert isinstance(reader, DatabaseReader)
    assert [run.run_id for run in reader.runs_of_study("mine")] == [run_id]
    assert reader.runs_of_study("mine")[0].files is None


def test_a_description_replaces_the_earlier_one(tracker: MlflowTracker) -> None:
    """As MLflow's own pages have it, with addresses of pages."""

    run_id = write_run(tracker, "mine")
    for text in ("first", f"[it](run:{run_id})"):
        opened().describe(run_id, text)

    tags = tracker.client.get_run(run_id).data.tags
    assert tags[NOTE].startswith("[it](#/experiments/")
    with pytest.raises(TrackingError, match="is gone"):
        opened().describe("0" * 32, "text")


def test_a_report_replaces_the_earlier_one_in_its_place(tracker: MlflowTracker, tmp_path: Path) -> None:
    """As through MLflow: figures of the earlier report go, reports in other places stay."""

    run_id, folder = write_run(tracker, "mine"), tmp_path / "made"
    (folder / "figures").mkdir(parents=True)
    for name in ("report.html", "figures/a.png", "figures/b.png"):
        (folder / name).write_text(name)
    reader = opened()
    reader.add_report(folder, ["report.html", "figures/a.png", "figures/b.png"], [run_id], "report")
    reader.add_report(folder, ["report.html"], [run_id], "report/below")
    reader.add_report(folder, ["report.html", "figures/b.png"], [run_id], "report")

    parts = ("report", "report/figures", "report/below")
    listed = {file.path for part in parts for file in tracker.client.list_artifacts(run_id, part)}

    assert listed == {
        "report/report.html", "report/figures", "report/figures/b.png", "report/below", "report/below/report.html",
    }  # fmt: skip
