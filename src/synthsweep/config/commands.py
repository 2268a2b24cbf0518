"""Every command line that is printed or stored is made here, so that it runs as pasted; pure.

An override is written in Hydra's grammar first (`assign`), then quoted for a shell (`command_line`). Overrides that a user
gave are in Hydra's grammar already.
"""

import shlex
import unicodedata
from collections.abc import Iterable

from synthsweep.config.compose.grammar import key_of, word
from synthsweep.messages import without_password

# A single run refuses `replicates`; the sweeper alone sets what is below `sweep`.
OF_A_MULTIRUN = ("replicates", "sweep", "objective")


def assign(key: str, value: str) -> str:
    """`study='my study'`: an override that gives a key this text, whatever the text holds."""
    return f"{key}={word(value)}"


def command_line(words: str, *overrides: str) -> str:
    """`synthsweep WORDS OVERRIDES` for a shell; `words` are the verb and its flags, as `run -m`. Passwords are left out."""
    return for_shell("synthsweep", *words.split(), *overrides)


def for_shell(*words: str) -> str:
    """Words as a shell reads them, on one line."""
    return " ".join(_for_shell(without_password(one)) for one in words)


def of_section(section: str, overrides: Iterable[str]) -> list[str]:
    """The overrides of a section, its choice among them: `tracking=server` and `tracking.uri=...` of `tracking`."""
    return [text for text in overrides if key_of(text).partition(".")[0] == section]


def without_multirun(overrides: Iterable[str]) -> list[str]:
    """The overrides of a job of a multirun, with which `synthsweep run` alone does the same."""
    return [text for text in overrides if key_of(text).partition(".")[0] not in OF_A_MULTIRUN]


def _for_shell(text: str) -> str:
    if not any(unicodedata.category(letter) == "Cc" for letter in text):
        return shlex.quote(text)
    # A control character would break the line, or act on the terminal that shows it.
    return f"$'{''.join(map(_ansi_c, text))}'"


def _ansi_c(letter: str) -> str:
    if letter in "\\'":
        return f"\\{letter}"
    control = unicodedata.category(letter) == "Cc"
    return "".join(f"\\x{byte:02x}" for byte in letter.encode()) if control else letter
