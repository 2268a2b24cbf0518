"""The room's front door: from a configuration to a label set and a checked split."""

from collections.abc import Hashable
from dataclasses import dataclass, replace
from pathlib import Path

from synthsweep.config.schema import DataConfig, LabelsConfig
from synthsweep.corpus.labels import label_set
from synthsweep.corpus.load import read_tables, source_files
from synthsweep.corpus.split import Split, reserve, split_examples, subset
from synthsweep.corpus.validate import checked_split, to_examples, warn_of_missing_labels
from synthsweep.errors import DataError
from synthsweep.examples import Example, LabelSet
from synthsweep.lru import Lru

# What a file's name says of its format; a workbook has none that is read here.
SUFFIXES = {
    ".csv": "csv", ".tsv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl", ".parquet": "parquet",
    ".xlsx": "", ".xls": "",
}  # fmt: skip


@dataclass(frozen=True)
class Corpus:
    """The real examples of a run: `split` is what it sees, after the few-shot draw.

    `reserve` is what data.train_size left out of the training part, in the order in which a larger one would take it.
    """

    labels: LabelSet
    split: Split
    reserve: tuple[Example, ...] = ()


def require_files(data: DataConfig) -> None:
    """Refuses a file that is not there before anything heavy is imported.

    Raises:
        DataError: data.path or one of data.files is no file, or of another format by its name.
    """
    if data.kind in {"demo", "hub"}:
        return
    named = {"path": data.path, "files.train": data.files.train, "files.dev": data.files.dev, "files.test": data.files.test}
    for name, path in named.items():
        if path and not Path(path).expanduser().is_file():
            wrong = "this is a folder, name a file in it" if Path(path).expanduser().is_dir() else "there is no such file"
            raise DataError(f"data.{name}={path}: {wrong}, seen from {Path.cwd()}")
        if path and SUFFIXES.get(Path(path).suffix.lower(), data.kind) != data.kind:
            raise DataError(f"data.{name}={path}: data={data.kind} reads no such file; {_way_out(path)}")


def _way_out(path: str) -> str:
    right = SUFFIXES[Path(path).suffix.lower()]
    return f"take data={right}" if right else "export the sheet as CSV UTF-8"


def load_corpus(labels: LabelsConfig, data: DataConfig, *, subset_seed: int, kept: Lru[Corpus] | None = None) -> Corpus:
    """Load -> validate -> split -> few-shot draw.

    `data.split_seed` fixes dev and test; `subset_seed` draws from train alone. `kept` holds the corpora of earlier calls
    before the draw: a file is read again when it has changed, a data set of the hub is not.

    Raises:
        DataError: the data keep a rule of the room not.
    """
    whole = _whole(labels, data) if kept is None else _kept_whole(labels, data, kept)
    known, split = whole.labels, whole.split
    drawn = Split(
        train=subset(split.train, data.train_size, part="train", seed=subset_seed),
        dev=subset(split.dev, data.dev_size, part="dev", seed=data.split_seed),
        test=subset(split.test, data.test_size, part="test", seed=data.split_seed),
    )
    warn_of_missing_labels(drawn, known)
    return Corpus(known, drawn, reserve(split.train, data.train_size, part="train", seed=subset_seed))


def _whole(labels: LabelsConfig, data: DataConfig) -> Corpus:
    tables = read_tables(data)
    known = label_set(labels, data, tables)
    parts = {part: to_examples(table, data, known, part=part) for part, table in tables.items()}
    return Corpus(known, checked_split(_split(parts, data, known)))


def _kept_whole(labels: LabelsConfig, data: DataConfig, kept: Lru[Corpus]) -> Corpus:
    key = _identity(labels, data)
    found = kept.get(key)
    if found is None:
        found = _whole(labels, data)
        kept.put(key, found)
    return found


def _identity(labels: LabelsConfig, data: DataConfig) -> Hashable:
    """What a corpus before the draw depends on: the configuration without the sizes, and the files as they are now."""
    drawn_alike = replace(data, train_size=0, dev_size=0, test_size=0)
    # Dictionaries and lists have no hash; their text says all.
    return repr((labels, drawn_alike)), tuple(_state_of(path) for path in source_files(data))


def _state_of(path: Path) -> Hashable:
    place = path.resolve()
    if not place.is_file():
        # Who reads it says what is wrong.
        return str(place)
    found = place.stat()
    return str(place), found.st_size, found.st_mtime_ns


def _split(parts: dict[str, tuple[Example, ...]], data: DataConfig, labels: LabelSet) -> Split:
    shares = {part: share for part, share in (("dev", data.dev_share), ("test", data.test_share)) if part not in parts}
    if not shares:
        return Split(**parts)
    # What has no file of its own is taken from the training file.
    whole = parts.get("all", parts.get("train", ()))
    placed = split_examples(whole, {"train": 1 - sum(shares.values()), **shares}, labels.ids, seed=data.split_seed)
    return Split(**{part: placed.get(part) or parts[part] for part in ("train", "dev", "test")})
