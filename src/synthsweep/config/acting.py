"""Looks up which keys count for a run key, a study or `compare`, as declared with each key (rules.py); pure."""

from collections.abc import Mapping, Sequence
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

    Keys of a nested section count as that section does; a key unknown to this version counts as its section does. A key of an
    entry, as `llm.members.MINE.base_url`, counts as the key of the section that describes the entry.
    """
    first, _, rest = name.partition(".")
    section = sections_of(root).get(first)
    return _acts_in(root, [first]) if section is None else _acts_in(section, rest.split("."))


def _acts_in(holder: type[Section], path: Sequence[str]) -> Acts:
    item = next((item for item in fields(holder) if item.name == path[0]), None)
    if item is None:
        return holder.acts
    if item.metadata.get("entries") and len(path) > 2:
        return _acts_in(holder, path[2:])
    return _acts(holder, item)


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
