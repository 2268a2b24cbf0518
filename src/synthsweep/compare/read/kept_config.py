"""Reads the configurations of finished runs from their `config.yaml`."""

import logging
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

import yaml

from synthsweep.config.flat import flat
from synthsweep.config.keys.run import RunConfig
from synthsweep.config.spelling import spelled
from synthsweep.errors import ConfigError
from synthsweep.messages import first_line, listing
from synthsweep.track.reader import CONFIG, RunReader, cut_parameter

log = logging.getLogger(__name__)

# PyYAML's own reader takes ten times as long, and a study has hundreds of files.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

# Reading from a server is mostly waiting, so several files are read at once.
READERS = 8

# Where a section of a file begins.
_SECTION = re.compile(r"^(?=[a-z_]+:)", re.MULTILINE)

Part = TypeVar("Part")


@dataclass(frozen=True)
class KeptSection:
    """Some keys of a file, which other files may have, too."""

    values: Mapping[str, Any]

    @cached_property
    def parameters(self) -> dict[str, str]:
        """Every key as a parameter of the store."""
        return {key: cut_parameter(spelled(key, value)) for key, value in flat(dict(self.values)).items()}

    @cached_property
    def made(self) -> tuple[dict[str, Any], list[str]]:
        """The checked values, and the keys that this version does not know."""
        unknown: list[str] = []
        with _refused():
            return _checked(RunConfig, self.values, unknown), unknown


@dataclass(frozen=True)
class KeptConfig:
    """The configuration that a run kept."""

    sections: Sequence[KeptSection]

    @cached_property
    def values(self) -> dict[str, Any]:
        """As they were written, by any version."""
        return {name: value for section in self.sections for name, value in section.values.items()}

    @property
    def parameters(self) -> dict[str, str]:
        """Every key as a parameter of the store."""
        return {key: text for section in self.sections for key, text in section.parameters.items()}

    @cached_property
    def config(self) -> RunConfig:
        """Without the keys that this version does not know; missing ones have their defaults.

        Raises:
            ConfigError: it is no configuration, or this version refuses a value.
        """
        with _refused():
            return RunConfig(**{name: value for section in self.sections for name, value in section.made[0].items()})

    @property
    def unknown(self) -> list[str]:
        """The keys that this version does not know."""
        return [name for section in self.sections for name in section.made[1]]


class KeptConfigs:
    """The configurations of runs, each file read once.

    The runs of a study differ in few sections: those with the same text are parsed and checked once for all runs.
    """

    def __init__(self, reader: RunReader) -> None:
        self._reader = reader
        self._sections: dict[str, KeptSection] = {}
        self._kept: dict[str, KeptConfig | None] = {}

    def of(self, run_id: str) -> KeptConfig | None:
        """What a run kept; None if it has no such file.

        Raises:
            ConfigError: the file is not YAML.
        """
        return self.each([run_id])[0]

    def each(self, run_ids: Iterable[str]) -> list[KeptConfig | None]:
        """What each of these runs kept; several files are read at once."""
        wanted = list(run_ids)
        new = [run_id for run_id in dict.fromkeys(wanted) if run_id not in self._kept]
        with ThreadPoolExecutor(READERS) as pool:
            self._kept |= zip(new, pool.map(self._read, new), strict=True)
        return [self._kept[run_id] for run_id in wanted]

    def _read(self, run_id: str) -> KeptConfig | None:
        path = self._reader.file_of(run_id, CONFIG)
        if path is None:
            return None
        text = _text_of(path)
        parts = [part for part in _SECTION.split(text) if part]
        try:
            return KeptConfig([self._section(part, path) for part in parts or [text]])
        except ConfigError:
            # Somebody wrote it so that no section can be read alone, or it is no configuration at all.
            return KeptConfig([KeptSection(_parsed(text, path))])

    def _section(self, text: str, path: Path) -> KeptSection:
        if text not in self._sections:
            self._sections[text] = KeptSection(_parsed(text, path))
        return self._sections[text]


def read_config(path: Path) -> RunConfig:
    """The configuration that a run kept as `config.yaml`.

    Keys that this version does not know are ignored with a warning; missing keys get their defaults.

    Raises:
        ConfigError: the file holds no configuration, or this version refuses a value.
    """
    kept = KeptConfig([KeptSection(_parsed(_text_of(path), path))])
    if kept.unknown:
        log.warning("%s: this version has no %s: left out", path.name, listing(kept.unknown, 6))
    return kept.config


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(path, error) from error


def _parsed(text: str, path: Path) -> dict[str, Any]:
    try:
        values = yaml.load(text, _LOADER)  # noqa: S506  # one of PyYAML's safe ones
    except yaml.YAMLError as error:
        raise _unreadable(path, error) from error
    if not isinstance(values, dict):
        raise ConfigError(f"{path}: this is no configuration of a run: keys and values are expected")
    return values


@contextmanager
def _refused() -> Iterator[None]:
    """Values that fit no key are refused as those out of its range."""
    try:
        yield
    except (TypeError, AttributeError) as error:
        raise ConfigError(f"{CONFIG}: this is no configuration of a run: {first_line(error)}") from error


def _unreadable(path: Path, error: Exception) -> ConfigError:
    return ConfigError(f"{path}: the run's configuration cannot be read: {first_line(error)}")


@cache
def _types(kind: type[Any]) -> dict[str, Any]:
    return get_type_hints(kind)


def _part(kind: type[Part], values: Mapping[str, Any], unknown: list[str], prefix: str) -> Part:
    """Builds a dataclass from nested dictionaries; unknown keys are added to `unknown`."""
    return kind(**_checked(kind, values, unknown, prefix))


def _checked(kind: type[Any], values: Mapping[str, Any], unknown: list[str], prefix: str = "") -> dict[str, Any]:
    """The known values of a dataclass, those of its sections as dataclasses."""
    types, known = _types(kind), {item.name for item in fields(kind)}  # type: ignore[arg-type]
    unknown += [f"{prefix}{name}" for name in values if name not in known]
    return {
        name: _part(types[name], value, unknown, f"{prefix}{name}.") if is_dataclass(types[name]) else value
        for name, value in values.items()
        if name in known
    }
