"""The keys of a pool, of training data and of a whole run, and of where results are kept."""

from dataclasses import dataclass, field
from typing import ClassVar

from synthsweep.config.keys.generation import GenerateConfig, PrivacyConfig, PromptConfig
from synthsweep.config.keys.llm import JudgeConfig, LlmConfig
from synthsweep.config.keys.synthetic import CharacteristicsConfig, CurationConfig, MixConfig, PlantConfig, SelectConfig
from synthsweep.config.keys.texts import DataConfig, LabelsConfig
from synthsweep.config.keys.training import EvaluationConfig, ModelConfig, SeedsConfig, TrainingConfig
from synthsweep.config.rules import MAX_SEED, Acts, Section, key
from synthsweep.errors import ConfigError
from synthsweep.messages import without_password


@dataclass(frozen=True)
class TrackingConfig(Section):
    """Where a run is kept; `folder` is the only place that the harness writes to."""

    section: ClassVar[str] = "tracking"
    acts: ClassVar[Acts] = Acts.NEVER
    kind: str = key("local", choices=("local", "server", "none"))
    uri: str | None = None
    folder: str = "mlruns"
    experiment: str = "synthsweep"
    log_model: bool = False
    figures: bool | None = None

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
    """The user sets `dry_run`; the sweeper sets the rest.

    That is the run's trial and replicate, its parent run in MLflow, and the digests of what it reads.
    """

    section: ClassVar[str] = "sweep"
    acts: ClassVar[Acts] = Acts.NEVER
    dry_run: bool = False
    trial: int | None = key(None, low=0)
    replicate: int = key(0, low=0)
    parent: str | None = None
    contents: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PoolConfig(Section):
    """What a pool of synthetic texts depends on, and where it is kept: the root of `synthsweep generate`."""

    # It acts through `seeds`, whose parts default to it.
    seed: int = key(1, low=0, high=MAX_SEED, acts=Acts.NEVER)
    study: str | None = key(None, acts=Acts.NEVER)
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


@dataclass(frozen=True)
class RunConfig(TrainingDataConfig):
    """The root of `synthsweep run`."""

    force: bool = key(False, acts=Acts.NEVER)
    replicates: int = key(1, low=1, high=1000, acts=Acts.NEVER)
    model: ModelConfig = field(default_factory=ModelConfig)
    training: TrainingConfig = field(default_factory=TrainingConfig)
    evaluation: EvaluationConfig = field(default_factory=EvaluationConfig)
    sweep: SweepConfig = field(default_factory=SweepConfig)
