"""The keys of `hydra.launcher` as frozen, range-checked types."""

from dataclasses import dataclass, field
from typing import ClassVar

from synthsweep.config.rules import Section, key
from synthsweep.errors import ConfigError


@dataclass(frozen=True)
class WorkersSettings(Section):
    """Workers on this machine; `n_workers` 0 starts as many as fit, `threads` 0 divides the cores among them.

    `preload` lists the modules that a worker imports before its first run.
    """

    section: ClassVar[str] = "hydra.launcher"
    n_workers: int = key(0, low=0)
    threads: int = key(0, low=0)
    timeout_s: float = key(0.0, low=0)
    memory_gb: float = key(0.0, low=0)
    preload: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class RayWorkersSettings(Section):
    """Workers on a Ray cluster; `address` null starts one for this process, `n_workers` 0 asks for as many as fit."""

    section: ClassVar[str] = "hydra.launcher"
    address: str | None = None
    n_workers: int = key(0, low=0)
    cpus_per_worker: int = key(1, low=1)
    cpus_a_worker: int | None = key(None, alias_of="cpus_per_worker")
    gpus_per_worker: float = key(0.0, low=0)
    gpus_a_worker: float | None = key(None, alias_of="gpus_per_worker")
    timeout_s: float = key(0.0, low=0)
    env_vars: dict[str, str] = field(default_factory=dict)
    preload: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__post_init__()
        gpus = self.gpus_per_worker
        if gpus > 1 and gpus != int(gpus):
            raise ConfigError(f"hydra.launcher.gpus_per_worker must be a whole number, or a share below 1; got {gpus:g}")
