"""A Hydra job as a task that a worker does: composed and run there, its value brought home."""

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hydra.core.hydra_config import HydraConfig
from hydra.core.singleton import Singleton
from hydra.core.utils import JobReturn, JobStatus, run_job, setup_globals
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig, open_dict


@dataclass(frozen=True)
class Task:
    """One job: its number, and its overrides as Hydra's grammar writes them."""

    number: int
    overrides: tuple[str, ...]


@dataclass
class HydraTaskRunner:
    """Everything that a worker's process needs to run jobs of this application; `singletons` are Hydra's own state."""

    hydra_context: HydraContext
    config: DictConfig
    task_function: TaskFunction
    singletons: dict[Any, Any]
    preload: Sequence[str]

    def warm_up(self) -> None:
        """Sets Hydra up as the parent has it, and imports what runs import."""
        setup_globals()
        Singleton.set_state(self.singletons)
        for name in self.preload:
            importlib.import_module(name)

    def __call__(self, order: Task) -> Any:
        """The value that the job returns; raises what the job raises."""
        config = self.hydra_context.config_loader.load_sweep_config(self.config, list(order.overrides))
        with open_dict(config):
            config.hydra.job.id = config.hydra.job.num = order.number
        HydraConfig.instance().set_config(config)
        done = run_job(
            hydra_context=self.hydra_context, task_function=self.task_function, config=config,
            job_dir_key="hydra.sweep.dir", job_subdir_key="hydra.sweep.subdir",
        )  # fmt: skip
        return done.return_value


def job_return(value: Any, overrides: Sequence[str], error: Exception | None = None) -> JobReturn:
    """What a sweeper expects of a launcher."""
    done = JobReturn(overrides=list(overrides))
    done.return_value = error or value
    done.status = JobStatus.FAILED if error else JobStatus.COMPLETED
    return done
