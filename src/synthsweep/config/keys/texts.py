"""The keys of real texts: which labels, which files, how they are split."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from synthsweep.config.rules import MAX_SEED, Acts, Section, key, words_of
from synthsweep.config.test_sets import named_test_sets
from synthsweep.errors import ConfigError
from synthsweep.examples import Criterion, LabelSet


@dataclass(frozen=True)
class LabelsConfig(Section):
    """Which labels are predicted."""

    section: ClassVar[str] = "labels"
    acts: ClassVar[Acts] = Acts.TEXTS
    named_by: ClassVar[tuple[str, ...]] = ("name",)
    name: str = key("from_data", help="name of the label set, as reports show it")
    ids: list[str] | None = key(None, help="labels to predict; null takes all of the data", first=True)
    names: dict[str, str] = key(default_factory=dict, help="readable name of each label, for prompts and reports")
    descriptions: dict[str, str] = key(default_factory=dict, help="what counts as evidence for each label, for prompts")
    text_kind: str = key("a short text", help="what one text is, in the words of a prompt")
    kind: str = key(
        "multi",
        choices=("multi", "single"),
        added=True,
        help="multi: any number of labels per text; single: exactly one class per text, named in one column",
    )
    language: str | None = key(None, help="language that synthetic texts must have (ISO 639-1, as en); null accepts any")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.ids is not None:
            # LabelSet checks the ids; making one here reports errors before any file is read.
            LabelSet(self.name, tuple(Criterion(label) for label in self.ids))


@dataclass(frozen=True)
class FilesConfig(Section):
    """Files that are split already."""

    section: ClassVar[str] = "data.files"
    train: str | None = key(None, help="file of training texts, if the data are split already")
    dev: str | None = key(None, help="file of dev texts; null takes data.dev_share of the training file")
    test: Any = key(
        None,
        help="file of test texts, or several; null takes data.test_share of the training file",
        takes="a file, a list of files, a mapping of names to files, or null",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        # Checked here, before any file is read.
        _ = self.test_sets

    @property
    def test_sets(self) -> dict[str, str]:
        """Each test set by the name of its part, `test`, then `test_NAME`, with its file."""
        if self.test is None or self.test == "":
            return {}
        return named_test_sets(self.test)


@dataclass(frozen=True)
class DataConfig(Section):
    """Where real texts are read, what their columns are called, and how they are split."""

    section: ClassVar[str] = "data"
    acts: ClassVar[Acts] = Acts.TEXTS
    kind: str = key(
        "demo",
        choices=("demo", "csv", "jsonl", "parquet", "hub"),
        help="format of the real texts; demo is the shipped corpus of fictional sentences",
    )
    path: str | None = key(None, help="file of your texts; OWNER/NAME for data=hub", first=True)
    files: FilesConfig = field(default_factory=FilesConfig)
    revision: str | None = key(None, help="commit or tag of a data set of the hub; null takes the newest")
    subset: str | None = key(None, help="configuration of a data set of the hub; null takes its default")
    text: str = key("text", help="column of the text", first=True)
    id: str | None = key(
        None, help="column of a unique id per text; null takes a column id, else numbers the rows; row numbers them"
    )
    group: str | None = key(
        None, help="column of the group whose texts stay in one split, as the child; null: no groups", first=True
    )
    subgroup: Any = key(
        None,
        help="column, or list of columns, by whose values test is scored too, as sex or site; null: none",
        takes="a column, a list of columns, or null",
        added=True,
    )
    label_column: str | None = key(None, help="column that lists the labels of a text; null reads one 0/1 column per label")
    missing_labels: str = key(
        "refuse",
        choices=("refuse", "negative", "ignore"),
        added=True,
        help="a label without a value: refuse its row, read it as negative, or ignore: leave it open",
    )
    encoding: str | None = key(
        None, added=True, help="encoding of CSV and JSON files, as cp1252; null: UTF-8, or what the file's mark says"
    )
    split_seed: int = key(
        1, low=0, high=MAX_SEED, help="seed of the split into train, dev and test; studies to compare share it"
    )
    dev_share: float = key(0.2, above=0, below=1, help="share of the texts for dev, which tunes thresholds and stops training")
    test_share: float = key(0.2, above=0, below=1, help="share of the texts for test, which only measures")
    train_size: int = key(0, low=0, help="training texts, a stratified draw; 0 takes all", first=True)
    dev_size: int = key(0, low=0, help="dev texts, a draw that data.split_seed fixes; 0 takes all")
    test_size: int = key(0, low=0, help="test texts, a draw that data.split_seed fixes; 0 takes all")
    public: bool = key(False, help="true lets stored runs, replies and audits hold the texts themselves")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.dev_share + self.test_share >= 1:
            total = self.dev_share + self.test_share
            raise ConfigError(f"data.dev_share + data.test_share must be below 1, got {total:g}: nothing is left to train on")
        self._check_subgroups()
        self._check_encoding()
        self._check_source()

    @property
    def subgroups(self) -> tuple[str, ...]:
        """The columns by whose values test is scored too."""
        return words_of(self.subgroup or None, "data.subgroup")

    @property
    def source(self) -> str:
        """The file, folder or kind of data that the texts are read from."""
        return self.path or self.files.train or self.kind

    def _check_subgroups(self) -> None:
        columns = self.subgroups
        if len(set(columns)) < len(columns):
            raise ConfigError(f"data.subgroup must name different columns, got {', '.join(columns)}")
        taken = {"data.text": self.text, "data.id": self.id or "id", "data.label_column": self.label_column}
        for name, column in taken.items():
            if column in columns:
                raise ConfigError(f"data.subgroup={column}: this column is {name}; name one with few values, as sex or site")

    def _check_encoding(self) -> None:
        if self.encoding is None:
            return
        if self.kind not in {"csv", "jsonl"}:
            raise ConfigError(
                f"data.encoding={self.encoding} is for data=csv and data=jsonl; leave it out with data={self.kind}"
            )
        try:
            b"x".decode(self.encoding)
        except UnicodeDecodeError:
            return
        except LookupError:
            raise ConfigError(
                f"data.encoding={self.encoding}: there is no such encoding; common ones are utf-8, cp1252"
            ) from None

    def _check_source(self) -> None:
        files = (self.files.train, self.files.dev, *self.files.test_sets)
        if self.kind == "demo":
            if self.path or any(files):
                raise ConfigError("data.path and data.files need data=csv, jsonl, parquet or hub; data=demo reads no file")
            return
        if (self.path is None) == (not any(files)):
            raise ConfigError(
                f"data={self.kind} needs either data.path or data.files.train (and dev, test), one of the two; "
                "what data.files lacks of dev and test is split off data.files.train"
            )
        if any(files) and not self.files.train:
            raise ConfigError("data.files.train must be set where data.files.dev or data.files.test is")
        columns = [name for name in (self.text, self.id, self.group, self.label_column) if name]
        if len(set(columns)) < len(columns):
            raise ConfigError(f"data.text, data.id, data.group and data.label_column must differ, got {', '.join(columns)}")
