"""Reading a tracking store: the protocol, and what it returns."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from synthsweep.config.keys.training import ModelConfig

# The tag of a run that stands for a finished one: the id of the run that was trained.
REUSED_FROM = "reused_from"
# The file of a run that a comparison reads.
PREDICTIONS = "predictions.parquet"
# MLflow's own tag, by which its pages nest runs.
PARENT = "mlflow.parentRunId"


@dataclass(frozen=True)
class KeptRun:
    """A run as the store has it; `files` is the folder of its files, None where it cannot be seen whether they are there."""

    run_id: str
    name: str
    status: str
    metrics: Mapping[str, float]
    tags: Mapping[str, str]
    params: Mapping[str, str] = field(default_factory=dict)
    files: Path | None = None

    @property
    def parent(self) -> str:
        """The id of the run that it belongs to, empty where there is none."""
        return self.tags.get(PARENT, "")

    @property
    def has_predictions(self) -> bool:
        """False only where they are certainly gone."""
        return self.files is None or (self.files / PREDICTIONS).is_file()


class FinishedRuns(Protocol):
    """What a run asks about earlier runs; every call raises TrackingError when the store does not answer."""

    def find_finished(self, run_key: str, *, with_predictions: bool = True) -> KeptRun | None:
        """The latest FINISHED run with this key; `with_predictions`, one whose predictions are not gone."""

    def step_seconds(self, model: ModelConfig) -> list[float]:
        """Seconds per training step, dev and test included, of the latest runs that trained this encoder."""


class RunReader(FinishedRuns, Protocol):
    """What a comparison asks of a store; every call raises TrackingError when the store does not answer."""

    uri: str

    def runs_of_study(self, study: str) -> list[KeptRun]:
        """Every run with this study's name, oldest first: its own, those of its trials, and replicates."""

    def filtered_runs(self, rule: str) -> list[KeptRun]:
        """The runs that a search filter of MLflow selects, oldest first."""

    def runs_with_ids(self, run_ids: Collection[str]) -> list[KeptRun]:
        """Those of these runs that are not deleted."""

    def studies(self) -> list[str]:
        """The names of all studies, latest first."""

    def parameters_of(self, run_id: str) -> Mapping[str, str] | None:
        """The parameters of a run; None if it is gone."""

    def copy_file(self, run_id: str, name: str, folder: Path) -> Path | None:
        """Copies a file of a run below `folder`; None if the run has none of this name."""

    def add_report(self, folder: Path, files: Sequence[str], run_ids: Sequence[str], place: str) -> None:
        """Adds these files of a folder to runs, as their artifacts below `place`, in the place of an earlier report there."""
