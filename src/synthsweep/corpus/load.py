"""Reads tables of real texts; `datasets` streams them, so that no copy of a clinical text stays in a cache."""

import csv
import logging
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

from synthsweep.config.keys.texts import DataConfig
from synthsweep.corpus.files.csv_file import csv_parts, read_csv
from synthsweep.corpus.files.json_file import json_parts, read_json
from synthsweep.corpus.files.parquet_file import column_values, parquet_parts, read_parquet
from synthsweep.corpus.files.table import SourceTable, joined, with_members, with_plain_names
from synthsweep.errors import DataError
from synthsweep.messages import first_line
from synthsweep.storage.paths import named_path, plain_alias

DEMO = Path(__file__).with_name("demo.csv")
# A name, with its owner before it or without one.
HUB_NAME = re.compile(r"[\w.-]+(/[\w.-]+)?")
CSV_BUILDER = "datasets.packaged_modules.csv.csv"
JSON_BUILDER = "datasets.packaged_modules.json.json"
JSON_SUFFIXES = frozenset({".json", ".jsonl", ".ndjson"})
KINDS = {".parquet": "parquet", **dict.fromkeys(JSON_SUFFIXES, "jsonl")}
HUB_HINT = "; check the name, or fetch it where there is a network and give data.path=FILE"
HUB_SPLITS = {"train": "train", "validation": "dev", "valid": "dev", "val": "dev", "dev": "dev", "test": "test"}


def read_tables(data: DataConfig) -> dict[str, SourceTable]:
    """The tables by part: `train`, `dev`, `test`, or `all` where they are still to be split.

    Raises:
        DataError: a file or a data set cannot be read in the configured format.
    """
    if data.kind == "hub":
        return _read_hub(data)
    if data.kind == "demo":
        return {"all": _read_file(str(DEMO), data)}
    if data.path:
        return {"all": _read_file(data.path, data)}
    files = {"train": data.files.train, "dev": data.files.dev, **data.files.test_sets}
    return {part: _read_file(path, data) for part, path in files.items() if path}


def new_text_parts(data: DataConfig, size: int) -> Iterator[SourceTable]:
    """The rows of `data.path`, in tables of at most `size`; the suffix of a file that is not CSV tells its format.

    Raises:
        DataError: the file cannot be read, or holds no rows.
    """
    file = DEMO if data.kind == "demo" else _existing_file(str(data.path))
    kind = KINDS.get(file.suffix.lower(), data.kind) if data.kind == "csv" else data.kind
    if kind in {"csv", "demo"}:
        yield from csv_parts(file, encoding=data.encoding, size=size)
        return
    texts = (data.text,)
    json = kind == "jsonl"
    parts = json_parts(file, texts=texts, encoding=data.encoding, size=size) if json else parquet_parts(file, size=size)
    for part in parts:
        yield _as_asked(part, data)


def source_files(data: DataConfig) -> list[Path]:
    """The files that read_tables would read; none of the hub, all of a folder that was cloned from it."""
    if data.kind == "demo":
        return [DEMO]
    if data.kind == "hub":
        folder = named_path(data.path or "")
        inside = [path for path in folder.rglob("*") if path.is_file()] if is_folder(data) else []
        # What git keeps of a clone is not read.
        return sorted(path for path in inside if not any(part.startswith(".") for part in path.relative_to(folder).parts))
    return [named_path(name) for name in (data.path, data.files.train, data.files.dev, *data.files.test_sets.values()) if name]


def is_folder(data: DataConfig) -> bool:
    """Whether a data set of the hub is a folder here."""
    return bool(data.path) and named_path(str(data.path)).is_dir()


def _existing_file(path: str) -> Path:
    file = named_path(path)
    if not file.is_file():
        raise DataError(f"data: {path} is not a file here; give data.path or data.files.* relative to {Path.cwd()}")
    if not file.stat().st_size:
        raise DataError(f"data: {path} holds no rows")
    return file


def _read_file(path: str, data: DataConfig) -> SourceTable:
    file = _existing_file(path)
    if data.kind in {"csv", "demo"}:
        return read_csv(file, encoding=data.encoding)
    jsonl = data.kind == "jsonl"
    table = read_json(file, texts=(data.text,), encoding=data.encoding) if jsonl else read_parquet(file)
    return _as_asked(table, data)


def _as_asked(table: SourceTable, data: DataConfig) -> SourceTable:
    """The table of a format with objects, whose members are columns if they are asked for."""
    names = [name for name in (data.text, data.id, data.group, data.label_column, *data.subgroups) if name]
    return with_members(with_plain_names(table, data.kind), names)


