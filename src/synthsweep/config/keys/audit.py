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
    name: str = "default"

    def __post_init__(self) -> None:
        super().__post_init__()
        require_folder_name(self.name, "audit.name")


@dataclass(frozen=True)
class AuditSettings(NamedAudit):
    """How many texts are judged: `n`, or enough for an interval of this `half_width` in each part that `of` names.

    `expected` is the share of correct labels assumed for `half_width`.

    `llms`, `prompts` and `paths` name several pools: all of their combinations. `real` and `planted` are numbers of controls.
    With `path` null, the sheet is written to the audit's folder; with `format` null, the suffix of `path` decides, else xlsx.
    """

    section: ClassVar[str] = "audit"
    n: int | None = key(None, low=1, high=100_000)
    half_width: float | None = key(None, above=0, below=0.5)
    of: str = key("all", choices=("all", "llm", "prompt", "criterion", "cell"))
    expected: float = key(0.5, above=0, below=1)
    llms: list[str] = field(default_factory=list)
    prompts: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    real: int = key(0, low=0, high=100_000)
    planted: int = key(0, low=0, high=100_000)
    format: str | None = key(None, choices=FORMATS)
    path: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.n is not None and self.half_width is not None:
            raise ConfigError("audit.n and audit.half_width both say how many texts are judged: give one of the two")


@dataclass(frozen=True)
class ReviewSettings(NamedAudit):
    """The page of an audit: loopback only, so there is no host to set."""

    section: ClassVar[str] = "audit"
    port: int = key(5050, low=1, high=65535)


@dataclass(frozen=True)
class AnswersSettings(NamedAudit):
    """Filled sheets, if any: a path or a list of paths, and who filled them, in the same order.

    `partial` accepts a sheet with unanswered rows, `replace` a new answer in place of an earlier one of the same rater.
    """

    section: ClassVar[str] = "audit"
    path: Any = None
    rater: Any = None
    partial: bool = False
    replace: bool = False

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
