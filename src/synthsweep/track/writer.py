"""The seam to a tracking store, and the tracker that keeps everything in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from synthsweep.config.schema import ModelConfig

Status = Literal["FINISHED", "FAILED", "KILLED"]
# The id of a run that no other process can find.
IN_MEMORY = "recorded"


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
    """The template that an LLM was asked with: (role, template) a message, never a text of the corpus."""

    name: str
    messages: tuple[tuple[str, str], ...]
    digest: str


@dataclass(frozen=True)
class RunStart:
    """What is known of a run before it trains; `parent` is the run that it belongs to."""

    name: str
    params: Mapping[str, Any]
    tags: Mapping[str, str]
    datasets: tuple[DatasetRecord, ...] = ()
    parent: str = ""
    prompt: PromptRecord | None = None


@dataclass(frozen=True)
class KeptRun:
    """A finished run as the store has it."""

    run_id: str
    name: str
    metrics: Mapping[str, float]
    tags: Mapping[str, str]


@dataclass(frozen=True)
class Feedback:
    """What one person says of an example: `values` by name (a verdict, a list of criteria), `note` in words."""

    rater: str
    values: Mapping[str, Any]
    note: str = ""


@dataclass(frozen=True)
class JudgedExample:
    """An example that people gave feedback on: `shown` and `claimed` are what they saw and what was said of it."""

    name: str
    shown: Mapping[str, str]
    claimed: Mapping[str, Any]
    feedback: tuple[Feedback, ...]


class Tracker(Protocol):
    """Eight calls; every one of them raises TrackingError when the store does not take it."""

    def find(self, run_key: str) -> KeptRun | None:
        """The latest FINISHED run with this key."""

    def step_seconds(self, model: ModelConfig) -> list[float]:
        """Seconds a training step, dev and test included, of the latest runs that trained this encoder."""

    def start(self, run: RunStart) -> str:
        """Opens a run as RUNNING and returns its id."""

    def resume(self, run_id: str) -> None:
        """Goes on with a run that was started before, as RUNNING."""

    def log_metrics(self, metrics: Mapping[str, float], step: int = 0) -> None:
        """Adds metrics in one write."""

    def log_files(self, folder: Path) -> None:
        """Keeps a copy of everything below the folder."""

    def log_feedback(self, examples: Sequence[JudgedExample]) -> None:
        """Keeps examples with what people said of them."""

    def finish(self, status: Status, reason: str = "", summary: str = "") -> None:
        """Closes the run; `reason` is one line of why it did not finish, `summary` is Markdown for its page."""


@dataclass
class RecordingTracker:
    """A tracker that keeps everything in memory: for tracking=none, and for tests."""

    run: RunStart | None = None
    metrics: list[tuple[int, dict[str, float]]] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    judged: list[JudgedExample] = field(default_factory=list)
    status: str = ""
    reason: str = ""
    summary: str = ""

    def find(self, run_key: str) -> KeptRun | None:
        if self.run is None or self.status != "FINISHED" or self.run.tags.get("run_key") != run_key:
            return None
        latest = {name: value for _, metrics in self.metrics for name, value in metrics.items()}
        return KeptRun(IN_MEMORY, self.run.name, latest, self.run.tags)

    def step_seconds(self, model: ModelConfig) -> list[float]:
        return []

    def start(self, run: RunStart) -> str:
        self.run, self.status = run, "RUNNING"
        return IN_MEMORY

    def resume(self, run_id: str) -> None:
        self.status = "RUNNING"

    def log_metrics(self, metrics: Mapping[str, float], step: int = 0) -> None:
        self.metrics.append((step, dict(metrics)))

    def log_files(self, folder: Path) -> None:
        found = (path for path in sorted(folder.rglob("*")) if path.is_file())
        self.files |= {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}

    def log_feedback(self, examples: Sequence[JudgedExample]) -> None:
        self.judged += examples

    def finish(self, status: Status, reason: str = "", summary: str = "") -> None:
        self.status, self.reason, self.summary = status, reason, summary
