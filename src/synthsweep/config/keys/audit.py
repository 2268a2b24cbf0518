"""The keys of `synthsweep audit`: what is sampled, where it is written, who answers."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from synthsweep.config.keys.run import PoolConfig, TrackingConfig, TrainingDataConfig
from synthsweep.config.rules import Section, key, require_folder_name, words_of
from synthsweep.errors import ConfigError

FORMATS = ("xlsx", "csv", "label_studio")


@dataclass(frozen=True)
class NamedAudit(Section):
    """Which audit: a folder below `audit/` in tracking.folder."""

    section: ClassVar[str] = "audit"
    name: str = key("default", help="name of the audit: a folder below audit/ in tracking.folder")

    def __post_init__(self) -> None:
        super().__post_init__()
        require_folder_name(self.name, "audit.name")


@dataclass(frozen=True)
class AuditSettings(NamedAudit):
    """What a clinician judges, and on which sheet.

    `llms`, `prompts` and `paths` name several pools: all of their combinations.
    """

    section: ClassVar[str] = "audit"
    n: int | None = key(None, low=1, high=100_000, help="texts to judge; null takes 140, or what audit.half_width asks for")
    half_width: float | None = key(
        None, above=0, below=0.5, help="half-width of the 95 % interval of the share of correct labels; null goes by audit.n"
    )
    of: str = key(
        "all", choices=("all", "llm", "prompt", "criterion", "cell"), help="parts of which each gets its own interval"
    )
    expected: float = key(0.5, above=0, below=1, help="share of correct labels that audit.half_width assumes")
    llms: list[str] = key(default_factory=list, help="LLMs whose pools are sampled; empty takes the one of llm")
    prompts: list[str] = key(default_factory=list, help="prompts whose pools are sampled; empty takes the one of prompt")
    paths: list[str] = key(default_factory=list, help="files of replies that are sampled; empty takes the one of llm.path")
    real: int = key(0, low=0, high=100_000, help="controls: real training texts shown with one of their labels")
    planted: int = key(0, low=0, high=100_000, help="controls: texts shown with a label that they were not given")
    format: str | None = key(None, choices=FORMATS, help="format of the sheet; null follows from audit.path, else xlsx")
    path: str | None = key(None, help="file of the sheet; null writes it into the audit's folder")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.n is not None and self.half_width is not None:
            raise ConfigError("audit.n and audit.half_width both say how many texts are judged: give one of the two")


@dataclass(frozen=True)
class ReviewSettings(NamedAudit):
    """The page of an audit: loopback only, so there is no host to set."""

    section: ClassVar[str] = "audit"
    port: int = key(5050, low=1, high=65535, help="port of the page on 127.0.0.1")


@dataclass(frozen=True)
class AnswersSettings(NamedAudit):
    """Filled sheets, and who filled them, in the same order."""

    section: ClassVar[str] = "audit"
    path: Any = key(
        None,
        help="filled sheet, or a list of them; null sums up what the page has kept",
        takes="a word, a list of words, or null",
    )
    rater: Any = key(
        None, help="who filled each sheet; null reads the name from the sheet", takes="a word, a list of words, or null"
    )
    partial: bool = key(False, help="true accepts a sheet with unanswered rows")
    replace: bool = key(False, help="true replaces earlier answers of the same rater")

    def __post_init__(self) -> None:
        super().__post_init__()
        paths, raters = self.words("path"), self.words("rater")
        if raters and len(raters) != len(paths):
            raise ConfigError(f"audit.rater must name a rater for each sheet, got {len(raters)} for {len(paths)} in audit.path")

    def words(self, name: str) -> tuple[str, ...]:
        """The words of `path` or `rater`."""
        return words_of(getattr(self, name), f"audit.{name}")


@dataclass(frozen=True)
class AuditConfig(Section):
    """The root of `synthsweep audit`, which lists the audits."""

    tracking: TrackingConfig = field(default_factory=TrackingConfig)


@dataclass(frozen=True)
class AuditExportConfig(PoolConfig):
    """The root of `synthsweep audit export`; it draws from the pools as they were written."""

    audit: AuditSettings = field(default_factory=AuditSettings)


@dataclass(frozen=True)
class AuditReviewConfig(Section):
    """The root of `synthsweep audit review`."""

    audit: ReviewSettings = field(default_factory=ReviewSettings)
    tracking: TrackingConfig = field(default_factory=TrackingConfig)


@dataclass(frozen=True)
class AuditImportConfig(TrainingDataConfig):
    """The root of `synthsweep audit import`; a label check of `curation` is joined with the answers."""

    audit: AnswersSettings = field(default_factory=AnswersSettings)
