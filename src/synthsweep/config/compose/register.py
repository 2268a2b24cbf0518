"""Registers the typed roots with Hydra, and converts what Hydra composed to them."""

from dataclasses import FrozenInstanceError, fields, is_dataclass
from functools import cache
from typing import Any, TypeVar, cast

from hydra.core.config_store import ConfigStore
from omegaconf import DictConfig, OmegaConf, open_dict, read_write
from omegaconf.errors import OmegaConfBaseException

from synthsweep.config.compose.mistakes import no_such_key, wrong_reference
from synthsweep.config.compose.typed import writable_node
from synthsweep.config.flat import flat, values_of
from synthsweep.config.rules import Section
from synthsweep.config.verbs import ROOTS
from synthsweep.errors import ConfigError
from synthsweep.messages import first_line

Root = TypeVar("Root")


class Shared(dict[str, Any]):
    """A dictionary that copies of its holder share."""

    def __deepcopy__(self, memo: dict[int, Any]) -> "Shared":
        return self


@cache
def register_root(verb: str) -> None:
    """Registers `run_schema`, `ui_schema` ..., which the verb's file in conf/ names in its defaults list."""
    store = ConfigStore.instance()
    if not isinstance(store.repo, Shared):
        # Each composition copies the whole store, and afterwards every node that it takes from it: the second is enough.
        store.repo = Shared(store.repo)
    # Hydra copies what it takes from its store, so once per process is enough; all roots together take a third of a second.
    store.store(name=f"{verb}_schema", node=writable_node(ROOTS[verb]), provider="synthsweep")


def register_roots() -> None:
    """Registers the roots of all verbs."""
    for verb in ROOTS:
        register_root(verb)


def frozen(node: DictConfig, root: type[Root]) -> Root:
    """The composed configuration as its frozen, range-checked type.

    Raises:
        ConfigError: a value breaks a rule, or a reference cannot be resolved.
    """
    try:
        value = OmegaConf.to_object(node)
    except OmegaConfBaseException as error:
        raise ConfigError(wrong_reference(str(getattr(error, "full_key", "") or ""), first_line(error))) from error
    except FrozenInstanceError as error:
        # `+name=value` adds a key that the type does not have.
        known = [*flat(values_of(cast("Section", root())))]
        raise ConfigError(no_such_key(_added(node), known, otherwise="drop the + to set one that there is")) from error
    if not isinstance(value, root):
        raise ConfigError(f"the root configuration must start from {root.__name__}: keep the *_schema line in its defaults")
    return value


def without_hydra(node: DictConfig) -> DictConfig:
    """The application's own configuration, without the node `hydra`."""
    with read_write(node), open_dict(node):
        del node["hydra"]
    return node


def _added(node: DictConfig, prefix: str = "") -> str:
    """The first key below a node that its type does not have; empty if there is none."""
    section: Any = OmegaConf.get_type(node)
    named = {item.name for item in fields(section)}
    for name, child in ((str(name), child) for name, child in node.items_ex(resolve=False)):
        if name not in named:
            return f"{prefix}{name}"
        if isinstance(child, DictConfig) and is_dataclass(OmegaConf.get_type(child)):
            found = _added(child, f"{prefix}{name}.")
            if found:
                return found
    return ""
