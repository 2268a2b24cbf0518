"""Runs in MLflow: on SQLite below mlruns/, or on a server."""

import json
import logging
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import mlflow.entities as entities
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient

from synthsweep.config.schema import ModelConfig, TrackingConfig
from synthsweep.errors import StorageError, SynthsweepError, TrackingError
from synthsweep.messages import first_line, without_password
from synthsweep.storage.database import alone, open_engine
from synthsweep.storage.process import ProcessMark, own_mark
from synthsweep.track.mlflow_traces import write_traces
from synthsweep.track.prompt_registry import PromptRegistry
from synthsweep.track.store import ARTIFACTS, impatient_mlflow, quiet_mlflow, require_store
from synthsweep.track.writer import DatasetRecord, JudgedExample, KeptRun, RunStart, Status

log = logging.getLogger(__name__)

# MLflow refuses longer parameters.
PARAM_LENGTH = 6000
# What tells a process from a later one with the same number.
HOST, PID, STARTED = "host", "pid", "pid_started"
# What grows with the steps of a run.
STEP_TIMES = ("time/train", "time/dev", "time/evaluate")
# As many as data sets of a run, and one more.
INPUT_ATTEMPTS = 6
# MLflow's own tag, by which its pages nest runs.
PARENT = "mlflow.parentRunId"
# By this one they show the prompts of a run.
LINKED_PROMPTS = "mlflow.linkedPrompts"


@dataclass
class MlflowTracker:
    """A tracker for one run at a time; `artifact_root` is empty where a server decides on it."""

    client: MlflowClient
    uri: str
    experiment: str
    artifact_root: str = ""
    run_id: str = field(default="", init=False)

    def __post_init__(self) -> None:
        self.prompts = PromptRegistry(self.client)

    def find(self, run_key: str) -> KeptRun | None:
        with wrapped(self.uri):
            runs = self._search(f"tags.run_key = '{run_key}' and attributes.status = 'FINISHED'", limit=1)
        if not runs:
            return None
        run = runs[0]
        return KeptRun(run.info.run_id, run.info.run_name, dict(run.data.metrics), dict(run.data.tags))

    def step_seconds(self, model: ModelConfig) -> list[float]:
        # In double quotes, since a path may hold single ones.
        same = f'params.`model.name` = "{model.name}" and params.`model.name_or_path` = "{model.name_or_path}"'
        rule = f"{same} and attributes.status = 'FINISHED' and metrics.`train/steps` > 0"
        with wrapped(self.uri):
            metrics = [run.data.metrics for run in self._search(rule, limit=50) if "reused_from" not in run.data.tags]
        return [sum(m.get(name, 0.0) for name in STEP_TIMES) / m["train/steps"] for m in metrics]

    def start(self, run: RunStart) -> str:
        tags = {**run.tags, **process_tags(), "mlflow.source.type": "LOCAL", "mlflow.source.name": "synthsweep"}
        if run.parent:
            tags[PARENT] = run.parent
        with wrapped(self.uri):
            experiment = self._experiment_id()
            if run.prompt is not None:
                # MLflow's own call for this looks for the run in the default store, and makes one where it runs.
                version = self.prompts.version(run.prompt, experiment)
                tags[LINKED_PROMPTS] = json.dumps([{"name": run.prompt.name, "version": version}])
            made = self.client.create_run(experiment, run_name=run.name, tags=tags)
            self.run_id = made.info.run_id
            params = [entities.Param(name, _cut(value)) for name, value in run.params.items()]
            self.client.log_batch(self.run_id, params=params)
            if run.datasets:
                self._log_inputs(run.datasets)
        return self.run_id

    def resume(self, run_id: str) -> None:
        self.run_id = run_id
        with wrapped(self.uri):
            tags = [entities.RunTag(name, value) for name, value in process_tags().items()]
            self.client.log_batch(run_id, tags=tags)
            self.client.update_run(run_id, status="RUNNING")

    def log_metrics(self, metrics: Mapping[str, float], step: int = 0) -> None:
        now = int(time.time() * 1000)
        rows = [entities.Metric(name, value, now, step) for name, value in metrics.items()]
        with wrapped(self.uri):
            # One write for all: one by one they take 25 times as long.
            for start in range(0, len(rows), 1000):
                self.client.log_batch(self.run_id, metrics=rows[start : start + 1000])

    def log_files(self, folder: Path) -> None:
        with wrapped(self.uri):
            self.client.log_artifacts(self.run_id, str(folder))

    def log_feedback(self, examples: Sequence[JudgedExample]) -> None:
        with wrapped(self.uri):
            write_traces(self.uri, self._experiment_id(), self.run_id, examples)

    def finish(self, status: Status, reason: str = "", summary: str = "") -> None:
        with wrapped(self.uri):
            if summary:
                self.client.set_tag(self.run_id, "mlflow.note.content", summary)
            if reason:
                self.client.set_tag(self.run_id, "failure", reason)
            self.client.set_terminated(self.run_id, status)

    def close_dead_runs(self) -> int:
        """Marks runs of this host whose process is gone as KILLED: a kill -9 leaves them RUNNING. Returns their count."""
        with wrapped(self.uri):
            running = self._search(f"attributes.status = 'RUNNING' and tags.{HOST} = '{socket.gethostname()}'", limit=1000)
            dead = [run for run in running if _dead(run.data.tags)]
            for run in dead:
                self.client.set_terminated(run.info.run_id, "KILLED")
        return len(dead)

    def _log_inputs(self, datasets: Sequence[DatasetRecord]) -> None:
        # MLflow looks for a data set and then makes it: of two workers that begin at once, one is too late, and finds it next.
        for attempt in range(INPUT_ATTEMPTS):
            try:
                self.client.log_inputs(self.run_id, datasets=[_dataset_input(record) for record in datasets])
            except Exception as error:
                taken = any(words in str(error).lower() for words in ("unique constraint", "duplicate key"))
                if not taken or attempt == INPUT_ATTEMPTS - 1:
                    raise
            else:
                return

    def _search(self, rule: str, limit: int) -> list[Any]:
        experiments = [found.experiment_id for found in self.client.search_experiments()]
        return list(self.client.search_runs(experiments, rule, max_results=limit, order_by=["attributes.start_time DESC"]))

    def _experiment_id(self) -> str:
        found = self.client.get_experiment_by_name(self.experiment)
        if found is not None:
            if found.lifecycle_stage == "deleted":
                raise TrackingError(
                    f"tracking.experiment={self.experiment} was deleted in MLflow: restore it there, or take another name"
                )
            return str(found.experiment_id)
        place = f"{self.artifact_root}/{_folder_name(self.experiment)}" if self.artifact_root else None
        try:
            return str(self.client.create_experiment(self.experiment, artifact_location=place))
        except MlflowException:
            # Another process made it in the meantime.
            made = self.client.get_experiment_by_name(self.experiment)
            if made is None:
                raise
            return str(made.experiment_id)


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
        uri = _require_server(config.uri) if config.uri else require_store(folder)
        artifacts = (folder.absolute() / ARTIFACTS).as_uri()
    with wrapped(uri):
        tracker = MlflowTracker(MlflowClient(tracking_uri=uri), uri, config.experiment, artifacts)
    dead = tracker.close_dead_runs()
    if dead:
        log.warning("%d run%s of a process that died marked as KILLED", dead, "s" * (dead > 1))
    return tracker


