"""`hydra/launcher=ray_workers`: Ray actors that stay alive and are refilled as each run ends, on one machine or on many."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hydra.core.config_store import ConfigStore
from omegaconf import DictConfig

# The module, not the class: Hydra would take the class for a plugin of this module, too.
from hydra_plugins.synthsweep import workers_launcher
from synthsweep.config.flat import values_of
from synthsweep.config.launchers import RayWorkersSettings
from synthsweep.config.plugin import plugin_config

if TYPE_CHECKING:
    from synthsweep.workers.pool import WorkerPool

RayWorkersConf = plugin_config(
    "RayWorkersConf",
    RayWorkersSettings,
    "hydra_plugins.synthsweep.ray_workers_launcher.RayWorkersLauncher",
    preload=workers_launcher.PRELOAD,
)


class RayWorkersLauncher(workers_launcher.WorkersLauncher):
    """As WorkersLauncher, with workers that Ray places."""

    def open_workers(self, jobs: int) -> "WorkerPool":
        """Asks the cluster for workers, no more of them than there are jobs."""
        from synthsweep.sweep.launch import pickled_runner
        from synthsweep.workers.ray_cluster import WorkerResources, connect, living_nodes
        from synthsweep.workers.ray_pool import RayWorkerPool

        self.settings = settings = values_of(RayWorkersSettings(**self.settings))
        share = WorkerResources(settings["cpus_per_worker"], settings["gpus_per_worker"], worker_variables(settings))
        leave = connect(settings["address"])
        try:
            assert self.config is not None
            nodes = living_nodes()
            require_shared(self.config, len({node["NodeManagerAddress"] for node in nodes}))
            count = workers_wanted(settings["n_workers"], share.fitting(nodes), share)
            return RayWorkerPool(pickled_runner(self), min(count, max(jobs, 1)), share, settings["timeout_s"], leave)
        except BaseException:
            if leave:
                import ray

                ray.shutdown()
            raise


def worker_variables(settings: Mapping[str, Any]) -> dict[str, str]:
    """The variables of each worker's process; `env_vars` has the last word."""
    from synthsweep.workers.pool import thread_variables

    shared = thread_variables(settings["cpus_per_worker"])
    # Ray hides the GPUs from whoever asks for none, but says that it will not for ever.
    hidden = {} if settings["gpus_per_worker"] else {"CUDA_VISIBLE_DEVICES": ""}
    return {**shared, **hidden, **{str(name): str(value) for name, value in settings["env_vars"].items()}}


def workers_wanted(wanted: int, fitting: int, share: Any) -> int:
    """As many as were asked for, who may have to wait for nodes; else as many as fit now."""
    from synthsweep.errors import ConfigError

    if not wanted and not fitting:
        gpus = f" and {share.gpus:g} GPUs" if share.gpus else ""
        raise ConfigError(
            f"hydra.launcher: no node of the Ray cluster has {share.cpus} CPUs{gpus} for a worker: "
            "lower cpus_per_worker or gpus_per_worker, or set n_workers to wait for a node that has"
        )
    return wanted or fitting


def require_shared(config: DictConfig, hosts: int) -> None:
    """Raises ConfigError where workers on several hosts would each write to a SQLite file of their own."""
    from synthsweep.errors import ConfigError

    if hosts < 2:
        return
    if config.tracking.kind == "local":
        raise ConfigError(
            f"tracking=local is a file of this machine, and the Ray cluster has {hosts} machines: "
            "set tracking=server tracking.uri=http://..."
        )
    sweeper = config.hydra.sweeper
    if sweeper.get("pruner") and str(sweeper.get("storage")).startswith("sqlite"):
        raise ConfigError(
            f"hydra.sweeper.storage is a file of this machine, and workers on {hosts} machines ask the pruner: "
            "set hydra.sweeper.storage=postgresql+psycopg://..."
        )


ConfigStore.instance().store(group="hydra/launcher", name="ray_workers", node=RayWorkersConf, provider="synthsweep")
