"""Reads the configuration of a finished run from its `config.yaml`."""

import logging
import tempfile
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

import yaml

from synthsweep.config.keys.run import RunConfig
from synthsweep.errors import ConfigError
from synthsweep.messages import first_line, listing
from synthsweep.track.reader import CONFIG, RunReader

log = logging.getLogger(__name__)

# PyYAML's own reader takes ten times as long, and a study has hundreds of files.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

# Reading from a server is mostly waiting, so several files are read at once.
READERS = 8

Part = TypeVar("Part")
Found = TypeVar("Found")


def read_kept(run_ids: Iterable[str], reader: RunReader, read: Callable[[Path], Found]) -> list[Found | None]:
    """What `read` makes of the `config.yaml` of each run; None for a run that has none."""

    def read_one(run_id: str) -> Found | None:
        path = reader.copy_file(run_id, CONFIG, Path(name))
        return None if path is None else read(path)

    with tempfile.TemporaryDirectory(prefix="synthsweep-") as name, ThreadPoolExecutor(READERS) as pool:
        return list(pool.map(read_one, run_ids))


def read_config(path: Path) -> RunConfig:
    """The configuration that a run kept as `config.yaml`.

    Keys that this version does not know are ignored with a warning; missing keys get their defaults.

    Raises:
        ConfigError: the file holds no configuration, or this version refuses a value.
    """
    config, unknown = config_of(read_values(path), path)
    if unknown:
        log.warning("%s: this version has no %s: left out", path.name, listing(unknown, 6))
    return config


def read_values(path: Path) -> Any:
    """The values of a `config.yaml` as they were written, by any version.

    Raises:
        ConfigError: the file is not YAML.
    """
    try:
        return yaml.load(path.read_text(encoding="utf-8"), _LOADER)  # noqa: S506  # one of PyYAML's safe ones
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"{path}: the run's configuration cannot be read: {first_line(error)}") from error


def config_of(values: Any, path: Path) -> tuple[RunConfig, list[str]]:
    """The configuration with these values, and the keys among them that this version does not know.

    Raises:
        ConfigError: they are no configuration, or this version refuses a value.
    """
    unknown: list[str] = []
    try:
        return _part(RunConfig, values, unknown), unknown
    except (TypeError, AttributeError) as error:
        raise ConfigError(f"{path}: this is no configuration of a run: {first_line(error)}") from error


@cache
def _types(kind: type[Any]) -> dict[str, Any]:
    return get_type_hints(kind)


def _part(kind: type[Part], values: Mapping[str, Any], unknown: list[str], prefix: str = "") -> Part:
    """Builds a dataclass from nested dictionaries; unknown keys are added to `unknown`."""
    types = _types(kind)  # type: ignore[arg-type]
    known = {item.name for item in fields(kind)}  # type: ignore[arg-type]
    unknown += [f"{prefix}{name}" for name in values if name not in known]
    given = {
        name: _part(types[name], value, unknown, f"{prefix}{name}.") if is_dataclass(types[name]) else value
        for name, value in values.items()
        if name in known
    }
    return kind(**given)
