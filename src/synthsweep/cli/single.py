"""Refuses -m for the verbs that make one thing."""

from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode

from synthsweep.errors import ConfigError, Refusal

ONE_CHOICE = "leave -m out, and give one choice per key"


def require_single(why: str) -> None:
    """Raises Refusal under -m: Hydra lets it through, while before any other error it would print a line of its own."""
    if HydraConfig.get().mode == RunMode.MULTIRUN:
        raise Refusal(ConfigError(f"-m: {why}"))
