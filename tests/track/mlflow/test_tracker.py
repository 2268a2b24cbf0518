"""Writes runs to a real MLflow store on SQLite."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from mlflow.entities import Run

from synthsweep.config.keys.run import TrackingConfig
from synthsweep.errors import TrackingError
from synthsweep.storage.process import own_mark
from synthsweep.track.mlflow.tracker import CLONE_S, MlflowTracker, _is_dead, open_tracker, process_tags
from synthsweep.track.writer import DatasetRecord, RunStart

RUN = RunStart(
    "augment 0.5",
    {"mix.ratio": 0.5, "labels.ids": ["A", "B"]},
    {"run_key": "abc", "seed": "1"},
    (DatasetRecord("csv train", "train", "0123456789abcdef", "train.csv", {"examples": 3, "A": 1}),),
)


def stored(tracker: MlflowTracker) -> Run:
    return tracker.client.get_run(tracker.run_id)


def test_a_run_keeps_parameters_tags_data_sets_metrics_and_files(tracker: MlflowTracker, tmp_path: Path) -> None:
    (tmp_path / "out" / "figures").mkdir(parents=True)
    (tmp_path / "out" / "figures" / "a.png").write_bytes(b"picture")
    tracker.start(RUN)
    tracker.log_metrics({"test/recall/A": 0.25}, step=0)
    tracker.log_files(tmp_path / "out")
    tracker.finish("FINISHED")

    run = stored(tracker)

    assert run.data.params == {"mix.ratio": "0.5", "labels.ids": "['A', 'B']"}
    assert {"run_key": "abc", "seed": "1", **process_tags()}.items() <= run.data.tags.items()
    assert [(used.dataset.name, used.dataset.digest, used.tags[0].value) for used in run.inputs.dataset_inputs] == [
        ("csv train", "01234567", "train")
    ]
    assert run.data.metrics == {"test/recall/A": 0.25}
    assert (run.info.run_name, run.info.status) == ("augment 0.5", "FINISHED")
    place = tmp_path / "mlruns" / "artifacts" / "synthsweep" / tracker.run_id / "artifacts"
    assert (place / "figures" / "a.png").read_bytes() == b"picture"


def test_the_reason_of_a_failure_is_a_tag(tracker: MlflowTracker) -> None:
    tracker.start(RUN)
    tracker.finish("FAILED", "TrainingError: the loss is nan")

    assert (stored(tracker).info.status, stored(tracker).data.tags["failure"]) == ("FAILED", "TrainingError: the loss is nan")


@pytest.mark.slow
def test_a_run_of_a_dead_process_is_killed_at_the_next_start(tracker: MlflowTracker, caplog: pytest.LogCaptureFixture) -> None:
    """A run of this very process stays RUNNING."""

    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    tracker.start(RUN)
    living = tracker.run_id
    tracker.start(RUN)
    tracker.client.set_tag(tracker.run_id, "pid", str(gone.pid))

    open_tracker(TrackingConfig())

    assert stored(tracker).info.status == "KILLED"
    assert tracker.client.get_run(living).info.status == "RUNNING"
    assert "1 run of a process that died marked as KILLED" in caplog.text


def test_a_process_number_that_was_given_again_does_not_keep_a_dead_run_alive(tracker: MlflowTracker) -> None:
    """The start time of the process is compared too."""

    tracker.start(RUN)
    tracker.client.set_tag(tracker.run_id, "pid_started", "1.00")

    assert tracker.close_dead_runs() == 1


def test_a_run_of_an_earlier_boot_is_dead_in_a_file_and_on_a_server_after_a_day(tracker: MlflowTracker) -> None:
    """A clone of this machine, which looks the same, may go on with it on a server."""

    tracker.start(RUN)
    machine, _, *rest = own_mark().started.split(" ")
    tracker.client.set_tag(tracker.run_id, "pid_started", " ".join((machine, "another-boot", *rest)))
    run = tracker.client.get_run(tracker.run_id)
    fresh = _is_dead(run, in_file=False)
    run.info._start_time -= int(2 * CLONE_S * 1000)

    assert (fresh, _is_dead(run, in_file=False)) == (False, True)
    assert tracker.close_dead_runs() == 1


def test_runs_of_other_hosts_and_other_tools_are_left_alone(tracker: MlflowTracker) -> None:
    """Nothing here shows whether their process lives."""

    tracker.start(RUN)
    tracker.client.set_tag(tracker.run_id, "host", "elsewhere")
    tracker.start(RUN)
    tracker.client.delete_tag(tracker.run_id, "pid")

    assert tracker.close_dead_runs() == 0


def test_a_parameter_longer_than_mlflow_allows_is_cut(tracker: MlflowTracker) -> None:
    """A long prompt costs its end, not the run."""

    tracker.start(RunStart("long", {"prompt.template": "x" * 9000}, {}))

    assert stored(tracker).data.params["prompt.template"] == "x" * 5999 + "…"


def test_a_deleted_experiment_says_what_to_do(tracker: MlflowTracker) -> None:
    """MLflow itself refuses with a constraint of its database."""

    tracker.start(RUN)
    tracker.client.delete_experiment(stored(tracker).info.experiment_id)

    with pytest.raises(TrackingError, match=r"tracking\.experiment=synthsweep was deleted in MLflow: restore it there"):
        tracker.start(RUN)


def test_a_database_of_another_mlflow_names_the_command_that_mends_it(tmp_path: Path, migrated: Path) -> None:
    """An older schema must not be migrated behind the user's back."""

    import shutil
    import sqlite3
    from contextlib import closing

    shutil.copytree(migrated, tmp_path / "mlruns")
    with closing(sqlite3.connect(tmp_path / "mlruns" / "mlflow.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '451aebb31d03'")

    with pytest.raises(TrackingError, match="has a database of another MLflow version: back it up, then mlflow db upgrade"):
        open_tracker(TrackingConfig())


def test_a_server_that_is_not_there_is_one_error_without_its_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The address is shown so that a typo is seen."""

    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")

    with pytest.raises(TrackingError, match=r"MLflow at http://127\.0\.0\.1:9 does not answer: start it") as caught:
        open_tracker(TrackingConfig(kind="server", uri="http://user:secret@127.0.0.1:9"))
    assert "secret" not in str(caught.value)


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes anywhere")
def test_a_read_only_database_is_a_tracking_error(tracker: MlflowTracker, tmp_path: Path) -> None:
    (tmp_path / "mlruns" / "mlflow.db").chmod(0o400)

    with pytest.raises(TrackingError, match="tracking: MLflow at sqlite"):
        tracker.start(RUN)


def test_a_resumed_run_is_this_processs_and_stays_below_its_parent(tracker: MlflowTracker) -> None:
    tracker.start(RunStart("child", {}, {}, parent="above"))
    run_id = tracker.run_id
    tracker.finish("KILLED", "a pause")
    tracker.resume(run_id)

    run = stored(tracker)

    assert (run.info.status, run.data.tags["mlflow.parentRunId"]) == ("RUNNING", "above")
    assert process_tags().items() <= run.data.tags.items()
