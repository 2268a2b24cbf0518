"""Reads tables of real texts through `datasets`, streamed, so that no copy of a clinical text stays in a cache."""

import csv
import logging
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synthsweep.config.keys.texts import DataConfig
from synthsweep.errors import DataError
from synthsweep.messages import first_line
from synthsweep.storage.paths import named_path, plain_alias

DEMO = Path(__file__).with_name("demo.csv")
BUILDERS = {"csv": "csv", "jsonl": "json", "parquet": "parquet"}
# A name, with its owner before it or without one.
HUB_NAME = re.compile(r"[\w.-]+(/[\w.-]+)?")
SEPARATORS = (",", ";", "\t")
HUB_SPLITS = {"train": "train", "validation": "dev", "valid": "dev", "val": "dev", "dev": "dev", "test": "test"}


@dataclass(frozen=True)
class SourceTable:
    """Columns of equal length; `first_row` is the number of the first row in a spreadsheet or an editor."""

    source: str
    columns: Mapping[str, list[Any]]
    first_row: int = 1

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), []))


def read_tables(data: DataConfig) -> dict[str, SourceTable]:
    """The tables by part: `train`, `dev`, `test`, or `all` where they are still to be split.

    Raises:
        DataError: a file or a data set cannot be read in the configured format.
    """
    if data.kind == "hub":
        return _read_hub(data)
    if data.kind == "demo":
        return {"all": _read_file(str(DEMO), "csv")}
    if data.path:
        return {"all": _read_file(data.path, data.kind)}
    files = {"train": data.files.train, "dev": data.files.dev, **data.files.test_sets}
    return {part: _read_file(path, data.kind) for part, path in files.items() if path}


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


def _read_file(path: str, kind: str) -> SourceTable:
    import datasets

    file = named_path(path)
    if not file.is_file():
        raise DataError(f"data: {path} is not a file here; give data.path or data.files.* relative to {Path.cwd()}")
    if not file.stat().st_size:
        raise DataError(f"data: {path} holds no rows")
    options: dict[str, Any] = {}
    if kind == "csv":
        names, options["sep"] = _header(file)
        # String types keep leading zeros of ids, and texts such as "NA".
        options["features"] = datasets.Features({name: datasets.Value("string") for name in names})
        options["keep_default_na"] = False
    # `datasets` reads names as patterns and addresses.
    with plain_alias(file) as alias, _cache_folder(path, kind, alias) as cache:
        stream = datasets.load_dataset(
            BUILDERS[kind], data_files={"all": str(alias)}, split="all", streaming=True, cache_dir=cache, **options
        )
        columns = _columns(stream)
    if not columns or not next(iter(columns.values())):
        raise DataError(f"data: {path} holds no rows")
    return SourceTable(file.name, columns, first_row=2 if kind == "csv" else 1)


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
        splits = datasets.load_dataset(place, data.subset, revision=data.revision, streaming=True, cache_dir=cache)
        tables = {name: SourceTable(f"{data.path}/{name}", _columns(stream)) for name, stream in splits.items()}
    parts = {HUB_SPLITS[name]: table for name, table in tables.items() if name in HUB_SPLITS}
    if set(parts) == {"train"}:
        return {"all": parts["train"]}
    if "train" not in parts:
        raise DataError(f"data.path: {data.path} has no split named train, it has {', '.join(tables) or 'none'}")
    return parts


def _columns(stream: Any) -> dict[str, list[Any]]:
    tables = list(stream.with_format("arrow").iter(batch_size=50_000))
    if not tables:
        return {}
    return {name: [value for table in tables for value in table.column(name).to_pylist()] for name in tables[0].column_names}


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
        except Exception as error:
            # datasets passes on errors of pandas, pyarrow and the hub's client.
            missing = isinstance(error, datasets.exceptions.DatasetNotFoundError)
            cause = error if missing else error.__cause__ or error
            reason = first_line(cause).rstrip(".").replace(str(alias), source) if alias else first_line(cause).rstrip(".")
            raise DataError(f"data={kind}: {source} cannot be read: {reason}{_hint(kind)}") from error


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


def _hint(kind: str) -> str:
    if kind == "hub":
        return "; check the name, or fetch it where there is a network and give data.path=FILE"
    return "; quote each text that holds a comma" if kind == "csv" else ""


def _header(file: Path) -> tuple[list[str], str]:
    """The names of the columns and the separator: a comma, a semicolon (as many spreadsheets write it) or a tab."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as handle:
            line = handle.readline()
            separator = max(SEPARATORS, key=lambda mark: len(next(csv.reader([line], delimiter=mark), [])))
            handle.seek(0)
            rows = csv.reader(handle, delimiter=separator)
            # The name that pandas gives to an unnamed column.
            names = [name or f"Unnamed: {place}" for place, name in enumerate(next(rows, []))]
            first = next(filter(None, rows), [])
    except csv.Error as error:
        raise DataError(f"data=csv: {file.name} is not CSV ({error}): is a quote left open?") from error
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(
            f"data=csv: {file.name} is not UTF-8 text ({first_line(error)}): save or export it as CSV UTF-8"
        ) from error
    if len(first) > len(names):
        # pandas would read the first column as an index, and shift every value by one column.
        raise DataError(
            f"data=csv: {file.name} row 2 has {len(first)} fields, its header {len(names)}: quote each text that holds a comma"
        )
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise DataError(f"data=csv: {file.name} has two columns named {repeated[0]!r}: rename one")
    return names, separator
