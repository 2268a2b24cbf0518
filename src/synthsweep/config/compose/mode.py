"""Whether a command is a run or a multirun, without a composition for that question alone.

Hydra composes the configuration twice: first to look up `hydra.mode`, which nearly nobody sets. Where no argument and no
file of the user's sets it, the flags of the command line decide, as Hydra does for a configuration without a mode.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hydra._internal.hydra import Hydra

from synthsweep.config.compose.folders import own

MODE = re.compile(rb"^\s*[\"']?mode[\"']?\s*:|hydra\.mode", re.MULTILINE)


# Other folders of configurations, and values of Hydra's own section, may set it, too.
MAY_SET = ("hydra.mode", "hydra:", "--config", "-cd", "-cp", "-cn")


class FlagsDecide:
    """While it is open, Hydra takes the mode from the flags, if neither an argument nor a file in conf/ or sweeps/ sets it."""

    def __init__(self, arguments: Sequence[str]) -> None:
        places = [folder for folder in (own("conf"), own("sweeps")) if folder]
        self._set = any(words in text for text in arguments for words in MAY_SET) or any(map(_sets_mode, places))
        self._asked: Any = Hydra.get_mode

    def __enter__(self) -> None:
        if not self._set:
            Hydra.get_mode = lambda *_, **__: None  # type: ignore[method-assign]

    def __exit__(self, *_: object) -> None:
        Hydra.get_mode = self._asked  # type: ignore[method-assign]


def _sets_mode(folder: Path) -> bool:
    return any(MODE.search(file.read_bytes()) for file in folder.rglob("*.yaml") if file.is_file())
