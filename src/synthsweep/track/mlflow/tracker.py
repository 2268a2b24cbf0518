"""Writes runs to MLflow: on SQLite below mlruns/, or on a server."""

import json
import logging
import socket
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import mlflow.entities as entities
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient

from synthsweep.config.keys.run import TrackingConfig
from synthsweep.errors import StorageError, TrackingError
from synthsweep.messages import first_line
from synthsweep.storage.database import alone, open_engine
from synthsweep.storage.process import ProcessMark, own_mark
from synthsweep.track.mlflow.client import search_runs, wrapped, write_shared
from synthsweep.track.mlflow.filters import equals
from synthsweep.track.mlflow.local_store import (
    artifact_root,
    given_store,
    impatient_mlflow,
    make_tables,
    quiet_mlflow,
    require_store,
)
from synthsweep.track.mlflow.metric_names import stored_names
from synthsweep.track.mlflow.pages import experiment_tags, linked
from synthsweep.track.mlflow.prompts import PromptRegistry
from synthsweep.track.mlflow.traces import write_traces
from synthsweep.track.reader import NOTE, PARENT, cut_parameter
from synthsweep.track.writer import NO_TAGS, DatasetRecord, JudgedExample, RunStart, Status, TableView

log = logging.getLogger(__name__)

# The tags of the process that does a run; its start distinguishes it from a later one with the same number.
HOST, PID, STARTED = "host", "pid", "pid_started"
# At most this many runs of dead processes are closed at once.
MOST_DEAD_RUNS = 1000
# A run of an earlier boot that is older than this many seconds is no longer thought to go on on a clone of this machine.
CLONE_S = 24 * 3600.0
# MLflow's own tag, by which its pages show the prompts of a run.
LINKED_PROMPTS = "mlflow.linkedPrompts"


@dataclass
class MlflowTracker:
    """A tracker for one run at a time; `artifact_root` is empty where a server decides on it."""

    client: MlflowClient
    uri: str
    experiment: str
    artifact_root: str = ""
    run_id: str = field(default="", init=False)

    _experiment: str = field(default="", init=False)

    def __post_init__(self) -> None:
        self.prompts = PromptRegistry(self.client)

    def start(self, run: RunStart) -> str:
        tags = {**run.tags, **process_tags(), "mlflow.source.type": "LOCAL", "mlflow.source.name": "synthsweep"}
        if run.parent:
            tags[PARENT] = run.parent
        with wrapped(self.uri):
            experiment = self._experiment = self._open_experiment(run.views)
            if run.prompt is not None:
                # MLflow's own call looks for the run in the default store, and would make such a store in the current folder.
                version = self.prompts.version(run.prompt, experiment)
                tags[LINKED_PROMPTS] = json.dumps([{"name": run.prompt.name, "version": version}])
            made = self.client.create_run(experiment, run_name=run.name, tags=tags)
            self.run_id = made.info.run_id
            params = [entities.Param(name, cut_parameter(str(value))) for name, value in run.params.items()]
            self.client.log_batch(self.run_id, params=params)
            if run.datasets:
                self._log_inputs(run.datasets)
            for name, text in run.files.items():
                self.client.log_text(self.run_id, text, name)
        return self.run_id

    def resume(self, run_id: str, tags: Mapping[str, str] = NO_TAGS) -> None:
        self.run_id = run_id
        with wrapped(self.uri):
            rows = [entities.RunTag(name, value) for name, value in {**tags, **process_tags()}.items()]
            write_shared(lambda: self.client.log_batch(run_id, tags=rows))
            self.client.update_run(run_id, status="RUNNING")

    def adopt(self, run_ids: Sequence[str]) -> None:
        with wrapped(self.uri):
            for run_id in run_ids:
                write_shared(partial(self.client.set_tag, run_id, PARENT, self.run_id))

    def log_metrics(self, metrics: Mapping[str, float], step: int = 0) -> None:
        now = int(time.time() * 1000)
        rows = [entities.Metric(name, value, now, step) for name, value in stored_names(metrics).items()]
        with wrapped(self.uri):
            # One write for all: one by one they take 25 times as long.
            for start in range(0, len(rows), 1000):
                write_shared(partial(self.client.log_batch, self.run_id, metrics=rows[start : start + 1000]))

    def log_files(self, folder: Path) -> None:
        with wrapped(self.uri):
            self.client.log_artifacts(self.run_id, str(folder))

    def log_feedback(self, examples: Sequence[JudgedExample]) -> None:
        with wrapped(self.uri):
            write_traces(self.uri, self._open_experiment(), self.run_id, examples)

    def finish(self, status: Status, reason: str = "", summary: str = "") -> None:
        with wrapped(self.uri):
            if summary:
                note = linked(summary, self._experiment or self._open_experiment())
                write_shared(lambda: self.client.set_tag(self.run_id, NOTE, note))
            if reason:
                write_shared(lambda: self.client.set_tag(self.run_id, "failure", reason))
            self.client.set_terminated(self.run_id, status)

    def close_dead_runs(self) -> int:
        """Marks the runs of dead processes of this host as KILLED and returns their count: a kill -9 leaves them RUNNING."""
        with wrapped(self.uri):
            rule = f"attributes.status = 'RUNNING' and {equals(f'tags.{HOST}', socket.gethostname())}"
            running = search_runs(self.client, rule, latest=MOST_DEAD_RUNS)
            dead = [run for run in running if _is_dead(run, in_file=self.uri.startswith("sqlite"))]
            for run in dead:
                self.client.set_terminated(run.info.run_id, "KILLED")
        return len(dead)

    def _log_inputs(self, datasets: Sequence[DatasetRecord]) -> None:
        inputs = [_dataset_input(record) for record in datasets]
        write_shared(lambda: self.client.log_inputs(self.run_id, datasets=inputs))

    def require_experiment(self) -> entities.Experiment | None:
        """The experiment of the runs; None if it is not made yet. Raises TrackingError if it was deleted."""
        with wrapped(self.uri):
            known = self.client.get_experiment_by_name(self.experiment)
        if known is not None and known.lifecycle_stage == "deleted":
            raise TrackingError(
                f"tracking.experiment={self.experiment} was deleted in MLflow: restore it there, or take another name"
            )
        return known

    def offer(self, views: Sequence[TableView]) -> str:
        """Makes these tables pages of the store, and returns the id of the experiment, which is made if it is not there.

        Raises:
            TrackingError: the store rejects them.
        """
        with wrapped(self.uri):
            return self._open_experiment(views)

    def _open_experiment(self, views: Sequence[TableView] = ()) -> str:
        """The id of the experiment, whose pages offer these tables."""
        experiment = self.require_experiment() or self._make_experiment()
        number = str(experiment.experiment_id)
        for name, value in experiment_tags(experiment.tags, number, views).items():
            write_shared(partial(self.client.set_experiment_tag, number, name, value))
        return number

    def _make_experiment(self) -> entities.Experiment:
        place = f"{self.artifact_root}/{_folder_name(self.experiment)}" if self.artifact_root else None
        try:
            return self.client.get_experiment(self.client.create_experiment(self.experiment, artifact_location=place))
        except MlflowException:
            # Another process made it in the meantime.
            made = self.client.get_experiment_by_name(self.experiment)
            if made is None:
                raise
            return made


