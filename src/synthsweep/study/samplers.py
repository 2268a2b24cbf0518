"""Optuna's samplers and pruners by name, and the random numbers of each process that searches one study."""

import difflib
import importlib
import inspect
import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import optuna
from optuna.trial import FrozenTrial, TrialState

from synthsweep.errors import StudyError
from synthsweep.messages import first_line
from synthsweep.study.optuna_storage import STOPPED, StudyStore, quiet_optuna

# The claims on streams of random numbers.
STREAM = "sampler:"
GRID = "; all combinations, or hydra.sweeper.fraction of them, are hydra.sweeper.design=factorial without a sampler"
# These count their points in the study's storage: all processes walk one sequence, which the seed puts in order.
IN_ONE_ORDER = (optuna.samplers.GridSampler, optuna.samplers.QMCSampler)


def make_optuna(settings: Any, what: str, instantiate: Callable[..., Any]) -> Any:
    """A sampler or pruner from `{_target_: optuna..., ...}`; None stays None.

    Raises:
        StudyError: there is no such class, or it refuses these arguments.
    """
    if not settings:
        return None
    if "_target_" not in settings:
        raise StudyError(f"hydra.sweeper.{what} needs a _target_, as in {{_target_: optuna.{what}s.NAME}}; got {settings}")
    quiet_optuna()
    _require_target(str(settings["_target_"]), what)
    try:
        made = instantiate(dict(settings))
    except Exception as error:
        hint = GRID if str(settings["_target_"]).endswith("GridSampler") and "search_space" not in settings else ""
        raise StudyError(f"hydra.sweeper.{what}: {settings['_target_']} cannot be made: {_cause(error)}{hint}") from error
    kind = {"sampler": optuna.samplers.BaseSampler, "pruner": optuna.pruners.BasePruner}[what]
    if not isinstance(made, kind):
        raise StudyError(
            f"hydra.sweeper.{what}._target_={settings['_target_']}: this makes a {type(made).__name__}, not a {what}"
        )
    return made


def _require_target(target: str, what: str) -> None:
    """Raises StudyError for a class that optuna does not have; those of other packages are looked up when they are made."""
    module = {"sampler": optuna.samplers, "pruner": optuna.pruners}[what]
    package, _, name = target.rpartition(".")
    if package == module.__name__ and not hasattr(module, name):
        known = [one for one in module.__all__ if one.endswith(what.capitalize())]
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {package}.{near[0]}?" if near else f"there are {', '.join(known)}"
        raise StudyError(f"hydra.sweeper.{what}._target_={target}: optuna has no such {what}; {hint}")


@dataclass(frozen=True)
class Stream:
    """The random numbers of one process, which came when the study had `begun` trials, as number `number` of those that did."""

    begun: int = 0
    number: int = 0

    def seed(self, base: int) -> int:
        """A seed that no other process of the study has; that of a process alone follows from the trials that there are."""
        own = base + self.begun
        return int(np.random.SeedSequence([own, self.number]).generate_state(1)[0]) if self.number else own


def own_stream(store: StudyStore) -> Stream:
    """A stream that no other living process of the study has: with the same one, samplers propose the same configurations.

    Nor is it that of an earlier command, whose trials the sampler would propose again.
    """
    with store.alone():
        begun = len(store.study.get_trials(deepcopy=False))
        return Stream(begun, next(number for number in itertools.count() if store.leases.claim(f"{STREAM}{begun}/{number}")))


def make_sampler(settings: Any, seed: int, instantiate: Callable[..., Any], stream: Stream = Stream()) -> Any:
    """The sampler, seeded with `seed` unless its settings name a seed or it takes none; without settings, TPE.

    Raises:
        StudyError: there is no such class, or it refuses these arguments.
    """
    if not settings:
        quiet_optuna()
        return optuna.samplers.TPESampler(seed=stream.seed(seed))
    return make_optuna(_with_seeds(settings, seed, stream), "sampler", instantiate)


def _with_seeds(settings: Any, seed: int, stream: Stream) -> Any:
    """The settings with the seed of this process, those of a sampler within another one included."""
    if not isinstance(settings, Mapping):
        return settings
    settings = {name: _with_seeds(value, seed, stream) for name, value in settings.items()}
    made = _known(str(settings.get("_target_", "")))
    base = settings.get("seed", seed)
    if not callable(made) or "seed" not in inspect.signature(made).parameters or not isinstance(base, int):
        return settings
    shared = isinstance(made, type) and issubclass(made, IN_ONE_ORDER)
    return {**settings, "seed": base if shared else stream.seed(base)}


def _known(target: str) -> Any:
    """The class or function of this name; None if there is none, which is refused when it is made."""
    module, _, name = target.rpartition(".")
    try:
        return getattr(importlib.import_module(module), name, None)
    except (ImportError, ValueError):
        return None


def has_tried_everything(study: optuna.Study) -> bool:
    """Whether the sampler would propose again what has ended or runs: each point of its grid is among the trials."""
    sampler = study.sampler
    if not isinstance(sampler, (optuna.samplers.GridSampler, optuna.samplers.BruteForceSampler)):
        return False
    trials = [trial for trial in study.get_trials(deepcopy=False) if trial.state != TrialState.WAITING]
    if isinstance(sampler, optuna.samplers.GridSampler):
        return _covers_grid(trials)
    known = [trial for trial in trials if trial.params]
    try:
        for trial in known[-1:]:
            # It looks at all trials, this one as if it had ended.
            sampler.after_trial(study, trial, TrialState.FAIL, None)
    except RuntimeError as error:
        if STOPPED not in str(error):
            raise
        return True
    return False


def _covers_grid(trials: Sequence[FrozenTrial]) -> bool:
    on_grid = [trial.system_attrs for trial in trials if "grid_id" in trial.system_attrs]
    if not on_grid:
        return False
    grid = on_grid[-1]["search_space"]
    visited = {attrs["grid_id"] for attrs in on_grid if attrs["search_space"] == grid}
    return len(visited) >= math.prod(map(len, grid.values()))


def _cause(error: BaseException) -> str:
    while error.__cause__ is not None:
        error = error.__cause__
    return first_line(error)
