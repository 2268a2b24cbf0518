"""The keys of `hydra.launcher` as frozen, range-checked types."""

from dataclasses import dataclass
from typing import Any, ClassVar

from synthsweep.config.rules import Acts, Section, key
from synthsweep.errors import ConfigError


@dataclass(frozen=True)
class WorkersSettings(Section):
    """Workers on this machine (hydra/launcher=workers)."""

    section: ClassVar[str] = "hydra.launcher"
    acts: ClassVar[Acts] = Acts.NEVER
    n_workers: int = key(0, low=0, help="worker processes; 0 starts as many as fit", first=True)
    threads: int = key(0, low=0, help="CPU threads per worker; 0 divides the cores among them")
    timeout_s: float = key(0.0, low=0, help="seconds that a replicate may take; 0 sets no limit")
    memory_gb: float = key(0.0, low=0, help="gigabytes that a worker may use; 0 sets no limit")
    start_s: float = key(600.0, low=1, help="seconds that a worker may take to import what runs need")
    preload: list[str] = key(default_factory=list, help="modules that a worker imports before its first run")


@dataclass(frozen=True)
class RayWorkersSettings(Section):
    """Workers on a Ray cluster (hydra/launcher=ray_workers)."""

    section: ClassVar[str] = "hydra.launcher"
    acts: ClassVar[Acts] = Acts.NEVER
    address: str | None = key(None, help="address of the Ray cluster, as HOST:6379; null starts one here")
    n_workers: int = key(0, low=0, help="workers on the cluster; 0 asks for as many as fit")
    cpus_per_worker: int = key(1, low=1, help="CPUs per worker")
    cpus_a_worker: int | None = key(None, alias_of="cpus_per_worker")
    gpus_per_worker: float = key(0.0, low=0, help="GPUs per worker; a fraction shares one")
    gpus_a_worker: float | None = key(None, alias_of="gpus_per_worker")
    timeout_s: float = key(0.0, low=0, help="seconds that a replicate may take; 0 sets no limit")
    start_s: float = key(600.0, low=1, help="seconds that a worker may take to import what runs need")
    env_vars: dict[str, str] = key(default_factory=dict, help="environment variables of the workers")
    preload: list[str] = key(default_factory=list, help="modules that a worker imports before its first run")

    def __post_init__(self) -> None:
        super().__post_init__()
        gpus = self.gpus_per_worker
        if gpus > 1 and gpus != int(gpus):
            raise ConfigError(f"hydra.launcher.gpus_per_worker must be a whole number, or a share below 1; got {gpus:g}")


@dataclass(frozen=True)
class SlurmWorkersSettings(Section):
    """Jobs of a Slurm cluster that join the study (hydra/launcher=slurm_workers)."""

    section: ClassVar[str] = "hydra.launcher"
    acts: ClassVar[Acts] = Acts.NEVER
    partition: str | None = key(None, help="partition of the jobs; null takes the cluster's default")
    n_jobs: int = key(8, low=1, help="jobs of the array, at most one per replicate that is left")
    time_min: int = key(240, low=2, help="minutes that Slurm gives each job; what is unfinished then is queued again")
    cpus_per_job: int = key(4, low=1, help="CPUs of each job")
    gpus_per_job: int = key(0, low=0, help="GPUs of each job")
    mem_gb: float = key(16.0, above=0, help="gigabytes of memory of each job")
    workers_per_job: int = key(1, low=1, help="worker processes in each job, which share its CPUs and GPUs")
    max_running: int = key(0, low=0, help="jobs of the array that may run at a time; 0 sets no limit")
    max_requeues: int = key(20, low=0, help="how often a job that reached its time limit is queued again")
    signal_s: int = key(120, low=60, help="seconds before the time limit at which a job gives back what it runs")
    setup: list[str] = key(default_factory=list, help="shell lines that each job runs first, as module load cuda")
    additional: dict[str, Any] = key(
        default_factory=dict, help="further parameters of sbatch, as +hydra.launcher.additional.account=lab"
    )
    poll_s: float = key(15.0, low=1, help="seconds between two looks at Slurm's queue")
    timeout_s: float = key(0.0, low=0, help="seconds that a replicate may take; 0 sets no limit")
    start_s: float = key(600.0, low=1, help="seconds that a worker may take to import what runs need")