def open_tracker(config: TrackingConfig) -> MlflowTracker:
    """The tracker of a configuration, with the runs of dead processes closed.

    Raises:
        TrackingError: the store cannot be made or does not answer.
    """
    quiet_mlflow()
    if config.kind == "server":
        impatient_mlflow()
        uri, artifacts = str(config.uri), ""
    else:
        folder = Path(config.folder)
        artifacts = artifact_root(folder)
        uri = _require_tables(given_store(config.uri, folder), artifacts) if config.uri else require_store(folder)
    with wrapped(uri):
        tracker = MlflowTracker(MlflowClient(tracking_uri=uri, registry_uri=uri), uri, config.experiment, artifacts)
    # Before anything is computed that it could not take.
    tracker.require_experiment()
    dead = tracker.close_dead_runs()
    if dead:
        log.warning("%d run%s of a process that died marked as KILLED", dead, "s" * (dead > 1))
    return tracker


def _require_tables(uri: str, artifacts: str) -> str:
    """Makes MLflow's tables where `tracking.uri` says, one process at a time: two at once would break them for good."""
    try:
        engine = open_engine(uri)
        with alone(engine, "mlflow"):
            make_tables(uri, artifacts)
        engine.dispose()
    except StorageError as error:
        raise TrackingError(f"tracking.uri: {first_line(error)}") from error
    return uri


def process_tags() -> dict[str, str]:
    """Identifies this process, so that a later one can see whether it is still there."""
    mark = own_mark()
    return {HOST: mark.host, PID: mark.pid, STARTED: mark.started}


def _is_dead(run: entities.Run, *, in_file: bool) -> bool:
    """Whether the process of a run has ended; `in_file`: the store is a file of this machine, which no clone writes to."""
    # A run of another tool has no such tags, and must stay open.
    tags = run.data.tags
    mark = ProcessMark(tags.get(HOST, ""), tags.get(PID, ""), tags.get(STARTED, ""))
    old = in_file or time.time() - run.info.start_time / 1000 > CLONE_S
    return mark.gone or (mark.of_earlier_boot and old)


def _folder_name(experiment: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in experiment)


def _dataset_input(record: DatasetRecord) -> entities.DatasetInput:
    dataset = entities.Dataset(
        name=record.name,
        digest=record.digest[:8],
        source_type="synthsweep",
        source=json.dumps({"source": record.source}),
        profile=json.dumps(dict(record.profile)),
    )
    return entities.DatasetInput(dataset, [entities.InputTag("mlflow.data.context", record.context)])
