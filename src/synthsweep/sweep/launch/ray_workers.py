"""Workers on a Ray cluster: the resources they request, and settings that cannot work on several machines."""

from collections.abc import Mapping
from typing import Any

from omegaconf import DictConfig

from synthsweep.errors import ConfigError
from synthsweep.sweep.launch.hydra_job import ConfiguredLauncher, pickled_runner
from synthsweep.workers.ray_cluster import WorkerResources, connect, living_nodes
from synthsweep.workers.ray_pool import RayWorkerPool
from synthsweep.workers.worker_pool import thread_variables


def open_ray_workers(launcher: ConfiguredLauncher, jobs: int) -> RayWorkerPool:
    """Connects to the cluster and asks it for workers, no more than there are jobs.

    Raises:
        ConfigError: the settings ask for what the cluster, or several machines, cannot give.
    """
    settings = launcher.settings
    resources = WorkerResources(settings["cpus_per_worker"], settings["gpus_per_worker"], worker_variables(settings))
    started_here = connect(settings["address"])
    try:
        assert launcher.config is not None
        nodes = living_nodes()
        require_shared_stores(launcher.config, len({node["NodeManagerAddress"] for node in nodes}))
        count = min(worker_count(settings["n_workers"], resources.fitting(nodes), resources), max(jobs, 1))
        seconds, answer_s = settings["timeout_s"], float(launcher.config.generate.timeout_s)
        runner = pickled_runner(launcher)
        return RayWorkerPool(runner, count, resources, seconds, started_here, answer_s, settings["start_s"])
    except BaseException:
        if started_here:
            import ray

            ray.shutdown()
        raise


def worker_variables(settings: Mapping[str, Any]) -> dict[str, str]:
    """The environment variables of each worker's process; `env_vars` overrides all others."""
    threads = thread_variables(settings["cpus_per_worker"])
    # Ray hides the GPUs from a worker that asks for none, but announces that this will change.
    hidden = {} if settings["gpus_per_worker"] else {"CUDA_VISIBLE_DEVICES": ""}
    return {**threads, **hidden, **{str(name): str(value) for name, value in settings["env_vars"].items()}}


def worker_count(wanted: int, fitting: int, resources: WorkerResources) -> int:
    """As many as were asked for, even if some wait for nodes; with 0, as many as fit now."""
    if not wanted and not fitting:
        gpus = f" and {resources.gpus:g} GPUs" if resources.gpus else ""
        raise ConfigError(
            f"hydra.launcher: no node of the Ray cluster has {resources.cpus} CPUs{gpus} for a worker: "
            "lower cpus_per_worker or gpus_per_worker, or set n_workers to wait for a node that has"
        )
    return wanted or fitting


def require_shared_stores(config: DictConfig, hosts: int) -> None:
    """Raises ConfigError where workers on several hosts would each write to a SQLite file of their own."""
    if hosts < 2:
        return
    if config.tracking.kind == "local":
        raise ConfigError(
            f"tracking=local is a file of this machine, and the Ray cluster has {hosts} machines: "
            "set tracking=server tracking.uri=http://..."
        )
    sweeper = config.hydra.sweeper
    if sweeper.get("pruner") and str(sweeper.get("storage") or "sqlite").startswith("sqlite"):
        raise ConfigError(
            f"hydra.sweeper.storage is a file of this machine, and workers on {hosts} machines ask the pruner: "
            "set hydra.sweeper.storage=postgresql+psycopg://..."
        )
