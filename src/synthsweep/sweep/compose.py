"""Composes the configurations of a study from one reading of the files: what is edited later reaches no run of it."""

import copy
import pickle
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from hydra._internal.config_loader_impl import ConfigLoaderImpl, get_overrides_dirname
from hydra._internal.config_repository import CachingConfigRepository, IConfigRepository
from hydra.core.config_loader import ConfigLoader
from hydra.core.config_search_path import ConfigSearchPath
from hydra.core.object_type import ObjectType
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.plugins.config_source import ConfigResult
from hydra.types import RunMode
from omegaconf import DictConfig, ListConfig, read_write

from synthsweep.config.compose.explain import COMPOSITION_ERRORS, explain
from synthsweep.config.compose.grammar import escaped
from synthsweep.config.compose.register import frozen, without_hydra
from synthsweep.config.keys.run import RunConfig
from synthsweep.errors import ConfigError


class FilesOnce(CachingConfigRepository):
    """The files of another repository, each of which is read once: a later question gets the same answer."""

    def __init__(self, files: IConfigRepository) -> None:
        # Hydra's own repository copies the other one first, which takes longer than everything else.
        self.delegate = files
        self.cache = {}
        self._errors: dict[str, Exception] = {}
        self._answers: dict[tuple[Any, ...], Any] = {}

    def read_all(self, group: str = "") -> None:
        """Reads every file below a group but Hydra's own, which no run of a study changes."""
        for name in self.get_group_options(group, ObjectType.CONFIG):
            # A file that cannot be read stops the runs that need it.
            with suppress(Exception):
                self.load_config(f"{group}/{name}".lstrip("/"))
        for name in self.get_group_options(group, ObjectType.GROUP):
            if (path := f"{group}/{name}".lstrip("/")) != "hydra":
                self.read_all(path)

    def load_config(self, config_path: str) -> ConfigResult | None:
        if config_path in self._errors:
            raise self._errors[config_path]
        try:
            # Composition changes what it is given.
            return copy.deepcopy(super().load_config(config_path))
        except Exception as error:
            self._errors[config_path] = error
            raise

    def group_exists(self, config_path: str) -> bool:
        return bool(self._once("group_exists", config_path))

    def config_exists(self, config_path: str) -> bool:
        return bool(self._once("config_exists", config_path))

    def get_group_options(self, group_name: str, results_filter: ObjectType | None = ObjectType.CONFIG) -> list[str]:
        return list(self._once("get_group_options", group_name, results_filter))

    def _once(self, question: str, *about: Any) -> Any:
        if (question, *about) not in self._answers:
            self._answers[(question, *about)] = getattr(self.delegate, question)(*about)
        return self._answers[(question, *about)]


class OneComposition(CachingConfigRepository):
    """What one composition sees of the files: its own copy of each, made once."""

    def __init__(self, files: FilesOnce) -> None:
        self.delegate = files
        self.cache = {}


