"""`hydra/launcher=workers`: processes of this machine that stay alive and are refilled as each run ends."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hydra.core.config_store import ConfigStore
from hydra.core.utils import JobReturn
from hydra.plugins.launcher import Launcher
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig

if TYPE_CHECKING:
    from synthsweep.workers.pool import WorkerPool

# What a run imports, and a worker therefore imports before its first one.
PRELOAD = [
    "synthsweep.train.fit",
    "synthsweep.evaluate.metrics",
    "synthsweep.track.mlflow_tracker",
    "synthsweep.study.replicate",
]


@dataclass
class WorkersConf:
    """The keys of `hydra.launcher`; 0 workers are as many as fit, 0 threads share the cores among them."""

    _target_: str = "hydra_plugins.synthsweep.workers_launcher.WorkersLauncher"
    n_workers: int = 0
    threads: int = 0
    timeout_s: float = 0.0
    memory_gb: float = 0.0
    preload: list[str] = field(default_factory=lambda: list(PRELOAD))


class WorkersLauncher(Launcher):
    """A launcher whose `open_workers` gives our sweeper workers to refill; `launch` runs a batch, as any launcher does."""

    def __init__(self, **settings: Any) -> None:
        self.settings = settings
        self.config: DictConfig | None = None
        self.task_function: TaskFunction | None = None
        self.hydra_context: HydraContext | None = None

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        self.hydra_context, self.task_function, self.config = hydra_context, task_function, config

    def open_workers(self, jobs: int) -> "WorkerPool":
        """Starts the workers, no more of them than there are jobs."""
        from synthsweep.sweep.launch.local import open_local_workers

        return open_local_workers(self, jobs)

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        """Runs a batch for a sweeper that does not call `open_workers`."""
        from synthsweep.sweep.launch.batches import launch_batch

        return launch_batch(self.open_workers(len(job_overrides)), job_overrides, initial_job_idx)


ConfigStore.instance().store(group="hydra/launcher", name="workers", node=WorkersConf, provider="synthsweep")
