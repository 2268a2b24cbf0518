"""Builds the structured configuration of a Hydra plugin from its settings; imports nothing from Hydra."""

from dataclasses import MISSING, field, fields, make_dataclass
from typing import Any

from synthsweep.config.rules import Section


def plugin_config(name: str, settings: type[Section], target: str, **defaults: Any) -> type[Any]:
    """A dataclass with the keys of `settings`, and with `_target_`, by which Hydra finds the plugin.

    `target` is the dotted path of the plugin's class. `defaults` override those of the settings; names that the settings lack,
    such as `_convert_`, are Hydra's own keys.
    """
    known = {item.name: item for item in fields(settings)}
    own = {"_target_": target, **{key: value for key, value in defaults.items() if key not in known}}
    made = make_dataclass(
        name,
        [
            *((key, type(value), field(default=value)) for key, value in own.items()),
            *(
                (key, item.type, _default(defaults[key]) if key in defaults else _same_default(item))
                for key, item in known.items()
            ),
        ],
    )
    # Hydra pickles the type by its name.
    made.__module__ = target.rpartition(".")[0]
    return made


def _same_default(item: Any) -> Any:
    return field(default_factory=item.default_factory) if item.default is MISSING else field(default=item.default)


def _default(value: Any) -> Any:
    return field(default_factory=lambda: list(value)) if isinstance(value, list) else field(default=value)
