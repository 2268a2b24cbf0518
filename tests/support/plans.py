"""What `synthsweep run -m` gives to its sweeper and its launcher."""

import builtins
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FunctionType
from typing import Any, NamedTuple

import pytest
from hydra import initialize_config_dir
from hydra._internal.callbacks import Callbacks
from hydra.core.config_loader import ConfigLoader
from hydra.core.global_hydra import GlobalHydra
from hydra.plugins.launcher import Launcher
from hydra.types import HydraContext, RunMode, TaskFunction
from omegaconf import DictConfig, OmegaConf

from synthsweep.config.compose.folders import shipped
from synthsweep.config.compose.register import register_roots
from synthsweep.study.run_key import config_key
from synthsweep.sweep.plan import Plan, make_plan, read_settings


class Planned(NamedTuple):
    """A plan, with what composes its cells as workers do."""

    plan: Plan
    node: DictConfig
    loader: ConfigLoader

    def keys(self) -> list[str]:
        """The key of each cell's run."""
        cells = [[*self.plan.fixed, *self.plan.space.overrides(cell.assignment)] for cell in self.plan.cells]
        return [config_key(self.plan.composer.run(cell)) for cell in cells]


@contextmanager
def opened_loader() -> Iterator[ConfigLoader]:
    """Hydra's loader, with the choices of the current folder."""
    register_roots()
    with initialize_config_dir(str(shipped("conf")), version_base="1.3"):
        yield GlobalHydra.instance().config_loader()


@pytest.fixture
def loader() -> Iterator[ConfigLoader]:
    with opened_loader() as loader:
        yield loader


@pytest.fixture
def node(loader: ConfigLoader) -> DictConfig:
    """Everything that `synthsweep run -m` composes before it sweeps."""
    return composed(loader)


def composed(loader: ConfigLoader) -> DictConfig:
    return loader.load_configuration("run", [], run_mode=RunMode.MULTIRUN)


@pytest.fixture
def planned(loader: ConfigLoader, node: DictConfig) -> Callable[..., Planned]:
    """Plans `synthsweep run -m ARGUMENTS` with these keys of hydra.sweeper."""
    return planner(loader, node)


def planner(loader: ConfigLoader, node: DictConfig) -> Callable[..., Planned]:
    given = OmegaConf.to_container(node.hydra.sweeper, resolve=True)
    assert isinstance(given, dict)
    defaults = {str(key): value for key, value in given.items() if not str(key).startswith("_")}

    def make(*arguments: str, **settings: Any) -> Planned:
        return Planned(make_plan(read_settings({**defaults, **settings}), node, loader, list(arguments)), node, loader)

    return make


@pytest.fixture
def set_up(loader: ConfigLoader, node: DictConfig) -> Callable[..., Any]:
    """Sets a launcher up as Hydra does, for a task function."""

    def with_task(launcher: Launcher, task: TaskFunction) -> Any:
        context = HydraContext(config_loader=loader, callbacks=Callbacks())
        launcher.setup(hydra_context=context, task_function=task, config=node)
        return launcher

    return with_task


def report(config: DictConfig) -> Any:
    """A job that returns its ratio, number, folder and process; at ratio 9 it fails, at 8 it has a bug."""
    import os

    from hydra.core.hydra_config import HydraConfig

    from synthsweep.errors import DataError

    if config.mix.ratio == 9:
        raise DataError("mix.ratio=9: too much of it")
    if config.mix.ratio == 8:
        raise ZeroDivisionError("a bug")
    hydra = HydraConfig.get()
    return {"ratio": config.mix.ratio, "job": hydra.job.num, "folder": hydra.runtime.output_dir, "process": os.getpid()}


@pytest.fixture
def reporting() -> TaskFunction:
    """As a nested function, which travels with its code."""
    return FunctionType(report.__code__, {"__builtins__": builtins}, "report")
