"""Mistakes in YAML files of choices as one line: file, line, rule, way out; and the line of a file that sets a key."""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from synthsweep.config.compose.defaults_lists import GLOBAL, chosen_files, shown
from synthsweep.config.compose.folders import here, shipped
from synthsweep.config.compose.grammar import key_of

# What PyYAML says, and what a user can do about it; {at} is the line in which what it was reading begins.
REMEDIES = (
    (r"found duplicate key (.*)", r"\1 stands twice: keep one of the two lines"),
    (r"found character '\\t'", "a tab: YAML indents with spaces alone"),
    (r"found character '(.)' that cannot start", r"a value that begins with \1 needs quotes"),
    (r"mapping values are not allowed", "it is indented otherwise than the line above, or its value holds a colon: quote that"),
    (r"while parsing a flow", "the bracket of line {at} is not closed before"),
    (r"while scanning a quoted scalar", "the quotation mark of line {at} is not closed"),
    (r"could not find expected ':'", "line {at} is neither KEY: VALUE nor - VALUE"),
    (r"while parsing a block", "it is indented otherwise than its neighbours from line {at} on"),
)
KEY = re.compile(r"[A-Za-z_][\w.@/]*(?=[:=\s]|$)")


def explain_syntax(error: yaml.YAMLError) -> str:
    """`sweeps/mine.yaml line 4: a tab: YAML indents with spaces alone`."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is None:
        return f"a YAML file cannot be read: {' '.join(str(error).split())}"
    began = getattr(error, "context_mark", None) or mark
    said = f"{getattr(error, 'context', None) or ''} {getattr(error, 'problem', None) or ''}"
    for sign, remedy in REMEDIES:
        if match := re.search(sign, said):
            return f"{shown(Path(mark.name))} line {mark.line + 1}: {match.expand(remedy).format(at=began.line + 1)}"
    return f"{shown(Path(mark.name))} line {mark.line + 1}: {said.strip()}"


def explain_encoding(error: UnicodeDecodeError) -> str:
    """Names the first file of the current folder that is not UTF-8."""
    for file in _every_own_file():
        try:
            file.read_text(encoding="utf-8")
        except UnicodeDecodeError as found:
            line = file.read_bytes()[: found.start].count(b"\n") + 1
            return f"{shown(file)} line {line}: a letter that is not UTF-8: save the file as UTF-8"
    return f"a file is not UTF-8: {error}"


def composed_file(path: str) -> Path | None:
    """The file that Hydra calls `sweeps/mine` or `prompt/plain`."""
    group, _, name = path.rpartition("/")
    folders = [here("sweeps"), shipped("sweeps")] if group == "sweeps" else [here("conf"), shipped("conf")]
    inside = "" if group == "sweeps" else group
    files = (folder / inside / f"{name}.yaml" for folder in folders if folder)
    return next((file for file in files if file.is_file()), None)


def explain_content(file: Path, key: str) -> str:
    """Why a file as a whole fits nowhere, given the key that it would set; empty if the key itself is wrong."""
    text = file.read_text(encoding="utf-8")
    if text.startswith("\ufeff"):
        return f"{shown(file)} line 1: it begins with a byte order mark: save it as UTF-8 without one"
    if not isinstance(yaml.compose(text), yaml.MappingNode):
        return f"{shown(file)} line 1: it must hold lines of KEY: VALUE"
    if key.partition(".")[0] in {"sweeps", "experiment"} and not text.startswith(GLOBAL):
        return f"{shown(file)} line 1: the first line must be {GLOBAL}, which lets the file set any key"
    return ""


def at_line(file: Path, key: str) -> str:
    """`sweeps/mine.yaml line 4: ` where the file sets the key; without the line where it cannot be found."""
    line = line_of(file, key)
    return f"{shown(file)}{f' line {line}' if line else ''}: "


def line_of(file: Path, key: str) -> int | None:
    """The line of a file that sets a key or takes a choice of a group."""
    try:
        text = file.read_text(encoding="utf-8")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except (OSError, ValueError, yaml.YAMLError):
        return None
    whole, places = text.startswith(GLOBAL), dict[bool, int]()
    for path, line, chosen in _keys(node, ()):
        name = ".".join(path)
        # A group's file has the keys of its group; a sweep's file has whole keys, also below hydra.sweeper.params.
        if name == key or name.endswith(f".{key}") or (not whole and key.endswith(f".{name}")):
            places.setdefault(chosen, line)
    # A line that sets the key counts before one that takes a choice of it.
    return places.get(False, places.get(True))


def located(line: str, arguments: Sequence[str]) -> str:
    """The line of an error with the place of its key before it, where a file of the user's own sets that key."""
    match = KEY.match(line)
    if match is None or match.group() in {key_of(text) for text in arguments}:
        return line
    for file in chosen_files(arguments):
        if line_of(file, match.group()):
            return at_line(file, match.group()) + line
    return line


def _keys(node: Any, above: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], int, bool]]:
    """The path of each key, its line, and whether it is an entry of a defaults list, which counts as the group it names."""
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            word = str(name.value)
            # `override /mix` and `optional mix` name the group mix.
            listed = above[:1] == ("defaults",)
            path = (word.rpartition(" ")[2].lstrip("/"),) if listed else (*above, word)
            yield path, name.start_mark.line + 1, listed
            yield from _keys(value, path)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _keys(item, above)


def _every_own_file() -> Iterable[Path]:
    folders = [here("conf"), here("sweeps")]
    return sorted(file for folder in folders if folder for file in folder.rglob("*.yaml") if file.is_file())
