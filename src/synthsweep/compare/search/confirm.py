"""Runs the best trial of a search again on fresh seeds, because the value that selected it is too optimistic."""

import logging
import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from scipy.stats import t

from synthsweep.compare.result.effects import Interval
from synthsweep.compare.result.search import Confirmation
from synthsweep.config.keys.run import RunConfig, SweepConfig
from synthsweep.config.rules import MAX_SEED
from synthsweep.errors import StudyError
from synthsweep.messages import listing
from synthsweep.progress import Advance, Progress, silent
from synthsweep.run.cache import ProcessCache
from synthsweep.run.collaborators import Collaborators
from synthsweep.run.prepare import prepare
from synthsweep.study.reuse import run_unless_finished
from synthsweep.track.choose import TrackingStore

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Selection:
    """The trial that a search selected, and the mean `value` of its objective on dev over the seeds of the search."""

    trial: int
    objective: str
    value: float


def confirm(
    config: RunConfig,
    seeds: Sequence[int],
    selection: Selection,
    store: TrackingStore,
    progress: Progress = silent,
) -> Confirmation:
    """Runs the configuration of the selected trial with each seed; finished runs are reused.

    `progress` counts the seeds. Seeds with which the objective is undefined are excluded with a warning.

    Raises:
        StudyError: the objective is undefined with every seed.
        InputError: the configuration cannot be run any more.
        SynthsweepError: a run failed, or was asked to stop.
    """
    collaborators = Collaborators(cache=ProcessCache())
    tags = {"kind": "confirmation", "confirms": str(selection.trial)}
    values: dict[int, float | None] = {}
    for done, seed in enumerate(seeds, start=1):
        again = fresh_config(config, seed)
        result = run_unless_finished(again, prepare(again, collaborators), store, collaborators, tags=tags)
        values[seed] = {**result.metrics, **result.counts}.get(selection.objective)
        progress(Advance(done, len(seeds)))
    return confirmation_of(selection, values)


def fresh_seeds(used: Sequence[int], count: int) -> tuple[int, ...]:
    """The next seeds after the largest that was used.

    Raises:
        StudyError: there are fewer than `count`.
    """
    first = max(used, default=0) + 1
    if first + count - 1 > MAX_SEED:
        raise StudyError(f"seed={max(used)} is so large that {count} fresh seeds after it are beyond {MAX_SEED}")
    return tuple(range(first, first + count))


def fresh_config(config: RunConfig, seed: int) -> RunConfig:
    """The same configuration with another seed, as a run of a separate study.

    Seeds that were equal to `seed` change with it; the others stay.
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


def confirmation_of(selection: Selection, values: Mapping[int, float | None]) -> Confirmation:
    """Summarises the objective's values by seed; None is undefined.

    Raises:
        StudyError: the objective is undefined with every seed.
    """
    objective = selection.objective
    defined = {seed: value for seed, value in values.items() if value is not None}
    undefined = [seed for seed in values if seed not in defined]
    if not defined:
        raise StudyError(f"compare.confirm: {objective} is undefined with every fresh seed ({listing(undefined)})")
    if undefined:
        log.warning("%s is undefined with seed %s: left out of the mean", objective, listing(undefined))
    fresh = list(defined.values())
    return Confirmation(selection.trial, objective, selection.value, statistics.fmean(fresh), _interval(fresh), tuple(defined))


def _interval(values: Sequence[float]) -> Interval | None:
    """The 95 % interval for new seeds on these dev texts; None for one seed, or if all values are equal."""
    if len(values) < 2 or not statistics.stdev(values):
        return None
    half = float(t.ppf(0.975, len(values) - 1)) * statistics.stdev(values) / math.sqrt(len(values))
    middle = statistics.fmean(values)
    return Interval(middle - half, middle + half)
