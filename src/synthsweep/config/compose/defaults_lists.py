"""The defaults lists of a user's own files: which files they choose, and mistakes that Hydra would take in silence."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from synthsweep.config.compose.folders import here
from synthsweep.config.compose.grammar import key_of
from synthsweep.errors import ConfigError

# `override /mix`, `optional local`, `/llm@judge`: words that Hydra knows, and the group.
GROUP = re.compile(r"(?:(?:override|optional)\s+)*/?([\w/.-]+)(?:@\S+)?")
GLOBAL = "# @package _global_"
FORMS = "- GROUP: CHOICE, - override /GROUP: CHOICE or - _self_"


def chosen_files(arguments: Sequence[str]) -> list[Path]:
    """The files of the current folder that a command line chooses, those that these choose, and those that always act."""
    always = [folder / "local" / "default.yaml" for folder in [here("conf")] if folder]
    named = [
        _choice(key_of(text).partition("@")[0], value) for text in arguments for value in text.partition("=")[2].split(",")
    ]
    found: list[Path] = []
    waiting = [*always, *filter(None, named)]
    while waiting:
        file = waiting.pop(0)
        if file.is_file() and file not in found:
            found.append(file)
            waiting += filter(None, (_choice(group, choice) for group, choice in _choices(file)))
    return found


def require_defaults(arguments: Sequence[str]) -> None:
    """Checks the defaults lists of all chosen files.

    Raises:
        ConfigError: an entry is none that Hydra knows, or names several choices, of which Hydra would take the last.
    """
    for file in chosen_files(arguments):
        if wrong := _lacks_package(file):
            raise ConfigError(f"{shown(file)} line 1: {wrong}")
        for item in _entries(file):
            if wrong := _wrong(item) or _relative(file, item):
                raise ConfigError(f"{shown(file)} line {item.start_mark.line + 1}: {wrong}")


def _lacks_package(file: Path) -> str:
    """Files of sweeps/ and conf/experiment/ set keys of any section, which only this first line lets them do."""
    folders = {folder for folder in (here("sweeps"), (here("conf") or Path()) / "experiment") if folder}
    text = file.read_text(encoding="utf-8", errors="replace")
    # Other mistakes have messages of their own.
    keys = any(re.match(r"[\w\"']+\s*:", line) for line in text.splitlines())
    if not folders & set(file.parents) or not keys or GLOBAL in text:
        return ""
    return f"the first line must be {GLOBAL}, which lets the file set any key"


def shown(file: Path) -> Path:
    """A file as a message names it: from the current folder, where it lies there."""
    return file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file


def _wrong(item: Any) -> str:
    if isinstance(item, yaml.ScalarNode):
        words = str(item.value).split()
        return f"an entry of a defaults list must be {FORMS}; got {item.value!r}" if len(words) != 1 else ""
    if not isinstance(item, yaml.MappingNode) or len(item.value) != 1:
        return f"an entry of a defaults list must be one of {FORMS}"
    name, value = item.value[0]
    match = GROUP.fullmatch(str(name.value))
    if match is None:
        return f"an entry of a defaults list must be {FORMS}; got {name.value!r}"
    if isinstance(value, yaml.SequenceNode):
        listed = ",".join(str(one.value) for one in value.value)
        return f"{match[1]}: one choice, not a list; to vary it write {match[1]}: {listed} below hydra.sweeper.params"
    return "" if isinstance(value, yaml.ScalarNode) else f"{match[1]}: the name of a choice, without keys below it"


def _relative(file: Path, item: Any) -> str:
    """A group without a slash is looked for beside the file, and beside a sweep there is none."""
    name = str(item.value[0][0].value) if isinstance(item, yaml.MappingNode) else ""
    if file.parent != here("sweeps") or not name or "/" in name:
        return ""
    return f"{name}: a file of sweeps/ takes a choice of conf/ by - override /{name.split()[-1]}: CHOICE"


def _choices(file: Path) -> Iterator[tuple[str, str]]:
    """Group and choice of each entry of a file's defaults list."""
    for item in _entries(file):
        for name, value in item.value if isinstance(item, yaml.MappingNode) else ():
            match = GROUP.fullmatch(str(name.value))
            if match and isinstance(value, yaml.ScalarNode):
                yield match[1], str(value.value)


def _entries(file: Path) -> list[Any]:
    """The nodes of a file's defaults list; none where it has no list, or cannot be read: Hydra says what is wrong then."""
    try:
        node = yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (OSError, ValueError, yaml.YAMLError):
        return []
    values = [value for name, value in node.value if name.value == "defaults"] if isinstance(node, yaml.MappingNode) else []
    return values[0].value if values and isinstance(values[0], yaml.SequenceNode) else []


def _choice(group: str, choice: str) -> Path | None:
    folder = here("sweeps") if group == "sweeps" else here("conf")
    inside = "" if group == "sweeps" else group
    return folder / inside / f"{choice.strip()}.yaml" if folder and group else None
