"""Writing one run to a tracking store: the protocol, its values, and a tracker that keeps everything in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, Protocol

from synthsweep.config.keys.training import ModelConfig
from synthsweep.track.reader import KeptRun

Status = Literal["FINISHED", "FAILED", "KILLED"]
# The id of a run that no other process can find.
IN_MEMORY = "recorded"
NO_TAGS: Mapping[str, str] = {}


@dataclass(frozen=True)
class DatasetRecord:
    """A data set that a run used: counts and digest, never a text."""

    name: str
    context: str
    digest: str
    source: str
    profile: Mapping[str, int]


@dataclass(frozen=True)
class PromptRecord:
    """The template that an LLM was asked with: (role, template) per message, never a text of the corpus."""

    name: str
    messages: tuple[tuple[str, str], ...]
    digest: str


@dataclass(frozen=True)
class TableView:
    """A table of runs on the store's pages: those that `rule`, a filter of MLflow, selects, sorted by one of the columns.

    `columns` are as in filters, such as "params.`seed`". `name` is part of its address.
    """

    name: str
    rule: str
    columns: tuple[str, ...]
    sort_by: str
    ascending: bool = False


@dataclass(frozen=True)
class RunStart:
    """What is known of a run before it trains; `parent` is the id of the run that it belongs to.

    `files` are texts that it keeps, by their names. `views` are tables of runs that the store's pages offer from now on.
    """

    name: str
    params: Mapping[str, Any]
    tags: Mapping[str, str]
    datasets: tuple[DatasetRecord, ...] = ()
    parent: str = ""
    prompt: PromptRecord | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    views: tuple[TableView, ...] = ()


@dataclass(frozen=True)
class Feedback:
    """What one person says about an example: `values` by name (a verdict, a list of criteria), and a `note` in words."""

    rater: str
    values: Mapping[str, Any]
    note: str = ""


@dataclass(frozen=True)
class JudgedExample:
    """An example with people's feedback: `shown` is what they saw, `claimed` what the corpus or an LLM says about it."""

    name: str
    shown: Mapping[str, str]
    claimed: Mapping[str, Any]
    feedback: tuple[Feedback, ...]


class Tracker(Protocol):
    """Writes one run at a time; every call raises TrackingError when the store rejects it."""

    def start(self, run: RunStart) -> str:
        """Opens a run as RUNNING and returns its id."""

    def resume(self, run_id: str, tags: Mapping[str, str] = NO_TAGS) -> None:
        """Continues a run that was started before, as RUNNING, with these tags in the place of earlier ones."""

    def adopt(self, run_ids: Sequence[str]) -> None:
        """Makes these runs belong to this one."""

    def log_metrics(self, metrics: Mapping[str, float], step: int = 0) -> None:
        """Adds metrics in one write."""

    def log_files(self, folder: Path) -> None:
        """Keeps a copy of every file below the folder."""

    def log_feedback(self, examples: Sequence[JudgedExample]) -> None:
        """Adds examples with people's feedback."""

    def finish(self, status: Status, reason: str = "", summary: str = "") -> None:
        """Closes the run; `reason` says in one line why it did not finish, `summary` is Markdown for its page."""


@dataclass(frozen=True)
class RegisteredModel:
    """A version in a registry of models, loaded by its `alias` from the store at `uri`, which may hold a password.

    `new` says that it was made now; `before` is the version that had the alias, empty if none had.
    """

    name: str
    version: str
    alias: str
    uri: str
    new: bool
    before: str = ""

    @property
    def address(self) -> str:
        return f"models:/{self.name}@{self.alias}"


class ModelRegistry(Protocol):
    """Keeps the saved classifiers of runs under names; every call raises TrackingError when the store rejects it."""

    def register(self, name: str, run_id: str, alias: str, tags: Mapping[str, str]) -> RegisteredModel:
        """Gives the alias to the version of a run's saved classifier, which is made where the run has none.

        Raises:
            StudyError: something else has this name.
        """


@dataclass
class RecordingTracker:
    """A tracker that keeps its latest run in memory and finds it again: for tracking=none, and for tests."""

    run: RunStart | None = None
    metrics: list[tuple[int, dict[str, float]]] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    judged: list[JudgedExample] = field(default_factory=list)
    status: str = ""
    reason: str = ""
    summary: str = ""
    children: tuple[str, ...] = ()

    def find_finished(self, run_key: str, *, with_predictions: bool = True) -> KeptRun | None:
        if self.run is None or self.status != "FINISHED" or self.run.tags.get("run_key") != run_key:
            return None
        latest = {name: value for _, metrics in self.metrics for name, value in metrics.items()}
        return KeptRun(IN_MEMORY, self.run.name, self.status, latest, self.run.tags)

    def step_seconds(self, model: ModelConfig) -> list[float]:
        return []

    def start(self, run: RunStart) -> str:
        self.run, self.status = run, "RUNNING"
        self.files |= {name: text.encode() for name, text in run.files.items()}
        return IN_MEMORY

    def resume(self, run_id: str, tags: Mapping[str, str] = NO_TAGS) -> None:
        self.status = "RUNNING"
        if self.run:
            self.run = replace(self.run, tags={**self.run.tags, **tags})

    def adopt(self, run_ids: Sequence[str]) -> None:
        self.children = (*self.children, *run_ids)

    def log_metrics(self, metrics: Mapping[str, float], step: int = 0) -> None:
        self.metrics.append((step, dict(metrics)))

    def log_files(self, folder: Path) -> None:
        paths = (path for path in sorted(folder.rglob("*")) if path.is_file())
        self.files |= {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}

    def log_feedback(self, examples: Sequence[JudgedExample]) -> None:
        self.judged += examples

    def finish(self, status: Status, reason: str = "", summary: str = "") -> None:
        self.status, self.reason, self.summary = status, reason, summary