def _read_hub(data: DataConfig) -> dict[str, SourceTable]:
    import datasets

    if not data.path:
        raise DataError("data=hub needs data.path=OWNER/NAME, as the hub names the data set")
    folder = named_path(data.path)
    if not is_folder(data) and not HUB_NAME.fullmatch(data.path):
        # `datasets` would follow an address.
        raise DataError(f"data=hub: data.path={data.path} is not a name of the hub: give OWNER/NAME, or a folder here")
    # A folder is a repository that was cloned from the hub.
    with plain_alias(folder) if folder.is_dir() else nullcontext() as alias, _cache_folder(data.path, "hub", alias) as cache:
        place = data.path if alias is None else str(alias)
        named: dict[str, Any] = {"name": data.subset, "revision": data.revision, "cache_dir": cache}
        builder = datasets.load_dataset_builder(place, **named)
        tables = _own_json(builder, data) if alias else {}
        if not tables:
            splits = datasets.load_dataset(place, streaming=True, **named, **_text_options(builder))
            tables = {name: _streamed(f"{data.path}/{name}", stream) for name, stream in splits.items()}
        tables = {name: _as_asked(table, data) for name, table in tables.items()}
    parts = {HUB_SPLITS[name]: table for name, table in tables.items() if name in HUB_SPLITS}
    if set(parts) == {"train"}:
        return {"all": parts["train"]}
    if "train" not in parts:
        raise DataError(f"data.path: {data.path} has no split named train, it has {', '.join(tables) or 'none'}")
    return parts


def _own_json(builder: Any, data: DataConfig) -> dict[str, SourceTable]:
    """The tables of JSON files in a folder here: `datasets` would guess one type for each column, and 7 would be "7"."""
    files = {str(name): [Path(str(file)) for file in named] for name, named in (builder.config.data_files or {}).items()}
    suffixes = {file.suffix for named in files.values() for file in named}
    if builder.__module__ != JSON_BUILDER or not suffixes <= JSON_SUFFIXES or builder.config.field:
        return {}
    classes = _classes(builder.config.features or builder.info.features or {})
    read = {name: [read_json(file, texts=(data.text,)) for file in named] for name, named in files.items()}
    return {name: replace(joined(tables, f"{data.path}/{name}"), classes=classes) for name, tables in read.items()}


def _text_options(builder: Any) -> dict[str, Any]:
    """What makes `datasets` read CSV files as text: it would guess types, and 007 would be 7."""
    import datasets
    from datasets.utils.file_utils import xopen

    files = [str(file) for files in (getattr(builder.config, "data_files", None) or {}).values() for file in files]
    if builder.__module__ != CSV_BUILDER or builder.config.features or not files or not files[0].endswith((".csv", ".tsv")):
        return {}
    with xopen(files[0], "r", encoding="utf-8-sig", newline="") as handle:
        names = next(csv.reader(handle, delimiter=builder.config.sep), [])
    return {"features": datasets.Features({name: datasets.Value("string") for name in names}), "keep_default_na": False}


def _streamed(source: str, stream: Any) -> SourceTable:
    tables = list(stream.with_format("arrow").iter(batch_size=50_000))
    names = tables[0].column_names if tables else []
    columns = {name: [value for table in tables for value in column_values(table, name, source)] for name in names}
    return SourceTable(source, columns, classes=_classes(stream.features or {}))


def _classes(features: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """The names of the classes of each column that numbers them, or lists their numbers."""
    kinds = {name: getattr(feature, "feature", feature) for name, feature in features.items()}
    return {name: tuple(kind.names) for name, kind in kinds.items() if getattr(kind, "names", None)}


@contextmanager
def _cache_folder(source: str, kind: str, alias: Path | None = None) -> Iterator[str]:
    """A temporary cache folder; every error of `datasets` becomes a DataError of one line, which names no `alias`."""
    import datasets

    # The log lines of `datasets` would repeat the DataError.
    datasets.utils.logging.set_verbosity(logging.CRITICAL)
    datasets.disable_progress_bars()
    # The hub's client logs every retry, twice.
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
    with _without_torch(), tempfile.TemporaryDirectory(prefix="synthsweep-") as cache:
        try:
            yield cache
        except DataError:
            raise
        except Exception as error:
            # datasets passes on errors of pandas, pyarrow and the hub's client.
            missing = isinstance(error, datasets.exceptions.DatasetNotFoundError)
            cause = error if missing else error.__cause__ or error
            reason = first_line(cause).rstrip(".").replace(str(alias), source) if alias else first_line(cause).rstrip(".")
            raise DataError(f"data={kind}: {source} cannot be read: {reason}{HUB_HINT if kind == 'hub' else ''}") from error


@contextmanager
def _without_torch() -> Iterator[None]:
    """For a loop of torch's, `datasets` would import torch with each stream, which takes seconds; nothing here is one."""
    from datasets import config

    before = config.TORCH_AVAILABLE
    config.TORCH_AVAILABLE = False
    try:
        yield
    finally:
        config.TORCH_AVAILABLE = before
