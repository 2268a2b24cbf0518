"""The best trial of a search again, on seeds that chose nothing: what was selected by a value is overrated by it."""

import logging
import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

import yaml
from scipy.stats import t

from synthsweep.compare.result import Confirmation, Interval
from synthsweep.config.schema import MAX_SEED, RunConfig, SweepConfig
from synthsweep.errors import ConfigError, StudyError
from synthsweep.messages import first_line, listing
from synthsweep.run.cache import ProcessCache
from synthsweep.run.collaborators import DEFAULTS, Collaborators
from synthsweep.run.prepare import prepare
from synthsweep.study.resume import run_or_reuse
from synthsweep.track.writer import Tracker

log = logging.getLogger(__name__)

Part = TypeVar("Part")
# Told of each seed when it is done: how many are, of how many, the seed, and its value (None: undefined).
SeedDone = Callable[[int, int, int, float | None], None]


def confirm(
    config: RunConfig | Path,
    seeds: Sequence[int],
    *,
    trial: int,
    objective: str,
    selected: float,
    tracker: Tracker,
    on_seed: SeedDone = lambda done, total, seed, value: None,
    collaborators: Collaborators = DEFAULTS,
    tags: Mapping[str, str] | None = None,
) -> Confirmation:
    """Runs a trial's configuration (or the `config.yaml` of one of its runs) with each seed; finished runs are reused.

    `selected` is what the trial was chosen by, its mean `objective` on dev over the seeds of the search. Seeds in which the
    objective is undefined are left out with a warning.

    Raises:
        StudyError: the objective is undefined with every seed.
        InputError: the configuration cannot be run any more.
        SynthsweepError: a run failed, or was asked to stop.
    """
    base = read_config(config) if isinstance(config, Path) else config
    collaborators, values = replace(collaborators, cache=collaborators.cache or ProcessCache()), dict[int, float | None]()
    for place, seed in enumerate(seeds):
        again = fresh_config(base, seed)
        data = prepare(again, collaborators)
        marks = {"kind": "confirmation", "confirms": str(trial), **(tags or {})}
        done = run_or_reuse(again, data, tracker, collaborators, tags=marks)
        values[seed] = {**done.result.metrics, **done.result.counts}.get(objective)
        on_seed(place + 1, len(seeds), seed, values[seed])
    return confirmation_of(trial, objective, selected, values)


def fresh_seeds(used: Sequence[int], count: int) -> tuple[int, ...]:
    """The next ones after the largest that was used.

    Raises:
        StudyError: there are not so many.
    """
    first = max(used, default=0) + 1
    if first + count - 1 > MAX_SEED:
        raise StudyError(f"seed={max(used)} is so large that {count} fresh seeds after it are beyond {MAX_SEED}")
    return tuple(range(first, first + count))


def fresh_config(config: RunConfig, seed: int) -> RunConfig:
    """The same configuration with another seed, as a run of a study of its own.

    What followed `seed` follows it again; what was set apart from it stays.
    """
    following = {name: seed for name, value in vars(config.seeds).items() if value == config.seed}
    return replace(
        config,
        seed=seed,
        seeds=replace(config.seeds, **following),
        study=f"{config.study}-confirm" if config.study else "confirm",
        sweep=SweepConfig(),
        replicates=1,
        force=False,
    )


def read_config(path: Path) -> RunConfig:
    """The configuration that a run kept as `config.yaml`.

    Keys that this version does not have are left out with a warning; those that the file lacks have their defaults.

    Raises:
        ConfigError: the file is none, or a value is out of range by now.
    """
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"{path}: the run's configuration cannot be read: {first_line(error)}") from error
    unknown: list[str] = []
    try:
        config = _part(RunConfig, values, unknown)
    except (TypeError, AttributeError) as error:
        raise ConfigError(f"{path}: this is no configuration of a run: {first_line(error)}") from error
    if unknown:
        log.warning("%s: this version has no %s: left out", path.name, listing(unknown, 6))
    return config


def _part(kind: type[Part], values: Mapping[str, Any], unknown: list[str], prefix: str = "") -> Part:
    """A dataclass of nested dictionaries; names that it does not have are added to `unknown`."""
    types = get_type_hints(kind)
    known = {item.name for item in fields(kind)}  # type: ignore[arg-type]
    unknown += [f"{prefix}{name}" for name in values if name not in known]
    given = {
        name: _part(types[name], value, unknown, f"{prefix}{name}.") if is_dataclass(types[name]) else value
        for name, value in values.items()
        if name in known
    }
    return kind(**given)


def confirmation_of(trial: int, objective: str, selected: float, values: Mapping[int, float | None]) -> Confirmation:
    """From the objective's value with each seed; None is undefined.

    Raises:
        StudyError: it is undefined with every seed.
    """
    defined = {seed: value for seed, value in values.items() if value is not None}
    lacking = [seed for seed in values if seed not in defined]
    if not defined:
        raise StudyError(f"compare.confirm: {objective} is undefined with every fresh seed ({listing(lacking)})")
    if lacking:
        log.warning("%s is undefined with seed %s: left out of the mean", objective, listing(lacking))
    found = list(defined.values())
    return Confirmation(trial, objective, selected, statistics.fmean(found), _interval(found), tuple(defined))


def _interval(values: Sequence[float]) -> Interval | None:
    """95 %, for new seeds on these dev texts; None for one seed, or where nothing varied."""
    if len(values) < 2 or not statistics.stdev(values):
        return None
    reach = float(t.ppf(0.975, len(values) - 1)) * statistics.stdev(values) / math.sqrt(len(values))
    middle = statistics.fmean(values)
    return Interval(middle - reach, middle + reach)
