"""The groups and keys of a verb with what may stand after their `=`, from its root file and its typed root."""

import re
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, get_args, get_type_hints

from synthsweep.config.acting import sections_of
from synthsweep.config.compose.choices import choice_files
from synthsweep.config.compose.folders import shipped
from synthsweep.config.keys.launchers import RayWorkersSettings, SlurmWorkersSettings, WorkersSettings
from synthsweep.config.keys.run import TrackingConfig
from synthsweep.config.keys.sweeper import SweeperSettings
from synthsweep.config.rules import Rule, Section, is_alias
from synthsweep.config.verbs import Verb
from synthsweep.storage.sqlite import open_untouched

SWEPT = ("run", "compare power")
# A line of a defaults list that names a choice: `  - llm@judge: recorded`, `  - override /mix: augment`.
CHOICE = re.compile(r"^\s+- (override )?/?([\w/@-]+):")
LAUNCHERS = ("workers", "ray_workers", "slurm_workers", "basic")


@dataclass(frozen=True)
class Known:
    """The names of a verb: its groups, the meaning of each key, and the values of the keys that have few."""

    groups: tuple[str, ...]
    keys: Mapping[str, str]
    values: Mapping[str, tuple[str, ...]]


def known_of(verb: Verb) -> Known:
    """Everything that an override of this verb may set."""
    groups, keys, values = list(_groups(verb)), dict[str, str](), dict[str, tuple[str, ...]]()
    _add(verb.root, "", keys, values)
    if verb.words in SWEPT:
        groups.append("hydra/launcher")
        for section in (SweeperSettings, WorkersSettings, RayWorkersSettings, SlurmWorkersSettings):
            _add(section, f"{section.section}.", keys, values)
    return Known(tuple(groups), keys, values)


def _groups(verb: Verb) -> list[str]:
    lines = (shipped("conf") / f"{verb.name}.yaml").read_text(encoding="utf-8").splitlines()
    found = [match for line in lines if (match := CHOICE.match(line))]
    return [match[2] for match in found if not match[1] and not match[2].startswith("optional")]


def choices_of(group: str, folders: Sequence[Path] = ()) -> list[str]:
    """The choices of a group in the shipped folder, the current one, and `folders`."""
    return list(LAUNCHERS) if group == "hydra/launcher" else sorted(choice_files(group, folders))


def kept_studies() -> list[str]:
    """The studies that runs of this folder belong to, as far as they can be read."""
    # SQLAlchemy takes longer than everything else, and other words need it not.
    from synthsweep.storage.database import OPTUNA

    file = Path(TrackingConfig.folder) / OPTUNA
    with suppress(Exception), closing(open_untouched(file)) as database:
        return sorted(name for (name,) in database.execute("SELECT study_name FROM studies"))
    return []


def _add(section: type[Section], prefix: str, keys: dict[str, str], values: dict[str, tuple[str, ...]]) -> None:
    nested, types = sections_of(section), get_type_hints(section)
    for item in fields(section):
        name = f"{prefix}{item.name}"
        if item.name in nested:
            _add(nested[item.name], f"{name}.", keys, values)
        elif not is_alias(item):
            keys[name] = str(item.metadata.get("help") or "")
            values[name] = _values(item.metadata.get("rule"), types[item.name])


def _values(rule: Rule | None, kind: Any) -> tuple[str, ...]:
    optional = ("null",) if type(None) in get_args(kind) else ()
    if rule is not None and rule.choices:
        return (*rule.choices, *optional)
    return ("true", "false", *optional) if bool in (kind, *get_args(kind)) else ()
