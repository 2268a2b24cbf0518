"""The keys of a pool, of training data and of a whole run, and of where results are kept."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from synthsweep.config.keys.generation import GenerateConfig, PrivacyConfig, PromptConfig
from synthsweep.config.keys.llm import ClassifierConfig, JudgeConfig, LlmConfig
from synthsweep.config.keys.synthetic import CharacteristicsConfig, CurationConfig, MixConfig, PlantConfig, SelectConfig
from synthsweep.config.keys.texts import DataConfig, LabelsConfig
from synthsweep.config.keys.training import LLM, EvaluationConfig, ModelConfig, SeedsConfig, TrainingConfig
from synthsweep.config.rules import MAX_SEED, Acts, Section, key
from synthsweep.config.thresholds import require_labels
from synthsweep.errors import ConfigError
from synthsweep.messages import without_password

# The value of `replicates` with which a rule says how many seeds there are.
AUTO, MOST_REPLICATES = "auto", 1000


@dataclass(frozen=True)
class TrackingConfig(Section):
    """Where results are kept."""

    section: ClassVar[str] = "tracking"
    acts: ClassVar[Acts] = Acts.NEVER
    kind: str = key(
        "local",
        choices=("local", "server", "none"),
        help="where runs are kept: in a folder here, on an MLflow server, or nowhere",
    )
    uri: str | None = key(None, help="MLflow server; null: store in tracking.folder", first=True)
    folder: str = key("mlruns", help="the only folder that is written to", first=True)
    experiment: str = key("synthsweep", help="MLflow's experiment that holds the runs")
    log_model: bool = key(False, help="true keeps the trained classifier with its run")
    log_data: bool = key(False, help="true keeps a study's files and LLM texts there, real texts too, for machines that join")
    figures: bool | None = key(None, help="true draws each run's curves; null draws them for single runs, not in a study")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.kind == "server" and not str(self.uri or "").startswith(("http://", "https://")):
            raise ConfigError(
                f"tracking.uri must be an http:// or https:// address for tracking=server, "
                f"got {without_password(str(self.uri))}: "
                "set tracking.uri=http://127.0.0.1:5000 or the like"
            )
        if not self.experiment.strip():
            raise ConfigError("tracking.experiment must not be empty")


# How the name of a file or model begins, among the names of what a run reads.
CONTENT = "content of "


@dataclass(frozen=True)
class SweepConfig(Section):
    """A look at a multirun before it runs; the sweeper sets the other keys."""

    section: ClassVar[str] = "sweep"
    acts: ClassVar[Acts] = Acts.NEVER
    dry_run: bool = key(False, help="true only shows plan, texts and cost", first=True)
    trial: int | None = key(None, low=0, help="number of the run's trial; set by the sweeper")
    replicate: int = key(0, low=0, help="number of the run's replicate; set by the sweeper")
    parent: str | None = key(None, help="MLflow's id of the study's run; set by the sweeper")
    factors: list[str] = key(default_factory=list, help="keys that the run's study varies; set by the sweeper")
    contents: dict[str, str] = key(default_factory=dict, help="digests of the files that the run reads; set by the sweeper")


@dataclass(frozen=True)
class ObjectiveConfig(Section):
    """What a search does about scores that are undefined for want of positives on dev."""

    section: ClassVar[str] = "objective"
    acts: ClassVar[Acts] = Acts.NEVER
    undefined: str = key(
        "refuse",
        choices=("refuse", "skip"),
        added=True,
        help="a search over an average on dev in which some label is undefined: refuse it, or skip those labels",
    )


@dataclass(frozen=True)
class PoolConfig(Section):
    """What a pool of synthetic texts depends on, and where it is kept: the root of `synthsweep generate`."""

    # It acts through `seeds`, whose parts default to it.
    seed: int = key(
        1,
        low=0,
        high=MAX_SEED,
        acts=Acts.NEVER,
        help="seed of random draws, unless seeds.* are set",
        first=True,
    )
    study: str | None = key(None, acts=Acts.NEVER, help="name of the study; null lets -m make one", first=True)
    labels: LabelsConfig = field(default_factory=LabelsConfig)
    data: DataConfig = field(default_factory=DataConfig)
    llm: LlmConfig = field(default_factory=LlmConfig)
    prompt: PromptConfig = field(default_factory=PromptConfig)
    generate: GenerateConfig = field(default_factory=GenerateConfig)
    privacy: PrivacyConfig = field(default_factory=PrivacyConfig)
    seeds: SeedsConfig = field(default_factory=SeedsConfig)
    tracking: TrackingConfig = field(default_factory=TrackingConfig)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.seeds.check()
        if self.llm.kind == "simulator" and (self.prompt.labels != "asked" or self.prompt.companions):
            raise ConfigError(
                f"prompt={self.prompt.variant} needs an LLM, got llm=simulator, which recombines texts of the asked criterion"
            )
        if self.labels.kind == "single":
            self.prompt.require_one_label()


@dataclass(frozen=True)
class TrainingDataConfig(PoolConfig):
    """What the training texts of a run depend on."""

    plant: PlantConfig = field(default_factory=PlantConfig)
    curation: CurationConfig = field(default_factory=CurationConfig)
    judge: JudgeConfig = field(default_factory=JudgeConfig)
    select: SelectConfig = field(default_factory=SelectConfig)
    mix: MixConfig = field(default_factory=MixConfig)
    characteristics: CharacteristicsConfig = field(default_factory=CharacteristicsConfig)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.curation.label_check == "judge" and not self.judge.hosted:
            raise ConfigError(
                f"curation.label_check=judge needs an LLM that can be asked, got llm@judge={self.judge.name}: "
                "as llm@judge=gpt-4o-mini"
            )
        if self.labels.kind == "single" and self.curation.label_action == "add":
            raise ConfigError(
                "curation.label_action must not be add for labels.kind=single, where a text has no second label: keep, drop or "
                "replace"
            )


@dataclass(frozen=True)
class RunConfig(TrainingDataConfig):
    """The root of `synthsweep run`."""

    force: bool = key(False, acts=Acts.NEVER, help="true trains again what is finished already", first=True)
    replicates: Any = key(
        1,
        acts=Acts.NEVER,
        help="with -m: seeds per configuration, or auto",
        takes="whole number in [1, 1000], or auto",
        first=True,
    )
    model: ModelConfig = field(default_factory=ModelConfig)
    classifier: ClassifierConfig = field(default_factory=ClassifierConfig)
    training: TrainingConfig = field(default_factory=TrainingConfig)
    evaluation: EvaluationConfig = field(default_factory=EvaluationConfig)
    objective: ObjectiveConfig = field(default_factory=ObjectiveConfig)
    sweep: SweepConfig = field(default_factory=SweepConfig)

    @property
    def dry_run_key(self) -> str:
        """The key that asks to look only, and to begin nothing; empty if none does."""
        asked = {"generate.dry_run": self.generate.dry_run, "sweep.dry_run": self.sweep.dry_run}
        return next((key for key, wanted in asked.items() if wanted), "")

    def __post_init__(self) -> None:
        super().__post_init__()
        _require_replicates(self.replicates)
        if self.labels.ids is not None:
            require_labels(self.evaluation.threshold, self.labels.ids)
        if self.mix.curriculum != MixConfig().curriculum and not self.model.trains_steps:
            raise ConfigError(
                f"mix.curriculum must be {MixConfig().curriculum} for model={self.model.name}, got {self.mix.curriculum}: "
                "it orders the steps of training, and this classifier takes none"
            )
        if self.model.kind == LLM:
            self._check_classifier()
        threshold = self.evaluation.threshold
        if self.labels.kind == "single" and threshold != EvaluationConfig().threshold:
            raise ConfigError(
                f"evaluation.threshold must not be set for labels.kind=single, got {threshold}: the most probable class is "
                "predicted, and no threshold acts; leave it out"
            )

    def _check_classifier(self) -> None:
        if not self.classifier.hosted:
            raise ConfigError(
                f"model={self.model.name} needs an LLM that can be asked, got llm@classifier={self.classifier.name}: "
                "as llm@classifier=gpt-4o-mini"
            )
        if not self.model.template:
            raise ConfigError("model.template must hold what an LLM is asked, got nothing: model=llm has one")
        if self.mix.arm != "real_only":
            raise ConfigError(
                f"mix must be real_only for model={self.model.name}, got {self.mix.arm}: an LLM that classifies is not trained"
            )


def _require_replicates(value: Any) -> None:
    whole = isinstance(value, int) and not isinstance(value, bool)
    if value != AUTO and not (whole and 1 <= value <= MOST_REPLICATES):
        raise ConfigError(f"replicates must be a whole number in [1, {MOST_REPLICATES}] or {AUTO}, got {value}")
