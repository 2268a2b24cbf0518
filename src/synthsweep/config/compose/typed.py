"""Converts plain values to a section: OmegaConf checks the types, the section checks its rules."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import ConfigAttributeError, ConfigKeyError, OmegaConfBaseException

from synthsweep.config.acting import sections_of
from synthsweep.config.compose.mistakes import no_such_key, wrong_type
from synthsweep.config.flat import flat, values_of
from synthsweep.config.rules import Section
from synthsweep.errors import ConfigError
from synthsweep.messages import first_line

Part = TypeVar("Part", bound=Section)


def typed(kind: type[Part], values: Any, where: str) -> Part:
    """A section of type `kind` from a mapping with any of its keys; `where` is its name in messages.

    Raises:
        ConfigError: a key does not exist, or a value has the wrong type or breaks a rule.
    """
    _require_mapping(values, where)
    for name in sections_of(kind):
        if name in values:
            _require_mapping(values[name], f"{where}.{name}")
    try:
        section: Any = OmegaConf.to_object(OmegaConf.merge(writable_node(kind), dict(values)))
    except OmegaConfBaseException as error:
        raise ConfigError(_explained(error, kind, where)) from error
    except ConfigError as error:
        raise ConfigError(f"{where}: {error}") from error
    assert isinstance(section, kind)
    return section


def from_plugin(kind: type[Part], given: Mapping[str, Any]) -> Part:
    """The section of a Hydra plugin from what Hydra composed for it.

    Raises:
        ConfigError: `++` added a key that it does not have, or a value breaks a rule.
    """
    known = [item.name for item in fields(kind)]
    added = next((name for name in given if name not in known), None)
    if added is not None:
        raise ConfigError(no_such_key(added, known, where=kind.section))
    return kind(**given)


def sweeper_keys(node: DictConfig) -> dict[str, Any]:
    """The keys of `hydra.sweeper` as plain values, without those that tell Hydra how to make it."""
    given: Any = OmegaConf.to_container(node, resolve=True)
    return {str(name): value for name, value in given.items() if not str(name).startswith("_")}


def _require_mapping(values: Any, where: str) -> None:
    if not isinstance(values, Mapping):
        raise ConfigError(f"{where} must be a section with keys of its own, got {values}")


def writable_node(kind: type[Section]) -> DictConfig:
    """A typed node that accepts merges; OmegaConf itself makes a read-only node of a frozen dataclass."""
    node: DictConfig = OmegaConf.structured(kind)
    _unlock(node)
    return node


def _unlock(node: Any) -> None:
    if not isinstance(node, DictConfig):
        return
    OmegaConf.set_readonly(node, None)
    if not node._is_none():
        for name in node:
            _unlock(node._get_node(name))


def _explained(error: OmegaConfBaseException, kind: type[Section], where: str) -> str:
    key = str(error.full_key or "")
    if isinstance(error, (ConfigAttributeError, ConfigKeyError)):
        return no_such_key(key, list(flat(values_of(kind()))), where=where)
    return wrong_type(f"{where}.{key}".rstrip("."), first_line(error))
