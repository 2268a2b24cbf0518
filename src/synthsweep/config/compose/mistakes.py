"""A wrong key or value in one line: key, rule, value, way out."""

import difflib
import re
from collections.abc import Mapping, Sequence
from typing import Any

from synthsweep.config.compose.other_names import ELSEWHERE
from synthsweep.errors import ConfigError

# How OmegaConf begins where a list stands in the place of a value.
GIVEN_LIST = ("Cannot convert 'ListConfig'", "Cannot convert 'list'", "Value 'ListConfig'", "Value 'list'")
# OmegaConf's name of a type, and the user's.
TYPES = {
    "converted to Integer": "a whole number",
    "converted to Float": "a number",
    "not a valid bool": "true or false",
}


def wrong_type(key: str, text: str, meaning: str = "") -> str:
    """Rewords OmegaConf's type error, with what the key means: `mix.ratio must be a number, got half: synthetic texts ...`."""
    value = re.search(r"'(.*?)'", text)
    if text.startswith(GIVEN_LIST):
        return f"{key} must be one value, got a list{meaning and f': {meaning}'}"
    if "is not Optional" in text:
        return f"{key} must not be null: give it a value, or leave it out"
    if "ListConfig" in text:
        return f"{key} must be a list, as in {key}=[A,B]"
    for words, wanted in TYPES.items():
        if words in text and value:
            return f"{key} must be {wanted}, got {value.group(1) or 'nothing'}{meaning and f': {meaning}'}"
    return f"{key}: {text}"


def not_a_section(text: str, sections: Mapping[str, str]) -> str:
    """Rewords OmegaConf's error on a value in the place of a section; empty if `text` is another error.

    `sections` has the name of each section by that of its class.
    """
    match = re.search(r"Merge error: \w+ is not a subclass of (\w+)\. value: (.*)", text)
    if match is None or match[1] not in sections:
        return ""
    return f"{sections[match[1]]} must hold lines of KEY: VALUE, got {match[2][:40]}"


def wrong_reference(key: str, text: str) -> str:
    """Rewords OmegaConf's error on a reference: `mix.ratio: ${mix.rato} names no key; write its whole name`."""
    name = re.search(r"Interpolation key '(.*?)' not found", text)
    shown = f"${{{name.group(1)}}} names no key; write the whole name of one, as in ${{mix.ratio}}" if name else text
    return f"{key or 'config'}: {shown}"


PARAMS, CONDITIONS = "hydra.sweeper.params.", "hydra.sweeper.conditions."


def varied_by_itself(key: str) -> str:
    """How a factor of a file is written in a command."""
    return f"in a command vary the key itself, as in {key}=A,B; {PARAMS[:-1]} is for files"


def no_such_key(key: str, known: Sequence[str], *, where: str = "", otherwise: str = "") -> str:
    """Suggests the nearest known key, else the keys of the same section, else `otherwise`; all are below `where`."""
    root = f"{where}." if where else ""
    if key in known and "." in key:
        # Only a YAML file can hold such a key: its levels are lines there.
        return f"{root}{key}: in a file write {' and '.join(f'{part}:' for part in key.split('.'))} below one another"
    # A newcomer leaves the section out.
    same = [name for name in known if name.rpartition(".")[2] == key]
    section = "".join(key.rpartition(".")[:2])
    near = _near(key, section, known) or same[:1]
    beside = [name.removeprefix(section) for name in known if name.startswith(section)] if root or section else []
    if f"{root}{key}".startswith(PARAMS):
        hint = varied_by_itself(f"{root}{key}".removeprefix(PARAMS))
    elif f"{root}{key}".startswith(CONDITIONS):
        hint = f"{CONDITIONS[:-1]} is for files: write it into sweeps/NAME.yaml"
    elif f"{root}{key}" in ELSEWHERE:
        hint = ELSEWHERE[f"{root}{key}"]
    elif near:
        hint = f"did you mean {root}{near[0]}?"
    elif beside:
        hint = f"{f'{root}{section}'[:-1]} has {', '.join(beside)}"
    else:
        hint = otherwise
    return f"{root}{key}: no such key; {hint}"


def _near(key: str, section: str, known: Sequence[str]) -> list[str]:
    """The nearest key; in a section that there is, one of its own, by its letters or its initials (`lr`)."""
    own = {name.removeprefix(section): name for name in known if name.startswith(section)} if section else {}
    if not own:
        return difflib.get_close_matches(key, known, n=1, cutoff=0.7)
    word = key.removeprefix(section)
    initials = [name for name in own if "".join(part[:1] for part in name.split("_")) == word]
    return [own[name] for name in (*difflib.get_close_matches(word, own, n=1, cutoff=0.6), *initials)][:1]


def require_one_place(job: Any) -> None:
    """Raises ConfigError for a key of `hydra.job` that would move each run to a folder, a store and a budget of its own."""
    if job.chdir:
        raise ConfigError("hydra.job.chdir must be false, got true: each run would have a store and a budget of its own")
