"""A sweep: plan the study, then run it, forecast it, or compute its power."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hydra.plugins.launcher import Launcher
from hydra.types import HydraContext
from omegaconf import DictConfig

from synthsweep.config.compose.given import given_of_hydra
from synthsweep.config.compose.mistakes import require_one_place
from synthsweep.config.roots import PowerConfig
from synthsweep.corpus.corpus import require_files
from synthsweep.display.screen import Screen
from synthsweep.display.steps import Steps
from synthsweep.progress import Stage
from synthsweep.storage.database import OPTUNA
from synthsweep.study.queue.trial_queue import StudyTrials
from synthsweep.sweep.plan import Plan, make_plan, read_settings
from synthsweep.sweep.study_name import with_name

# For Hydra's Optuna sweeper, a study in memory.
NO_STORAGE = "hydra.sweeper.storage=null"


def sweep(
    given: dict[str, Any], node: DictConfig, context: HydraContext, launcher: Launcher, arguments: Sequence[str],
    *, prints_results: bool = True, joins: bool = False,
) -> StudyTrials:  # fmt: skip
    """Plans a study, runs it and prints its results; returns its trials, none where it was only forecast.

    `joins`: the command is that of a study which another process has begun.

    Raises:
        InputError: the description of the study is invalid; nothing was started.
        Refusal: some replicates failed, or it was interrupted; what is finished stays.
    """
    require_one_place(node.hydra.job)
    with Steps(Screen()) as begin:
        plan = with_name(make_plan(read_settings(given), node, context.config_loader, arguments, begin), node)
    require_files(plan.config.data)
    of_hydra = given_of_hydra(node.hydra)
    if NO_STORAGE in of_hydra:
        Screen()(Stage(f"{NO_STORAGE}: the study is kept in {plan.config.tracking.folder}/{OPTUNA}, as without the key"))
    swept = StudyTrials(plan.name, tuple(plan.goal.metrics))
    if _only_forecast(plan, node, arguments):
        return swept
    if joins:
        from synthsweep.sweep.joinable import require_joinable

        require_joinable(plan)
    # Optuna takes a second to import.
    from synthsweep.sweep.run_study import run_study

    trials = run_study(plan, launcher, list(arguments), of_hydra, prints_results=prints_results, joins=joins)
    return replace(swept, trials=tuple(trials))


def _only_forecast(plan: Plan, node: DictConfig, arguments: Sequence[str]) -> bool:
    """Prints the power of a study, or what it would cost, where the command asks for no more than that."""
    if isinstance(plan.config, PowerConfig):
        from synthsweep.sweep.power import print_power

        print_power(plan, arguments)
        return True
    if plan.config.dry_run_key:
        from synthsweep.sweep.dry_run import print_forecast
        from synthsweep.sweep.open_queue import require_runnable

        print_forecast(plan, node, require_runnable(plan))
        return True
    return False
