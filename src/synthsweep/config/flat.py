"""A configuration as plain values: for the tracker's parameters, the run's artifact and the run key."""

from copy import deepcopy
from dataclasses import fields
from typing import Any

from synthsweep.config.keys.run import PoolConfig
from synthsweep.config.rules import Section, is_alias
from synthsweep.messages import without_password


def values_of(section: Section) -> dict[str, Any]:
    """Nested dictionaries of the keys and their values; the old names of renamed keys are left out."""
    values = {item.name: getattr(section, item.name) for item in fields(section) if not is_alias(item)}
    return {name: values_of(value) if isinstance(value, Section) else deepcopy(value) for name, value in values.items()}


def plain(config: PoolConfig) -> dict[str, Any]:
    """Nested dictionaries, without the password that a tracking address may hold."""
    values = values_of(config)
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