def _require_server(uri: str) -> str:
    """A database server whose tables are there; MLflow makes them, but two processes at once would break them for good."""
    try:
        engine = open_engine(uri)
        with alone(engine, "mlflow"):
            MlflowClient(tracking_uri=uri).search_experiments(max_results=1)
        engine.dispose()
    except StorageError as error:
        raise TrackingError(f"tracking.uri: {first_line(error)}") from error
    return uri


def process_tags() -> dict[str, str]:
    """Who runs this: enough to tell later whether the process is still there."""
    mark = own_mark()
    return {HOST: mark.host, PID: mark.pid, STARTED: mark.started}


def _dead(tags: Mapping[str, str]) -> bool:
    # A run of another tool has no such tags, and is not ours to close.
    return ProcessMark(tags.get(HOST, ""), tags.get(PID, ""), tags.get(STARTED, "")).gone


@contextmanager
def wrapped(uri: str) -> Iterator[None]:
    """Errors of the store as TrackingError; ours as they are."""
    try:
        yield
    except SynthsweepError:
        raise
    except Exception as error:
        # MLflow lets SQLAlchemy's, sqlite3's and requests' errors through beside its own.
        raise TrackingError(without_password(f"tracking: MLflow at {uri} {_reason(error)}")) from error


def _reason(error: Exception) -> str:
    text = first_line(error)
    if "out-of-date database schema" in text:
        return "has a database of another MLflow version: back it up, then mlflow db upgrade URI"
    if "Max retries exceeded" in text or "Connection" in text:
        return "does not answer: start it, correct tracking.uri, or set tracking=local"
    return f"says: {text[:300]}"


def _cut(value: object) -> str:
    text = str(value)
    return text if len(text) <= PARAM_LENGTH else f"{text[: PARAM_LENGTH - 1]}…"


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
