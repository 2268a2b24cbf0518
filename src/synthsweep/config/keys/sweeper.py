"""The keys of `hydra.sweeper` as a frozen, range-checked type."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from synthsweep.config.rules import MAX_SEED, Section, key
from synthsweep.errors import ConfigError


@dataclass(frozen=True)
class SweeperSettings(Section):
    """What a study is, and how it is run; `storage` null is optuna.db in tracking.folder."""

    section: ClassVar[str] = "hydra.sweeper"
    design: str = key("factorial", choices=("factorial", "search"))
    fraction: float = key(1.0, above=0, high=1)
    objective: Any = "dev/average_precision/macro"
    direction: Any = "maximize"
    aggregate: str = "mean"
    constraints: list[str] = field(default_factory=list)
    n_trials: int = key(20, low=1)
    sampler: Any = None
    pruner: Any = None
    seed: int = key(1, low=0, high=MAX_SEED)
    storage: str | None = None
    params: dict[str, Any] = field(default_factory=dict)
    conditions: dict[str, Any] = field(default_factory=dict)
    enqueue: list[Any] = field(default_factory=list)
    warm_start: str | None = None
    max_retries: int = key(2, low=0, high=100)
    lease_s: float = key(120.0, low=1)
    batch_size: int = key(0, low=0)

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
            if not isinstance(trial, dict):
                raise ConfigError(f"hydra.sweeper.enqueue[{number}] must be {{KEY: VALUE}}, got {trial}")
