"""The keys of `synthsweep predict`: which classifiers, which texts, which decisions."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from synthsweep.config.keys.run import TrackingConfig
from synthsweep.config.keys.texts import DataConfig
from synthsweep.config.rules import Section, key, words_of
from synthsweep.config.thresholds import fixed_thresholds
from synthsweep.errors import ConfigError

# How a file of predictions may end.
FORMATS = (".csv", ".jsonl", ".parquet")


@dataclass(frozen=True)
class NewTextsConfig(DataConfig):
    """Where new texts are read, and what their columns are called."""

    kind: str = key(
        "csv",
        choices=("demo", "csv", "jsonl", "parquet", "hub"),
        help="format of the new texts; of csv, another suffix of the file tells another format",
    )

    def _check_source(self) -> None:
        """The command asks for the file: without one, help and completion still work."""


@dataclass(frozen=True)
class PredictConfig(Section):
    """The root of `synthsweep predict`."""

    run: str | None = key(
        None, help="run ID, best:STUDY, arm:STUDY/ARM (mean of its seeds), or a folder with a saved model", first=True
    )
    out: str = key("predictions.csv", help="file that is written: .csv, .jsonl or .parquet", first=True)
    threshold: Any = key(
        None,
        help="null decides by the thresholds that were tuned on dev",
        takes="a number in [0, 1], one per label as {A1: 0.3}, or null",
        first=True,
    )
    calibrated: bool = key(False, help="true scales probabilities by the temperature that fits dev best", first=True)
    columns: Any = key(
        None,
        help="columns of the file of texts that are copied beside the predictions",
        takes="a word, a list of words, or null",
    )
    device: str = key(
        "auto", choices=("auto", "cpu", "cuda", "mps"), help="where the classifier runs; auto takes a GPU if there is one"
    )
    threads: int = key(0, low=0, high=1024, help="CPU threads of the classifier; 0 leaves it to torch")
    batch_size: int = key(64, low=1, high=65536, help="texts per batch")
    force: bool = key(False, help="true overwrites the file that is there, and predicts every text anew")
    data: NewTextsConfig = field(default_factory=NewTextsConfig)
    tracking: TrackingConfig = field(default_factory=TrackingConfig)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.data.files.train or self.data.files.dev or self.data.files.test_sets:
            raise ConfigError("data.files: the new texts are one file: give data.path=FILE")
        if self.data.kind == "hub":
            raise ConfigError("data=hub: new texts are read from a file here: give data.path=FILE (csv, jsonl or parquet)")
        # A name such as `.csv` has no suffix.
        if Path(self.out).suffix.lower() not in FORMATS:
            raise ConfigError(f"out must be a name that ends in {', '.join(FORMATS)}; got {self.out!r}")
        if self.threshold is not None:
            fixed_thresholds(self.threshold, "threshold")
        _ = self.copied

    @property
    def copied(self) -> tuple[str, ...]:
        """The columns that are copied."""
        return words_of(self.columns or None, "columns")