class FrozenLoader(ConfigLoaderImpl):
    """Hydra's loader on files that are read once; what the chosen files compose to is kept, and values are put on a copy."""

    def __init__(self, search_path: ConfigSearchPath) -> None:
        super().__init__(search_path)
        self._files: FilesOnce | None = None
        # Pickled: to unpickle one takes half the time of a deep copy.
        self._chosen: dict[tuple[str, ...], bytes] = {}

    def read_all(self) -> None:
        """Reads every file now, for jobs that are composed later."""
        assert self._files is not None
        self._files.read_all()

    def files_read(self) -> dict[str, ConfigResult]:
        """Every file that was read so far, by its group and name: `prompt/mine`."""
        read = self._files.cache if self._files else {}
        return {name.removeprefix("config_path="): found for name, found in read.items() if found is not None}

    def _load_configuration_impl(
        self,
        config_name: str | None,
        overrides: list[str],
        run_mode: RunMode,
        from_shell: bool = True,
        validate_sweep_overrides: bool = True,
    ) -> DictConfig:
        parsed, files = self._parse_overrides_and_create_caching_repo(config_name, overrides)
        self.validate_sweep_overrides_legal(parsed, run_mode, from_shell)
        values = [override for override in parsed if not _chooses(override, files)]
        choices = tuple(str(override.input_line) for override in parsed if override not in values)
        if choices not in self._chosen:
            composed = super()._load_configuration_impl(config_name, list(choices), run_mode, from_shell)
            self._chosen[choices] = pickle.dumps(composed)
        return self._with_values(pickle.loads(self._chosen[choices]), values, parsed)  # noqa: S301

    def _with_values(self, config: DictConfig, values: list[Override], given: Sequence[Override]) -> DictConfig:
        """As Hydra does after it has composed the files; of its own overrides, which are the same for all, nothing changes."""
        self._apply_overrides_to_config(values, config)
        job, of_task = config.hydra.job, [override for override in given if not override.is_hydra_override()]
        config.hydra.overrides.task = [override.input_line for override in of_task]
        names = job.config.override_dirname
        job.override_dirname = get_overrides_dirname(of_task, names.exclude_keys, names.item_sep, names.kv_sep)
        return config

    def _parse_overrides_and_create_caching_repo(
        self, config_name: str | None, overrides: list[str]
    ) -> tuple[list[Override], Any]:
        if self._files is None:
            # Hydra's own overrides, which may name a search path, are the same for all jobs.
            self._files = FilesOnce(super()._parse_overrides_and_create_caching_repo(config_name, overrides)[1])
        return OverridesParser.create().parse_overrides(overrides=overrides), OneComposition(self._files)


def _chooses(override: Override, files: IConfigRepository) -> bool:
    """Whether an override decides which files there are, or is Hydra's own; the same question as in Hydra's defaults list."""
    if override.is_hydra_override():
        return True
    return not isinstance(override.value(), dict) and bool(files.group_exists(override.key_or_group))


@dataclass
class Composer:
    """Composes the runs of a study; `node` is what Hydra composed for the command itself."""

    node: DictConfig
    loader: FrozenLoader
    _runs: dict[tuple[str, ...], RunConfig] = field(default_factory=dict, init=False)

    def run(self, overrides: Sequence[str]) -> RunConfig:
        """The checked configuration of a run.

        Raises:
            ConfigError: a key does not exist, or a value breaks a rule.
        """
        given = tuple(overrides)
        if given not in self._runs:
            self._runs[given] = frozen(without_hydra(self._load(given)), RunConfig)
        return self._runs[given]

    def job(self, overrides: Sequence[str], contents: Mapping[str, str]) -> DictConfig:
        """Everything that a worker needs for a job: the values themselves, whatever its own files and variables say.

        `contents` are the digests of what the job reads, by which the worker sees whether that is still the same.

        Raises:
            ConfigError: these overrides do not compose.
        """
        try:
            config = self._load(overrides)
            _resolve(config, [str(name) for name in config if name != "hydra"])
        except COMPOSITION_ERRORS as error:
            raise ConfigError(explain(error, "run")) from error
        config.sweep.contents = dict(contents)
        return config

    def _load(self, overrides: Sequence[str]) -> DictConfig:
        return self.loader.load_sweep_config(self.node, list(overrides))


def _resolve(node: DictConfig | ListConfig, names: Sequence[Any]) -> None:
    """Puts the values of these entries in the place of references, and writes text that looks like a reference as text."""
    with read_write(node):
        for name in names:
            value = node[name]
            if isinstance(value, DictConfig):
                _resolve(value, list(value))
            elif isinstance(value, ListConfig):
                _resolve(value, range(len(value)))
            else:
                node[name] = escaped(value) if isinstance(value, str) else value


def open_composer(node: DictConfig, loader: ConfigLoader) -> Composer:
    """A composer on the files of Hydra's own loader, none of which is read yet."""
    return Composer(node, FrozenLoader(loader.get_search_path()))
