"""The keys of `hydra.sweeper` as a frozen, range-checked type."""

from dataclasses import dataclass
from typing import Any, ClassVar

from synthsweep.config.rules import MAX_SEED, Acts, Section, key
from synthsweep.errors import ConfigError

UNTIL = "hydra.sweeper.until"
# Limits that each process which works on a study has for itself.
OF_A_PROCESS = tuple(f"hydra.sweeper.{name}" for name in ("max_retries", "max_hours", "max_failures"))


@dataclass(frozen=True)
class SweeperSettings(Section):
    """What a study is, and how it is run."""

    section: ClassVar[str] = "hydra.sweeper"
    acts: ClassVar[Acts] = Acts.DEFINITION
    design: str = key(
        "factorial",
        choices=("factorial", "search"),
        help="factorial for effects, or search by Optuna",
        first=True,
    )
    fraction: float = key(1.0, above=0, high=1, help="share of a factorial's combinations, a balanced part of them")
    objective: Any = key(
        "dev/average_precision/macro",
        help="metric of dev to optimise, or a list of them for a Pareto front",
        takes="a word or a list of words",
    )
    direction: Any = key(
        "maximize", help="whether the objective is to be large or small", takes="maximize, minimize, or a list of these"
    )
    aggregate: str = key("mean", help="value of a trial over its seeds: mean, or lower_bound (one-sided 95 %)")
    constraints: list[str] = key(default_factory=list, help="conditions that a trial must meet, as dev/precision/macro >= 0.8")
    until: str | None = key(
        None,
        help="with replicates=auto: half_width<=POINTS or detect=POINTS, at which seeds are enough",
    )
    min_seeds: int = key(3, low=2, high=1000, help="with replicates=auto: seeds at the first look")
    max_seeds: int = key(20, low=2, high=1000, help="with replicates=auto: seeds at most")
    n_trials: int = key(20, low=1, acts=Acts.NEVER, help="trials of a search")
    sampler: Any = key(
        None, acts=Acts.NEVER, help="Optuna's sampler by _target_; null takes Optuna's default", takes="mapping or null"
    )
    pruner: Any = key(None, help="Optuna's pruner by _target_; null prunes nothing", takes="mapping or null")
    seed: int = key(1, low=0, high=MAX_SEED, help="seed of the sampler, and of the order of a factorial")
    storage: str | None = key(None, acts=Acts.NEVER, help="address of Optuna's database; null is optuna.db in tracking.folder")
    params: dict[str, Any] = key(default_factory=dict, help="factors and their values, as mix.ratio: 0,0.5,1")
    conditions: dict[str, Any] = key(
        default_factory=dict, help="factors that act only under a value of another, as {llm.simulator.length: {llm: simulator}}"
    )
    enqueue: list[Any] = key(default_factory=list, acts=Acts.NEVER, help="configurations that a search tries first")
    warm_start: str | None = key(
        None,
        acts=Acts.NEVER,
        help="another study of the same storage whose trials the sampler learns from; auto takes the nearest",
    )
    max_retries: int = key(2, low=0, high=100, acts=Acts.NEVER, help="further tries of a replicate whose worker died")
    max_hours: float = key(0.0, low=0, acts=Acts.NEVER, help="hours after which this command begins no run; 0 is no limit")
    max_failures: int = key(0, low=0, acts=Acts.NEVER, help="failed runs after which it begins no other; 0 is no limit")
    lease_s: float = key(
        120.0, low=1, acts=Acts.NEVER, help="seconds without a sign of life after which another process takes over a replicate"
    )
    batch_size: int = key(
        0, low=0, acts=Acts.NEVER, help="runs that Hydra's own launchers get at once; 0 lets the launcher say"
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("sampler", "pruner"):
            value = getattr(self, name)
            if value is not None and not isinstance(value, dict):
                raise ConfigError(f"hydra.sweeper.{name} must be {{_target_: optuna.{name}s.NAME}}, got {value}")
        for name in ("objective", "direction"):
            value = getattr(self, name)
            words = value if isinstance(value, list) else [value]
            if not words or not all(isinstance(word, str) for word in words):
                raise ConfigError(f"hydra.sweeper.{name} must be a word or a list of words, got {value}")
        for number, trial in enumerate(self.enqueue):
            if not isinstance(trial, dict) or not trial:
                raise ConfigError(f"hydra.sweeper.enqueue[{number}] must be {{KEY: VALUE}}, got {trial}")
