"""The keys of real texts: which labels, which files, how they are split."""

from dataclasses import dataclass, field
from typing import ClassVar

from synthsweep.config.rules import MAX_SEED, Acts, Section, key
from synthsweep.errors import ConfigError
from synthsweep.examples import Criterion, LabelSet


@dataclass(frozen=True)
class LabelsConfig(Section):
    """Which labels are predicted; `ids` null takes them from the data's columns. `language` is an ISO 639-1 code."""

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
            # LabelSet checks the ids; making one here reports errors before any file is read.
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
