"""`hydra/launcher=ray_workers`: Ray actors that stay alive and get the next run when one ends, on one or many machines."""

from typing import TYPE_CHECKING

from hydra.core.config_store import ConfigStore

# Import the module: Hydra would register an imported class as a plugin of this module, too.
from hydra_plugins.synthsweep import workers_launcher
from synthsweep.config.compose.plugin import plugin_config
from synthsweep.config.keys.launchers import RayWorkersSettings

if TYPE_CHECKING:
    from synthsweep.workers.worker_pool import WorkerPool

RayWorkersConf = plugin_config(
    "RayWorkersConf",
    RayWorkersSettings,
    "hydra_plugins.synthsweep.ray_workers_launcher.RayWorkersLauncher",
    preload=workers_launcher.PRELOAD,
)


class RayWorkersLauncher(workers_launcher.WorkersLauncher):
    """Like WorkersLauncher, with Ray actors as workers."""

    kind = RayWorkersSettings

    def open_workers(self, jobs: int) -> "WorkerPool":
        """Asks the cluster for workers, at most one per job."""
        from synthsweep.sweep.launch.ray_workers import open_ray_workers

        return open_ray_workers(self, jobs)


ConfigStore.instance().store(group="hydra/launcher", name="ray_workers", node=RayWorkersConf, provider="synthsweep")
