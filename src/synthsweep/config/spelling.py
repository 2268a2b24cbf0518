"""How the value of a key is written: a number of a key for decimal numbers one way, however it was typed; pure."""

from collections.abc import Mapping
from functools import cache
from typing import Any, get_args, get_type_hints

from synthsweep.config.keys.run import RunConfig
from synthsweep.config.rules import Section
from synthsweep.config.thresholds import is_threshold


def number_text(value: float) -> str:
    """`0.5`, `1`, `1e-05`: the shortest text that reads as this number."""
    # Minus zero is zero.
    return repr(float(value) + 0.0).removesuffix(".0")


def spelled(key: str, value: Any) -> str:
    """The value of a key as parameters, tags and reports have it: 1, 1.0 and 1.00 of `mix.ratio` are `1`."""
    number = number_of(key, value)
    return str(value) if number is None else number_text(number)


def number_of(key: str, value: Any) -> float | None:
    """The number that is the value of a key for decimal numbers, also from its text; None for any other value or key."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)) or not is_decimal(key):
        return None
    try:
        return float(value)
    except ValueError:
        return None


@cache
def is_decimal(key: str) -> bool:
    """Whether a key of a run takes decimal numbers; a key unknown to this version does not."""
    kind = kind_of(key)
    return kind is not None and (is_threshold(key.lstrip("+~")) or float in (kind, *get_args(kind)))


@cache
def kind_of(key: str) -> Any:
    """The type of a key or a section of a run; None for a key unknown to this version."""
    holder: Any = RunConfig
    *sections, name = key.lstrip("+~").split(".")
    for section in sections:
        holder = get_type_hints(holder).get(section)
        if not (isinstance(holder, type) and issubclass(holder, Section)):
            return None
    return get_type_hints(holder).get(name)


def read_params(params: Mapping[str, str]) -> dict[str, str]:
    """The parameters of a run of any version, spelled as this one spells them, without doses that do not act."""
    return with_one_dose({key: spelled(key, value) for key, value in params.items()})


def with_one_dose(values: dict[str, str]) -> dict[str, str]:
    """Spelled parameters of a run without the dose that does not act: its count counts before its ratio."""
    if values.get("mix.count", "None") == "None":
        values.pop("mix.count", None)
    else:
        values.pop("mix.ratio", None)
    return values


def default_text(value: Any) -> str:
    """A value as it stands in YAML, on one line where it is short: `null`, `true`, `0.5`, `[A1, A2]`."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, str):
        return value or '""'
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name}: {default_text(inner)}" for name, inner in value.items()) + "}"
    return "[" + ", ".join(map(default_text, value)) + "]" if isinstance(value, (list, tuple)) else str(value)
