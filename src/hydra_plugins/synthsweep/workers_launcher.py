"""`hydra/launcher=workers`: processes on this machine that stay alive and get the next run when one ends."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from hydra.core.config_store import ConfigStore
from hydra.core.utils import JobReturn
from hydra.plugins.launcher import Launcher
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig

from synthsweep.config.compose.plugin import plugin_config
from synthsweep.config.flat import values_of
from synthsweep.config.keys.launchers import WorkersSettings
from synthsweep.config.rules import Section

if TYPE_CHECKING:
    from synthsweep.workers.worker_pool import WorkerPool

# A worker imports these modules, which every run needs, before its first run.
PRELOAD = [
    "synthsweep.train.fit",
    "synthsweep.evaluate.metrics",
    "synthsweep.track.mlflow.tracker",
    "synthsweep.study.replicate",
]

WorkersConf = plugin_config(
    "WorkersConf", WorkersSettings, "hydra_plugins.synthsweep.workers_launcher.WorkersLauncher", preload=PRELOAD
)


class WorkersLauncher(Launcher):
    """Our sweeper calls `open_workers` and assigns runs itself; other sweepers call `launch`, which runs a batch."""

    kind: type[Section] = WorkersSettings

    def __init__(self, **settings: Any) -> None:
        self.settings = settings
        self.config: DictConfig | None = None
        self.task_function: TaskFunction | None = None
        self.hydra_context: HydraContext | None = None

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        self.hydra_context, self.task_function, self.config = hydra_context, task_function, config
        self.settings = self.checked_settings()

    def checked_settings(self) -> dict[str, Any]:
        """The keys of `hydra.launcher`, refused before anything begins where they are wrong."""
        from synthsweep.config.compose.typed import from_plugin

        return values_of(from_plugin(self.kind, self.settings))

    def open_workers(self, jobs: int) -> "WorkerPool":
        """Starts the workers, at most one per job."""
        from synthsweep.sweep.launch.local_workers import open_local_workers

        return open_local_workers(self, jobs)

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        """Runs a batch for a sweeper that does not call `open_workers`."""
        from synthsweep.display.screen import Screen
        from synthsweep.sweep.launch.batches import launch_batch

        return launch_batch(self.open_workers(len(job_overrides)), job_overrides, initial_job_idx, Screen())


ConfigStore.instance().store(group="hydra/launcher", name="workers", node=WorkersConf, provider="synthsweep")
