"""The files of `conf/local`: what in them belongs to a study, and is kept with it, and what belongs to a machine."""

from collections.abc import Callable, Mapping
from typing import Any

import yaml

from synthsweep.config.acting import acts_of
from synthsweep.config.keys.run import RunConfig
from synthsweep.config.rules import Acts

LOCAL = "local"
# Sections and groups that are a machine's own, whatever their keys act on.
OF_MACHINES = frozenset({"tracking", "hydra", "sweep", LOCAL})
HEAD = "# @package _global_\n"
DEFAULTS = "defaults"


def part_of_study(text: str) -> str:
    """The keys of a file on which the study depends; empty if there are none."""
    return _written(_part(_values(text), lambda key: not _is_of_machine(key)))


def joined(of_study: str, here: str) -> str:
    """The file with which a machine works on a study: the study's keys as they were there, and those of this machine."""
    kept, own = _values(of_study), _part(_values(here), _is_of_machine)
    lists = [*kept.pop(DEFAULTS, []), *own.pop(DEFAULTS, [])]
    return _written({**({DEFAULTS: lists} if lists else {}), **_merged(kept, own)})


def _values(text: str) -> dict[str, Any]:
    found = yaml.safe_load(text)
    return found if isinstance(found, dict) else {}


def _written(values: Mapping[str, Any]) -> str:
    return f"{HEAD}{yaml.safe_dump(dict(values), sort_keys=False, allow_unicode=True)}" if values else ""


def _part(values: Mapping[str, Any], wanted: Callable[[str], bool], above: str = "") -> dict[str, Any]:
    """The keys that are wanted, and of the list of defaults the entries."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        if above + name == DEFAULTS and isinstance(value, list):
            part: Any = [entry for entry in value if wanted(f"{_group_of(entry)}.")]
        elif isinstance(value, dict) and value:
            part = _part(value, wanted, f"{above}{name}.")
        else:
            part = value if wanted(f"{above}{name}") else {}
        if part not in ({}, []) or (part == value and wanted(f"{above}{name}")):
            found[name] = part
    return found


def _group_of(entry: Any) -> str:
    """`tracking` of `override /tracking: lab`."""
    name = next(iter(entry), "") if isinstance(entry, dict) else str(entry)
    return str(name).split(" ")[-1].lstrip("/").partition("/")[0].partition("@")[0]


def _is_of_machine(key: str) -> bool:
    """Whether a key is of a machine: no number of any run follows from it. A choice of files is the study's."""
    section, _, name = key.partition(".")
    if section in OF_MACHINES:
        return True
    return bool(name) and acts_of(RunConfig, key) == Acts.NEVER


def _merged(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    both = {name for name in first if isinstance(first[name], dict) and isinstance(second.get(name), dict)}
    return {**first, **second, **{name: _merged(first[name], second[name]) for name in first if name in both}}
