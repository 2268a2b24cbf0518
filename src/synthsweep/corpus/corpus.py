"""From a configuration to a label set and a checked split: the entry point for other packages."""

import logging
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from cachetools import LRUCache

from synthsweep.config.keys.texts import DataConfig, LabelsConfig
from synthsweep.config.test_sets import PRIMARY, is_test
from synthsweep.corpus.decided import decided
from synthsweep.corpus.files.table import SourceTable, require_column
from synthsweep.corpus.labels import read_labels
from synthsweep.corpus.load import read_tables, source_files
from synthsweep.corpus.reading import LabelReading
from synthsweep.corpus.split import Split, reserve, split_examples, subset
from synthsweep.corpus.validate import checked_split, to_examples, warn_of_missing_labels
from synthsweep.errors import DataError
from synthsweep.examples import Example, LabelSet
from synthsweep.storage.paths import named_path

log = logging.getLogger(__name__)

# The format that a file's suffix stands for; workbooks are not read.
SUFFIXES = {
    ".csv": "csv", ".tsv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl", ".parquet": "parquet",
    ".xlsx": "", ".xls": "",
}  # fmt: skip


@dataclass(frozen=True)
class Corpus:
    """The real examples of a run: `split` is what it sees, after the few-shot draw.

    `reserve` is what data.train_size leaves out of the training part, in the order in which a larger size would add it.
    `notes` say how the labels were read, for a person to check.
    """

    labels: LabelSet
    split: Split
    reserve: tuple[Example, ...] = ()
    notes: tuple[str, ...] = ()


CorpusCache = LRUCache[Hashable, Corpus]


def require_files(data: DataConfig) -> None:
    """Checks that the files exist, before anything heavy is imported.

    Raises:
        DataError: data.path or one of data.files is not a file, or has another format's suffix.
    """
    if data.kind in {"demo", "hub"}:
        return
    tests = {f"files.{part.replace('_', '.', 1)}": path for part, path in data.files.test_sets.items()}
    named = {"path": data.path, "files.train": data.files.train, "files.dev": data.files.dev, **tests}
    for name, path in named.items():
        if path and not named_path(path).is_file():
            wrong = "this is a folder, name a file in it" if named_path(path).is_dir() else "there is no such file"
            raise DataError(f"data.{name}={path}: {wrong}, seen from {Path.cwd()}")
        if path and SUFFIXES.get(Path(path).suffix.lower(), data.kind) != data.kind:
            raise DataError(f"data.{name}={path}: data={data.kind} reads no such file; {_way_out(path)}")


def _way_out(path: str) -> str:
    right = SUFFIXES[Path(path).suffix.lower()]
    return f"take data={right}" if right else "export the sheet as CSV UTF-8"


def load_corpus(labels: LabelsConfig, data: DataConfig, *, subset_seed: int, cache: CorpusCache | None = None) -> Corpus:
    """Load -> validate -> split -> few-shot draw.

    `data.split_seed` fixes dev and test; `subset_seed` draws from train alone. `cache` holds the corpora of earlier calls
    before the draw: a file is read again when it has changed, a data set of the hub is not.

    Raises:
        DataError: the data break a rule that validate.py checks.
    """
    whole = _read_whole(labels, data) if cache is None else _read_cached(labels, data, cache)
    split = whole.split
    drawn = Split(
        train=subset(split.train, data.train_size, part="train", seed=subset_seed),
        dev=subset(split.dev, data.dev_size, part="dev", seed=data.split_seed),
        test=subset(split.test, data.test_size, part="test", seed=data.split_seed),
        further=split.further,
    )
    warn_of_missing_labels(drawn, whole.labels)
    left = reserve(split.train, data.train_size, part="train", seed=subset_seed)
    return Corpus(whole.labels, drawn, left, whole.notes)


def _read_whole(labels: LabelsConfig, data: DataConfig) -> Corpus:
    tables = read_tables(data)
    for note in (note for table in tables.values() for note in table.notes):
        log.warning("%s", note)
    for table in tables.values():
        require_column("data.text", data.text, table)
    reading = read_labels(labels, data, tables)
    for warning in reading.warnings:
        log.warning("%s", warning)
    parts = _all_examples(tables, data, reading)
    split = decided(checked_split(_split(parts, data, reading.labels)), reading.labels)
    return Corpus(reading.labels, split, notes=reading.notes)


def _all_examples(tables: Mapping[str, SourceTable], data: DataConfig, reading: LabelReading) -> dict[str, tuple[Example, ...]]:
    """The examples of each part, or what is wrong with the rows of every part."""
    parts: dict[str, tuple[Example, ...]] = {}
    wrong: list[str] = []
    for part, table in tables.items():
        try:
            parts[part] = to_examples(table, data, reading.labels, part=part, reading=reading)
        except DataError as error:
            wrong.append(str(error))
    if wrong:
        raise DataError(". ".join(wrong))
    return parts


def _read_cached(labels: LabelsConfig, data: DataConfig, cache: CorpusCache) -> Corpus:
    key = _cache_key(labels, data)
    corpus = cache.get(key)
    if corpus is None:
        corpus = cache[key] = _read_whole(labels, data)
    return corpus


def _cache_key(labels: LabelsConfig, data: DataConfig) -> Hashable:
    """What a corpus before the draw depends on: the configuration without the sizes, and the files as they are now."""
    without_sizes = replace(data, train_size=0, dev_size=0, test_size=0)
    # Dictionaries and lists have no hash; their repr holds the same facts.
    return repr((labels, without_sizes)), tuple(_file_stamp(path) for path in source_files(data))


def _file_stamp(path: Path) -> Hashable:
    """Path, size and time of a file, which show that it changed."""
    place = path.resolve()
    if not place.is_file():
        # read_tables says what is wrong.
        return str(place)
    stat = place.stat()
    return str(place), stat.st_size, stat.st_mtime_ns


def _split(parts: dict[str, tuple[Example, ...]], data: DataConfig, labels: LabelSet) -> Split:
    shares = {part: share for part, share in (("dev", data.dev_share), ("test", data.test_share)) if part not in parts}
    further = {part: examples for part, examples in parts.items() if is_test(part) and part != PRIMARY}
    placed: dict[str, tuple[Example, ...]] = {}
    if shares:
        # A part without a file of its own is split off the training file.
        whole = parts.get("all", parts.get("train", ()))
        placed = split_examples(whole, {"train": 1 - sum(shares.values()), **shares}, labels.ids, seed=data.split_seed)
    train, dev, test = (placed.get(part) or parts[part] for part in ("train", "dev", PRIMARY))
    return Split(train, dev, test, further)
