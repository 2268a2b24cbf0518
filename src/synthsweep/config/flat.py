"""A configuration as plain values: for a tracker's parameters, for the run's artifact, for its key."""

from dataclasses import asdict
from typing import Any

from synthsweep.config.schema import PoolConfig
from synthsweep.messages import without_password


def plain(config: PoolConfig) -> dict[str, Any]:
    """Nested dictionaries, without the password that a tracking address may hold."""
    values = asdict(config)
    values["tracking"]["uri"] = config.tracking.uri and without_password(config.tracking.uri)
    return values


def flat(values: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """`{"mix.ratio": 0.5, ...}`; lists and empty dictionaries stay whole."""
    leaves: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, dict) and value:
            leaves |= flat(value, f"{prefix}{name}.")
        else:
            leaves[f"{prefix}{name}"] = value
    return leaves
