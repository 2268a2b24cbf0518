"""The typed root of each verb."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from synthsweep.config.keys.llm import LlmConfig
from synthsweep.config.keys.run import RunConfig, TrackingConfig, TrainingDataConfig
from synthsweep.config.keys.training import ModelConfig
from synthsweep.config.metrics import ACCURACY, COMPARED
from synthsweep.config.rules import MAX_SEED, Acts, Section, key, words_of
from synthsweep.config.thresholds import TAKES, threshold_rules
from synthsweep.errors import ConfigError


@dataclass(frozen=True)
class UiConfig(Section):
    """The MLflow UI: loopback only, so there is no host to set."""

    section: ClassVar[str] = "ui"
    port: int = key(5000, low=1, high=65535, help="port of the MLflow UI on 127.0.0.1")


@dataclass(frozen=True)
class UiRootConfig(Section):
    """The root of `synthsweep ui`."""

    ui: UiConfig = field(default_factory=UiConfig)
    tracking: TrackingConfig = field(default_factory=TrackingConfig)


@dataclass(frozen=True)
class DoctorConfig(Section):
    """The root of `synthsweep doctor`."""

    model: ModelConfig = field(default_factory=ModelConfig)
    llm: LlmConfig = field(default_factory=LlmConfig)
    tracking: TrackingConfig = field(default_factory=TrackingConfig)


@dataclass(frozen=True)
class SweepsConfig(Section):
    """The root of `synthsweep sweeps`, which has nothing to set."""


@dataclass(frozen=True)
class ExportConfig(Section):
    """The root of `synthsweep generate export`."""

    path: str = key("replies.jsonl", help="file that is written: JSON Lines, a reply per line")
    only_llm: str = key("", help="exports this LLM alone, by llm.model; empty exports all")
    only_prompt: str = key("", help="exports this prompt alone, by prompt.variant; empty exports all")
    tracking: TrackingConfig = field(default_factory=TrackingConfig)


@dataclass(frozen=True)
class ImportConfig(Section):
    """The root of `synthsweep generate import`."""

    path: str = key("replies.jsonl", help="file of replies to read, as synthsweep generate export writes it")
    tracking: TrackingConfig = field(default_factory=TrackingConfig)


@dataclass(frozen=True)
class InspectSettings(Section):
    """What the page shows, and where it is written."""

    section: ClassVar[str] = "inspect"
    outliers: int = key(
        10, low=0, high=1000, help="outliers shown per characteristic, each with its nearest real training text"
    )
    strangest: int | None = key(None, alias_of="outliers")
    most_points: int = key(2000, low=2, high=20_000, help="points on the map at most, synthetic and real together")
    out: str | None = key(None, help="folder of the page; null is inspect/ in tracking.folder")


@dataclass(frozen=True)
class InspectConfig(TrainingDataConfig):
    """The root of `synthsweep inspect`, which shows the whole pool, whatever `mix` and `select` take of it."""

    inspect: InspectSettings = field(default_factory=InspectSettings)


@dataclass(frozen=True)
class CompareSettings(Section):
    """How effects are computed.

    Keys that act on nothing say how an answer is computed, and ask no other question.
    """

    section: ClassVar[str] = "compare"
    metric: str | None = key(
        None,
        choices=(*COMPARED, ACCURACY),
        help="metric of the effects, accuracy with labels.kind=single alone; null: that of the study's objective",
    )
    filter: str | None = key(None, help="MLflow's search filter, for more runs than those of the study")
    threshold: Any = key(
        None,
        help="null keeps each run's own thresholds; a rule or a number sets others, without training",
        takes=f"{TAKES}, or null",
    )
    resamples: int = key(2000, low=100, high=1_000_000, acts=Acts.NEVER, help="no longer acts: intervals are in closed form")
    seed: int = key(1, low=0, high=MAX_SEED, acts=Acts.NEVER, help="seed of the sign flips, drawn with more than 12 seeds")
    confirm: int = key(0, low=0, high=100, help="for a search: fresh seeds to train its best trial with; 0 trains none")
    tfidf_baseline: bool = key(True, acts=Acts.NEVER, help="true shows TF-IDF with logistic regression beside the baseline")
    yardstick: bool | None = key(None, alias_of="tfidf_baseline")
    storage: str | None = key(
        None, acts=Acts.NEVER, help="address of Optuna's database with a search's trials; null is optuna.db in tracking.folder"
    )
    power: float = key(0.8, above=0, below=1, help="power at which the smallest detectable effect is stated")
    equivalence: float | None = key(
        None, above=0, high=100, help="says of each change whether one beyond so many points is excluded; null asks nothing"
    )

    figures: str = key(
        "main",
        choices=("main", "all"),
        acts=Acts.NEVER,
        help="main: of more than 12 arms, figures show the first 12 of the answer; all: every arm",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.threshold is not None:
            threshold_rules(self.threshold, "compare.threshold")
        if self.confirm == 1:
            raise ConfigError("compare.confirm must be 0 or at least 2, got 1: one seed has no spread")


@dataclass(frozen=True)
class CompareConfig(Section):
    """The root of `synthsweep compare`."""

    study: Any = key(None, help="study to compare, or a list of them", takes="a word, a list of words, or null")
    baseline: Any = key(
        None,
        help="levels that effects are measured from, as mix.ratio:0; null: runs without synthetic texts",
        takes="FACTOR:LEVEL, a list of these, the number of a trial, or null",
    )
    factors: Any = key(
        None,
        help="factors whose effects are shown, averaged over the others; null shows all",
        takes="a word, a list of words, or null",
    )
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
    """The effect that a study should detect, and the variances that it meets.

    The variance between test texts follows from `score` and `agreement`.
    """

    section: ClassVar[str] = "power"
    pilot: str | None = key(None, help="finished study that gives the variances; null takes the four keys below")
    wanted: float = key(3.0, above=0, high=100, help="difference that matters, in points")
    seed_sd: float = key(3.0, low=0, high=100, help="standard deviation of a paired difference between seeds, in points")
    score: float = key(0.7, above=0, below=1, help="share of positives that is found")
    agreement: float = key(0.6, low=0, below=1, help="how alike two classifiers decide on one text")
    power: float = key(0.8, above=0, below=1, help="probability of finding a difference that is there")
    metric: str = key(
        "average_precision",
        choices=(*COMPARED, ACCURACY),
        help="metric of the effect: accuracy with labels.kind=single alone, brier with a pilot alone",
    )


@dataclass(frozen=True)
class PowerConfig(RunConfig):
    """The root of `synthsweep compare power`: a study as `synthsweep run -m` takes it, before it runs."""

    power: PowerSettings = field(default_factory=PowerSettings)
