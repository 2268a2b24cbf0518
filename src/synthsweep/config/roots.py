"""The typed root of each verb."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from synthsweep.config.keys.audit import AuditConfig, AuditExportConfig, AuditImportConfig, AuditReviewConfig
from synthsweep.config.keys.run import PoolConfig, RunConfig, TrackingConfig, TrainingDataConfig
from synthsweep.config.keys.training import ModelConfig
from synthsweep.config.metrics import COMPARED
from synthsweep.config.rules import MAX_SEED, Acts, Section, key, words_of
from synthsweep.errors import ConfigError


@dataclass(frozen=True)
class UiConfig(Section):
    """The MLflow UI: loopback only, so there is no host to set."""

    section: ClassVar[str] = "ui"
    port: int = key(5000, low=1, high=65535)


@dataclass(frozen=True)
class UiRootConfig(Section):
    """The root of `synthsweep ui`."""

    ui: UiConfig = field(default_factory=UiConfig)
    tracking: TrackingConfig = field(default_factory=TrackingConfig)


@dataclass(frozen=True)
class DoctorConfig(Section):
    """The root of `synthsweep doctor`."""

    model: ModelConfig = field(default_factory=ModelConfig)
    tracking: TrackingConfig = field(default_factory=TrackingConfig)


@dataclass(frozen=True)
class SweepsConfig(Section):
    """The root of `synthsweep sweeps`, which has nothing to set."""


@dataclass(frozen=True)
class ExportConfig(Section):
    """The root of `synthsweep generate export`; empty `only_llm` and `only_prompt` export all replies."""

    path: str = "replies.jsonl"
    only_llm: str = ""
    only_prompt: str = ""
    tracking: TrackingConfig = field(default_factory=TrackingConfig)


@dataclass(frozen=True)
class ImportConfig(Section):
    """The root of `synthsweep generate import`."""

    path: str = "replies.jsonl"
    tracking: TrackingConfig = field(default_factory=TrackingConfig)


@dataclass(frozen=True)
class InspectSettings(Section):
    """What the page shows: `outliers` texts per characteristic, and at most `most_points` on the map.

    The page is written below `out`; null means `inspect/` in tracking.folder.
    """

    section: ClassVar[str] = "inspect"
    outliers: int = key(10, low=0, high=1000)
    strangest: int | None = key(None, alias_of="outliers")
    most_points: int = key(2000, low=2, high=20_000)
    out: str | None = None


@dataclass(frozen=True)
class InspectConfig(TrainingDataConfig):
    """The root of `synthsweep inspect`, which shows the whole pool, whatever `mix` and `select` take of it."""

    inspect: InspectSettings = field(default_factory=InspectSettings)


@dataclass(frozen=True)
class CompareSettings(Section):
    """How effects are computed; `metric` null is that of the study's objective, which is fixed before the study runs.

    `threshold` null keeps each run's own; `confirm` is the number of fresh seeds for training a search's best trial again. Keys
    that act on nothing say how an answer is computed, and ask no other question.
    """

    section: ClassVar[str] = "compare"
    metric: str | None = key(None, choices=COMPARED)
    filter: str | None = None
    threshold: Any = None
    resamples: int = key(2000, low=100, high=1_000_000, acts=Acts.NEVER)
    seed: int = key(1, low=0, high=MAX_SEED, acts=Acts.NEVER)
    confirm: int = key(0, low=0, high=100)
    tfidf_baseline: bool = key(True, acts=Acts.NEVER)
    yardstick: bool | None = key(None, alias_of="tfidf_baseline")
    storage: str | None = key(None, acts=Acts.NEVER)
    power: float = key(0.8, above=0, below=1)

    def __post_init__(self) -> None:
        super().__post_init__()
        number = isinstance(self.threshold, (int, float)) and not isinstance(self.threshold, bool) and 0 <= self.threshold <= 1
        if self.threshold not in {None, "dev_f1"} and not number:
            raise ConfigError(f"compare.threshold must be null, dev_f1 or a number in [0, 1], got {self.threshold}")
        if self.confirm == 1:
            raise ConfigError("compare.confirm must be 0 or at least 2, got 1: one seed has no spread")


@dataclass(frozen=True)
class CompareConfig(Section):
    """The root of `synthsweep compare`; `study`, `baseline` and `factors` are a word or a list of words."""

    study: Any = None
    baseline: Any = None
    factors: Any = None
    compare: CompareSettings = field(default_factory=CompareSettings)
    tracking: TrackingConfig = field(default_factory=TrackingConfig)

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("study", "baseline", "factors"):
            self.words(name)

    def words(self, name: str) -> tuple[str, ...]:
        """The words of a key, as `words_of` reads them; a mapping gives KEY:VALUE."""
        value = getattr(self, name)
        return words_of([f"{inner}:{level}" for inner, level in value.items()] if isinstance(value, dict) else value, name)


@dataclass(frozen=True)
class PowerSettings(Section):
    """The effect that a study should detect: `wanted` is a difference in points; the other keys replace a pilot study.

    `seed_sd` is the standard deviation of a paired difference between seeds, in points. The variance between test texts follows
    from `score`, the share of positives that is found, and `agreement`, how alike two classifiers are on one text.
    """

    section: ClassVar[str] = "power"
    pilot: str | None = None
    wanted: float = key(3.0, above=0, high=100)
    seed_sd: float = key(3.0, low=0, high=100)
    score: float = key(0.7, above=0, below=1)
    agreement: float = key(0.6, low=0, below=1)
    power: float = key(0.8, above=0, below=1)
    metric: str = key("average_precision", choices=COMPARED)


@dataclass(frozen=True)
class PowerConfig(RunConfig):
    """The root of `synthsweep compare power`: a study as `synthsweep run -m` takes it, before it runs."""

    power: PowerSettings = field(default_factory=PowerSettings)


@dataclass(frozen=True)
class Verb:
    """A verb of the command line: its typed root and its line in the help, which is empty if the line above covers it.

    `conf/NAME.yaml` is its root file. The function NAME runs it, in the module of `cli/` that its first word names.
    """

    words: str
    root: type[Any]
    summary: str = ""

    @property
    def name(self) -> str:
        """`audit_export` of `audit export`."""
        return self.words.replace(" ", "_")


VERBS = (
    Verb("run", RunConfig, "one configuration: train, evaluate, track; -m for a multirun"),
    Verb("generate", PoolConfig, "fill a pool from an LLM: forecast, spend cap, resumable; generate export, generate import"),
    Verb("generate export", ExportConfig),
    Verb("generate import", ImportConfig),
    Verb("inspect", InspectConfig, "what a pool is like beside the real texts, before training: one page"),
    Verb("audit", AuditConfig, "a clinician's blind verdict on a sample: audit export, audit review, audit import"),
    Verb("audit export", AuditExportConfig),
    Verb("audit review", AuditReviewConfig),
    Verb("audit import", AuditImportConfig),
    Verb("sweeps", SweepsConfig, "the questions that run -m sweeps=NAME can ask"),
    Verb("compare", CompareConfig, "what a study says: effects, intervals, one report; compare power, before it runs"),
    Verb("compare power", PowerConfig),
    Verb("ui", UiRootConfig, "the MLflow UI on mlruns/, on 127.0.0.1 alone"),
    Verb("doctor", DoctorConfig, "what this machine lacks, and the command that adds it"),
)
ROOTS = {verb.name: verb.root for verb in VERBS}
