"""`synthsweep run`: one configuration; under -m, one replicate of a study."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig

from synthsweep.config.commands import without_multirun
from synthsweep.config.compose.given import given_command, given_overrides
from synthsweep.config.compose.grammar import key_of
from synthsweep.config.compose.mistakes import require_one_place
from synthsweep.config.compose.register import frozen
from synthsweep.config.keys.run import RunConfig, TrackingConfig
from synthsweep.errors import ConfigError

if TYPE_CHECKING:
    from synthsweep.run.cache import ProcessCache
    from synthsweep.run.collaborators import Collaborators
    from synthsweep.run.experiment import RunResult
    from synthsweep.run.prepare import TrainingData
    from synthsweep.study.replicate import PruningCallback
    from synthsweep.track.choose import TrackingStore


class TrainedRun(NamedTuple):
    """A run's result, the texts behind it, and the seconds that the command took."""

    result: "RunResult"
    texts: "TrainingData"
    seconds: float


def run(node: DictConfig) -> Any:
    """`synthsweep run`: returns an Outcome to our sweeper, and the dev score to any other; None where it is undefined."""
    config, hydra = frozen(node, RunConfig), HydraConfig.get()
    require_one_place(hydra.job)
    overrides = given_overrides()
    multirun = hydra.mode == RunMode.MULTIRUN
    if config.sweep.trial is not None:
        return _replicate(config, overrides)
    if not multirun:
        require_single(config, overrides)
    from synthsweep.corpus.corpus import require_files
    from synthsweep.display.run import print_result

    require_files(config.data)
    if config.dry_run_key:
        return _print_forecast(config)
    trained = train(config, overrides, title=f"job {hydra.job.num + 1}: {' '.join(overrides)}" if multirun else "")
    print_result(config, trained.result, trained.texts, trained.seconds)
    return trained.result.metrics.get("dev/average_precision/macro")


def require_single(config: RunConfig, overrides: list[str]) -> None:
    """Raises ConfigError for settings that only work in a multirun."""
    hydra = HydraConfig.get()
    given = {key_of(override) for override in overrides}
    # A factor with a condition acts in some configurations only.
    conditions = hydra.sweeper.get("conditions") or {}
    varied = [key for key in hydra.sweeper.get("params") or {} if key not in given and key not in conditions]
    if hydra.runtime.choices.get("sweeps") and varied:
        chosen = f"sweeps={hydra.runtime.choices['sweeps']}"
        raise ConfigError(f"{chosen} is a multirun: add -m, as in {given_command('run -m', *overrides)}")
    if "replicates" in given and config.replicates != 1:
        raise ConfigError("replicates is for a multirun: add -m, as in synthsweep run -m ...")


def _replicate(config: RunConfig, overrides: list[str]) -> dict[str, Any]:
    """One replicate of a study's trial, in a worker."""
    from synthsweep.study.replicate import run_replicate

    return run_replicate(
        config, _process_store(config.tracking, Path.cwd()), _collaborators(config), tags=_command_tag(overrides)
    )


def _command_tag(overrides: list[str]) -> dict[str, str]:
    return {"command": given_command("run", *without_multirun(overrides))}


def _collaborators(config: RunConfig) -> "Collaborators":
    from synthsweep.run.collaborators import Collaborators

    callback = _pruning_callback(config)
    return Collaborators(cache=_cache()) if callback is None else Collaborators(cache=_cache(), on_evaluation=callback)


@cache
def _cache() -> "ProcessCache":
    """One per process: a worker does many replicates."""
    from synthsweep.run.cache import ProcessCache

    return ProcessCache()


@cache
def _process_store(config: TrackingConfig, folder: Path) -> "TrackingStore":
    """One per process, like the cache, and per working folder: a notebook may go to another, and `mlruns` is relative."""
    from synthsweep.track.choose import open_store

    return open_store(config)


def _pruning_callback(config: RunConfig) -> "PruningCallback | None":
    from synthsweep.study.design.pruning import prunes_by_epoch

    settings = HydraConfig.get().sweeper
    if config.sweep.replicate or not prunes_by_epoch(settings.get("pruner")):
        return None
    from hydra.utils import instantiate

    from synthsweep.storage.database import study_address
    from synthsweep.study.replicate import PruningCallback
    from synthsweep.study.samplers import make_optuna

    pruner = make_optuna(dict(settings.pruner), "pruner", instantiate)
    address = study_address(settings.storage, config.tracking.folder)
    return PruningCallback(address, str(config.study), config.sweep.trial or 0, pruner)


def _print_forecast(config: RunConfig) -> None:
    """What one run would ask and train: nothing is sent, and nothing written."""
    from synthsweep.corpus.corpus import load_corpus
    from synthsweep.corpus.describe import corpus_lines
    from synthsweep.display.console import open_console, print_next, print_prose
    from synthsweep.display.forecast import next_after_dry_run, print_forecast_parts
    from synthsweep.run.cache import ProcessCache
    from synthsweep.study.forecast import forecast
    from synthsweep.track.choose import finished_runs_in

    console = open_console()
    cache = ProcessCache()
    corpus = load_corpus(config.labels, config.data, subset_seed=config.seeds.subset, cache=cache.corpora)
    for line in corpus_lines(corpus):
        print_prose(console, line)
    with finished_runs_in(config.tracking) as finished:
        expected = forecast([config], finished, cache)
    print_forecast_parts(console, expected, workers=1)
    print_next(console, *next_after_dry_run(config.dry_run_key, expected.lacks))


def train(config: RunConfig, overrides: list[str], *, title: str = "") -> TrainedRun:
    """Shows the progress of a run, which is not trained again if it is finished; `overrides` are kept as its command."""
    from synthsweep.corpus.describe import undefined_on_dev
    from synthsweep.display.run import describe_curation, describe_pool
    from synthsweep.display.screen import Screen
    from synthsweep.progress import Stage
    from synthsweep.run.collaborators import Collaborators
    from synthsweep.run.prepare import prepare
    from synthsweep.study.reuse import run_unless_finished
    from synthsweep.track.choose import open_store

    with Screen() as screen:
        if title:
            screen(Stage(title))
        screen(Stage("reading texts"))
        collaborators = Collaborators(progress=screen)
        prepared = prepare(config, collaborators)
        told = (*undefined_on_dev(config, prepared.corpus), describe_pool(prepared.pool), describe_curation(prepared))
        for line in filter(None, told):
            screen(Stage(line))
        kept = config.tracking.kind != "none"
        screen(Stage("opening the tracking store" if kept else "nothing will be kept: tracking=none"))
        store = open_store(config.tracking)
        result = run_unless_finished(config, prepared, store, collaborators, tags=_command_tag(overrides))
    return TrainedRun(result, prepared, screen.seconds)
