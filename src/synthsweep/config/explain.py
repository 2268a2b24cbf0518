"""Hydra's and OmegaConf's errors as one line: key, rule, value, way out."""

import difflib
import re
from dataclasses import asdict, fields

from hydra.errors import HydraException, MissingConfigException, OverrideParseException
from omegaconf.errors import ConfigAttributeError, ConfigKeyError, OmegaConfBaseException

from synthsweep.config.flat import flat
from synthsweep.config.roots import ROOTS
from synthsweep.config.sweeper import SweeperSettings
from synthsweep.messages import first_line

# Everything that composing a configuration may raise on wrong input.
COMPOSITION_ERRORS = (HydraException, OmegaConfBaseException)
# OmegaConf's words, and what a user calls it.
TYPES = {
    "converted to Integer": "a whole number",
    "converted to Float": "a number",
    "not a valid bool": "true or false",
}


def explain(error: Exception, verb: str) -> str:
    """One line for an error of composition; `verb` names the root whose keys are suggested."""
    if isinstance(error, MissingConfigException):
        return _unknown_choice(error)
    if isinstance(error, OverrideParseException):
        given = error.override or "an empty argument"
        return f"{given}: this is no override ({_parse_reason(error)}); write KEY=VALUE, without spaces"
    cause = error.__cause__ if isinstance(error.__cause__, OmegaConfBaseException) else error
    key = str(getattr(cause, "full_key", "") or "")
    if isinstance(cause, (ConfigAttributeError, ConfigKeyError)) and key:
        return unknown_key(key, verb)
    text = first_line(cause)
    if text.startswith("Ambiguous value for argument"):
        override = text.partition("'")[2].rstrip("'")
        return f"{override}: to vary it add -m; for a list write KEY=[A,B]"
    return _wrong_type(key, text) if key else text


def _wrong_type(key: str, text: str) -> str:
    """`mix.ratio must be a number, got half` for OmegaConf's words on types."""
    value = re.search(r"'(.*?)'", text)
    if "ListConfig" in text:
        return f"{key} must be a list, as in {key}=[A,B]"
    for words, wanted in TYPES.items():
        if words in text and value:
            return f"{key} must be {wanted}, got {value.group(1)}"
    return f"{key}: {text}"


def unknown_key(key: str, verb: str) -> str:
    """One line for a key that no type has, with the nearest one that there is."""
    keys = known_keys(verb)
    if key.rpartition(".")[0] in _open_keys(verb):
        return f"{key}: there is no such entry; to add it write +{key}=VALUE"
    near = difflib.get_close_matches(key, keys, n=1, cutoff=0.7)
    if near:
        return f"{key}: no such key; did you mean {near[0]}?"
    section = key.rpartition(".")[0]
    beside = [name for name in keys if section and name.startswith(f"{section}.")]
    if beside:
        return f"{key}: no such key; {section} has {', '.join(name.removeprefix(f'{section}.') for name in beside)}"
    return f"{key}: no such key; see synthsweep {verb} --help"


def known_keys(verb: str) -> list[str]:
    """Every key of a root, every group, and what can be set of a sweep."""
    values = asdict(ROOTS[verb]())
    sweeper = [f"{SweeperSettings.section}.{item.name}" for item in fields(SweeperSettings)] if verb == "run" else []
    return [*flat(values), *(name for name, value in values.items() if isinstance(value, dict)), *sweeper]


def _open_keys(verb: str) -> list[str]:
    # The types name no entries of a dictionary, which is empty there: the data or the prompt do.
    return [name for name, value in flat(asdict(ROOTS[verb]())).items() if value == {}]


def _unknown_choice(error: MissingConfigException) -> str:
    missing, options = error.missing_cfg_file or "", list(error.options or [])
    group, _, choice = missing.rpartition("/")
    if not group:
        return first_line(error)
    if not options:
        return f"{group}={choice}: there is no group {group}"
    near = difflib.get_close_matches(choice, options, n=1)
    hint = f"did you mean {near[0]}? " if near else ""
    return f"{group}={choice}: no such choice; {hint}there are {', '.join(sorted(options))}"


def _parse_reason(error: OverrideParseException) -> str:
    lines = [line for line in str(error).splitlines() if line and not line.startswith(("Error parsing", "See https"))]
    # The grammar's own list of tokens says nothing to a user.
    return re.sub(r" expecting .*", "", lines[0]) if lines else "it cannot be parsed"
