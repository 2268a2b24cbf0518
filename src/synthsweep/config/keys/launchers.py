"""The keys of `hydra.launcher` as frozen, range-checked types."""

from dataclasses import dataclass
from typing import ClassVar

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
