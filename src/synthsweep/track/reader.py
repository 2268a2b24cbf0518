"""Reading a tracking store: the protocol, and what it returns."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from synthsweep.config.keys.training import ModelConfig

# The tag of a run that stands for a finished one: the id of the run that was trained.
REUSED_FROM = "reused_from"
# The tag of a run that was trained on dev, too: the id of the run whose configuration it is, and what dev decided there.
FINAL_OF = "final_of"
# The file of a run that a comparison reads.
PREDICTIONS = "predictions.parquet"
# The file of a study's run with its best trial.
RESULTS = "optimization_results.yaml"
# The folder of a run with its trained classifier, under tracking.log_model=true.
MODEL = "model"
# The file of a run with its whole configuration, and the tag that names it: a run with this tag has an extract as parameters.
CONFIG, CONFIG_TAG = "config.yaml", "config"
# The longest parameter that MLflow takes.
PARAM_LENGTH = 6000
# MLflow's own tag, whose Markdown its pages show.
NOTE = "mlflow.note.content"
# The heading below which the page of a study lists its trials.
TRIALS = "## Trials"
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
    def trained_id(self) -> str:
        """The id of the run that was trained: its own, unless it stands for another one."""
        return self.tags.get(REUSED_FROM, self.run_id)

    @property
    def has_predictions(self) -> bool:
        """False only where they are certainly gone."""
        return self.files is None or (self.files / PREDICTIONS).is_file()

    @property
    def has_model(self) -> bool:
        """False only where it certainly has no saved classifier."""
        return self.files is None or (self.files / MODEL).is_dir()


def cut_parameter(text: str) -> str:
    """A parameter as the store has it."""
    return text if len(text) <= PARAM_LENGTH else f"{text[: PARAM_LENGTH - 1]}…"


class FinishedRuns(Protocol):
    """What a run asks about earlier runs; every call raises TrackingError when the store does not answer."""

    def find_finished(self, run_key: str, *, with_predictions: bool = True) -> KeptRun | None:
        """The latest FINISHED run with this key; `with_predictions`, one whose predictions are not gone."""

    def step_seconds(self, model: ModelConfig) -> list[float]:
        """Seconds per training step, dev and test included, of the latest runs that trained this encoder.

        Of a run that read texts in windows, per step and window of a text.
        """


class RunReader(FinishedRuns, Protocol):
    """What a comparison asks of a store; every call raises TrackingError when the store does not answer."""

    @property
    def uri(self) -> str:
        """The address of the store, with a password if it has one."""

    def runs_of_study(self, study: str) -> list[KeptRun]:
        """Every run with this study's name, oldest first: its own, those of its trials, and replicates."""

    def filtered_runs(self, rule: str) -> list[KeptRun]:
        """The runs that a search filter of MLflow selects, oldest first."""

    def runs_with_ids(self, run_ids: Collection[str]) -> list[KeptRun]:
        """Those of these runs that are not deleted."""

    def studies(self) -> list[str]:
        """The names of all studies, latest first."""

    def file_of(self, run_id: str, name: str) -> Path | None:
        """A file of a run, to read: where it lies, or fetched once from a server, into a folder that goes with this process.

        None if the run has none of this name, or is gone; several threads may ask.
        """

    def folder_of(self, run_id: str, name: str) -> Path | None:
        """The same for a folder of a run with all that is in it."""

    def describe(self, run_id: str, text: str) -> None:
        """Puts Markdown in the place of what the page of a run says; `run:ID` and `run:ID/FILE` are addresses of pages."""

    def add_report(self, folder: Path, files: Sequence[str], run_ids: Sequence[str], place: str) -> None:
        """Adds these files of a folder to runs, as their artifacts below `place`, in the place of an earlier report there."""
