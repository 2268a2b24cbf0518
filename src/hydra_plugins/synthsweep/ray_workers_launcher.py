"""`hydra/launcher=ray_workers`: Ray actors that stay alive and are refilled as each run ends, on one machine or on many."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hydra.core.config_store import ConfigStore

# The module, not the class: Hydra would take the class for a plugin of this module, too.
from hydra_plugins.synthsweep import workers_launcher

if TYPE_CHECKING:
    from synthsweep.workers.pool import WorkerPool


@dataclass
class RayWorkersConf:
    """The keys of `hydra.launcher`; `address` null starts a Ray of this process's own, 0 workers are as many as fit."""

    _target_: str = "hydra_plugins.synthsweep.ray_workers_launcher.RayWorkersLauncher"
    address: str | None = None
    n_workers: int = 0
    cpus_per_worker: int = 1
    gpus_per_worker: float = 0.0
    timeout_s: float = 0.0
    env_vars: dict[str, str] = field(default_factory=dict)
    preload: list[str] = field(default_factory=lambda: list(workers_launcher.PRELOAD))


class RayWorkersLauncher(workers_launcher.WorkersLauncher):
    """As WorkersLauncher, with workers that Ray places."""

    def open_workers(self, jobs: int) -> "WorkerPool":
        """Asks the cluster for workers, no more of them than there are jobs."""
        from synthsweep.sweep.launch.ray_cluster import open_ray_workers

        return open_ray_workers(self, jobs)


ConfigStore.instance().store(group="hydra/launcher", name="ray_workers", node=RayWorkersConf, provider="synthsweep")
