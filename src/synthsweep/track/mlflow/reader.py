"""Reads the runs of an MLflow store, and adds reports to them."""

from collections.abc import Collection, Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path

from mlflow.entities import Run
from mlflow.exceptions import MlflowException
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
from mlflow.tracking import MlflowClient

from synthsweep.config.keys.run import TrackingConfig
from synthsweep.config.keys.training import ModelConfig
from synthsweep.track.mlflow.client import SAME_KEY_RUNS, search_runs, wrapped, write_shared
from synthsweep.track.mlflow.filters import equals
from synthsweep.track.mlflow.local_store import existing_store, given_store, impatient_mlflow, quiet_mlflow
from synthsweep.track.mlflow.metric_names import own_names
from synthsweep.track.mlflow.moved_store import local_path
from synthsweep.track.mlflow.pages import linked
from synthsweep.track.mlflow.run_files import REPORT_FOLDERS, FetchedFiles, artifacts_of, own_files
from synthsweep.track.mlflow.step_times import STEPS, TIMED_RUNS, encoder_of, seconds_per_step
from synthsweep.track.reader import NOTE, KeptRun

# A longer filter may be refused by a server.
IDS_AT_ONCE = 200


@dataclass
class MlflowReader:
    """A RunReader through MLflow itself. `artifacts` is the folder of a local store's files."""

    client: MlflowClient
    uri: str
    artifacts: Path | None = None
    # Where the files of each run are that was read.
    _addresses: dict[str, str] = field(default_factory=dict, init=False)
    _fetched: FetchedFiles = field(default_factory=FetchedFiles, init=False)

    def find_finished(self, run_key: str, *, with_predictions: bool = True) -> KeptRun | None:
        with wrapped(self.uri):
            rule = f"{equals('tags.run_key', run_key)} and attributes.status = 'FINISHED'"
            runs = search_runs(self.client, rule, latest=SAME_KEY_RUNS)
        return next((run for run in map(self._kept, runs) if run.has_predictions or not with_predictions), None)

    def step_seconds(self, model: ModelConfig) -> list[float]:
        encoder = encoder_of(model)
        same = " and ".join(equals(f"params.`{key}`", value) for key, value in encoder.items())
        rule = f"{same} and attributes.status = 'FINISHED' and metrics.`{STEPS}` > 0"
        with wrapped(self.uri):
            runs = list(map(self._kept, search_runs(self.client, rule, latest=TIMED_RUNS)))
        return seconds_per_step(run for run in runs if encoder.items() <= run.params.items())

    def runs_of_study(self, study: str) -> list[KeptRun]:
        return [run for run in self.filtered_runs(equals("tags.study", study)) if run.tags.get("study") == study]

    def filtered_runs(self, rule: str) -> list[KeptRun]:
        with wrapped(self.uri):
            return [self._kept(run) for run in search_runs(self.client, rule)]

    def runs_with_ids(self, run_ids: Collection[str]) -> list[KeptRun]:
        wanted = sorted(run_ids)
        parts = [wanted[start : start + IDS_AT_ONCE] for start in range(0, len(wanted), IDS_AT_ONCE)]
        listed = [", ".join(f"'{run_id}'" for run_id in part) for part in parts]
        return [run for part in listed for run in self.filtered_runs(f"attributes.run_id IN ({part})")]

    def studies(self) -> list[str]:
        runs = self.filtered_runs("tags.study != ''")
        return list(dict.fromkeys(run.tags["study"] for run in reversed(runs) if "study" in run.tags))

    def file_of(self, run_id: str, name: str) -> Path | None:
        address = self._address_of(run_id)
        if address is None:
            return None
        place = local_path(address)
        if place is not None:
            return place / name if (place / name).is_file() else None
        with wrapped(self.uri):
            return self._fetched.file(run_id, name, get_artifact_repository(address, tracking_uri=self.uri))

    def folder_of(self, run_id: str, name: str) -> Path | None:
        address = self._address_of(run_id)
        if address is None:
            return None
        place = local_path(address)
        if place is not None:
            return place / name if (place / name).is_dir() else None
        with wrapped(self.uri):
            return self._fetched.file(run_id, name, get_artifact_repository(address, tracking_uri=self.uri))

    def describe(self, run_id: str, text: str) -> None:
        with wrapped(self.uri):
            experiment = self.client.get_run(run_id).info.experiment_id
            write_shared(lambda: self.client.set_tag(run_id, NOTE, linked(text, experiment)))

    def add_report(self, folder: Path, files: Sequence[str], run_ids: Sequence[str], place: str) -> None:
        new = {f"{place}/{name}" for name in files}
        parts = [place, *(f"{place}/{part}" for part in REPORT_FOLDERS)]
        with wrapped(self.uri):
            for run_id in run_ids:
                for name in files:
                    self.client.log_artifact(run_id, str(folder / name), f"{place}/{name}".rpartition("/")[0])
                self._remove_others(run_id, parts, new)

    def _address_of(self, run_id: str) -> str | None:
        """Where the files of a run are, also of one that was deleted but not removed; None if there is no such run."""
        if run_id not in self._addresses:
            with wrapped(self.uri):
                try:
                    self._addresses[run_id] = self.client.get_run(run_id).info.artifact_uri
                except MlflowException as error:
                    if error.error_code != "RESOURCE_DOES_NOT_EXIST":
                        raise
        return self._addresses.get(run_id)

    def _remove_others(self, run_id: str, parts: Sequence[str], kept: Set[str]) -> None:
        """Removes the files in these folders of a run, but for those that are kept; folders below them stay."""
        artifacts = get_artifact_repository(self.client.get_run(run_id).info.artifact_uri, tracking_uri=self.uri)
        there = [file.path for part in parts for file in artifacts.list_artifacts(part) if not file.is_dir]
        for path in there:
            if path not in kept:
                artifacts.delete_artifacts(path)  # type: ignore[no-untyped-call]

    def _kept(self, run: Run) -> KeptRun:
        self._addresses[run.info.run_id] = run.info.artifact_uri
        return KeptRun(
            run_id=run.info.run_id,
            name=str(run.info.run_name),
            status=run.info.status,
            metrics=own_names(run.data.metrics),
            tags=dict(run.data.tags),
            params=dict(run.data.params),
            files=own_files(run.info.artifact_uri, self.artifacts),
        )


def open_reader(config: TrackingConfig) -> MlflowReader:
    """Opens an existing store through MLflow; nothing in it is made or closed, only what was moved or copied is settled.

    Raises:
        TrackingError: the store does not answer.
    """
    quiet_mlflow()
    if config.kind == "server":
        impatient_mlflow()
    folder = Path(config.folder)
    uri = given_store(config.uri, folder) if config.uri else existing_store(folder)
    with wrapped(uri):
        return reader_on(MlflowClient(tracking_uri=uri, registry_uri=uri), uri, config)


def reader_on(client: MlflowClient, uri: str, config: TrackingConfig) -> MlflowReader:
    """A reader of an open store."""
    return MlflowReader(client, uri, artifacts_of(config))
