"""Looks up which keys count for a run key, a study or `compare`, as declared with each key (rules.py); pure."""

from collections.abc import Mapping
from dataclasses import Field, fields
from functools import cache
from typing import Any, get_type_hints

from synthsweep.config.rules import Acts, Section


def sections_of(root: type[Section]) -> dict[str, type[Section]]:
    """The sections of a root by their names, in order."""
    types = get_type_hints(root)
    kinds = {item.name: types[item.name] for item in fields(root)}
    return {name: kind for name, kind in kinds.items() if isinstance(kind, type) and issubclass(kind, Section)}


@cache
def acts_of(root: type[Section], name: str) -> Acts:
    """What a key such as `training.threads` acts on.

    Keys of a nested section count as that section does; a key unknown to this version counts as its section does.
    """
    first, _, rest = name.partition(".")
    section = sections_of(root).get(first)
    holder, own = (root, first) if section is None else (section, rest.partition(".")[0])
    return next((_acts(holder, item) for item in fields(holder) if item.name == own), holder.acts)


def acting_values(section: type[Section], values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a section that are part of the run key; a key without a value is null."""
    kind = values.get("kind", getattr(section, "kind", None))
    return {
        item.name: values.get(item.name)
        for item in fields(section)
        if Acts.RUN_KEY in _acts(section, item) and kind in (item.metadata.get("kinds") or (kind,))
    }


def _acts(section: type[Section], item: Field[Any]) -> Acts:
    declared: Acts | None = item.metadata.get("acts")
    return section.acts if declared is None else declared
