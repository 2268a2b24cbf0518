"""Several test sets, as `data.files.test` names them; pure."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from synthsweep.errors import ConfigError

KEY = "data.files.test"
PRIMARY = "test"
# The name is part of a metric's name.
_NAME = re.compile(r"\w[\w\-.]*")


def named_test_sets(value: Any) -> dict[str, str]:
    """The file of each test set by the name of its part: `test`, which is the first, and `test_NAME` for every other.

    Raises:
        ConfigError: a name or a file occurs twice, or cannot be used.
    """
    named = _named(value)
    if not named:
        raise ConfigError(f"{KEY} must name at least one file, got {value}")
    for name, file in named:
        if not isinstance(file, (str, int, float)) or isinstance(file, bool) or not str(file).strip():
            raise ConfigError(f"{KEY} must be a file, a list of files or a mapping of names to files, got {file} in it")
        if len(named) > 1 and not _NAME.fullmatch(name):
            raise ConfigError(f"{KEY}: {name!r} cannot be part of a metric's name: name the file, {KEY}={{NAME: {file}}}")
    names, files = [name for name, _ in named], [str(file) for _, file in named]
    if twice := _repeated(names):
        raise ConfigError(f"{KEY}: two test sets are called {twice}: name each, {KEY}={{NAME: FILE, OTHER: FILE}}")
    if twice := _repeated(files):
        raise ConfigError(f"{KEY}: {twice} is named twice")
    return {
        PRIMARY if not place else f"{PRIMARY}_{name}": file for place, (name, file) in enumerate(zip(names, files, strict=True))
    }


def is_test(part: str) -> bool:
    """Whether a part of the split is a test set."""
    return part == PRIMARY or part.startswith(f"{PRIMARY}_")


def _named(value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, Mapping):
        return [(str(name), file) for name, file in value.items()]
    files = value if isinstance(value, (list, tuple)) else [value]
    return [(Path(str(file)).stem, file) for file in files]


def _repeated(words: Iterable[str]) -> str:
    seen: set[str] = set()
    for word in words:
        if word.casefold() in seen:
            return word
        seen.add(word.casefold())
    return ""
