"""Hydra's and OmegaConf's errors as one line: key, rule, value, way out."""

import difflib
import re

from hydra.errors import HydraException, MissingConfigException, OverrideParseException
from omegaconf.errors import ConfigAttributeError, ConfigKeyError, OmegaConfBaseException

from synthsweep.config.acting import sections_of
from synthsweep.config.compose.mistakes import PARAMS, no_such_key, not_a_section, varied_by_itself, wrong_type
from synthsweep.config.compose.other_names import CHOSEN_ELSEWHERE, ELSEWHERE, in_words_of_a_command
from synthsweep.config.compose.own_files import at_line, composed_file, explain_content
from synthsweep.config.flat import flat, values_of
from synthsweep.config.keys.sweeper import SweeperSettings
from synthsweep.config.reference import describe_keys
from synthsweep.config.verbs import ROOTS, VERBS, Verb
from synthsweep.messages import first_line

# Everything that composing a configuration may raise on wrong input.
COMPOSITION_ERRORS = (HydraException, OmegaConfBaseException)
# How Hydra names the file that it could not merge.
COMPOSED = re.compile(r"[Ii]n '([^']+)'[:,]")


def explain(error: Exception, verb: str) -> str:
    """One line for an error of composition; `verb` names the root whose keys are suggested."""
    if isinstance(error, MissingConfigException):
        return _unknown_choice(error)
    if isinstance(error, OverrideParseException):
        given = error.override or "an empty argument"
        key, equals, value = given.partition("=")
        if equals and key.isascii() and not value.isascii() and "'" not in value:
            return f"{given}: a value with letters like these needs quotes: write \"{key}='{value}'\""
        return f"{given}: this is no override ({_parse_reason(error)}); write KEY=VALUE, without spaces"
    if match := COMPOSED.search(first_line(error)):
        return _in_file(error, match[1], verb)
    cause = error.__cause__ if isinstance(error.__cause__, OmegaConfBaseException) else error
    return _explain_value(cause, verb)


def _in_file(error: Exception, path: str, verb: str) -> str:
    """One line for a file that does not fit into the configuration; Hydra calls the file `path`."""
    cause, file = error.__context__, composed_file(path)
    key = str(getattr(cause, "full_key", "") or "")
    if file is None:
        # A file of --config-dir.
        return f"{path}: {_explain_value(cause, verb)}" if isinstance(cause, OmegaConfBaseException) else first_line(error)
    if whole := explain_content(file, key):
        return whole
    if isinstance(cause, OmegaConfBaseException):
        return at_line(file, key) + _explain_value(cause, verb)
    if group := re.search(r"Could not override '([^']+)'", first_line(error)):
        return at_line(file, group[1]) + no_such_key(group[1], known_keys(verb), otherwise=_see_help(verb))
    return f"{at_line(file, 'defaults')}{first_line(error).partition(', ')[2] or first_line(error)}"


def _explain_value(cause: Exception, verb: str) -> str:
    key = str(getattr(cause, "full_key", "") or "")
    if isinstance(cause, (ConfigAttributeError, ConfigKeyError)) and key:
        return unknown_key(key, verb)
    text = first_line(cause)
    if said := in_words_of_a_command(text, key):
        return said
    if text.startswith("Ambiguous value for argument"):
        override = text.partition("'")[2].rstrip("'")
        if verb != "run":
            return f"{override}: synthsweep {_verb(verb).words} takes one value of a key; for a list write KEY=[A,B]"
        return f"{override}: to vary it add -m; for a list write KEY=[A,B]"
    if text.startswith("Sweeping over Hydra's configuration"):
        return _varied_of_hydra(text.partition("'")[2].partition("'")[2].strip(" :'"))
    if text.startswith("Config group override must be a string") and "NoneType" in text:
        return (
            "null is not a choice of a group: give the group's name alone to see its choices, and for a level without any a "
            "file that changes nothing, as conf/experiment/none.yaml with the lines '# @package _global_' and '{}'"
        )
    if text.startswith("Config group override must be a string"):
        return f"{text}: write the name of a choice that is a number or true in quotes, as in \"sweeps='2024'\""
    if section := not_a_section(text, {kind.__name__: name for name, kind in sections_of(ROOTS[verb]).items()}):
        return section
    return wrong_type(key, text, _meaning(key, verb)) if key else text


def _varied_of_hydra(override: str) -> str:
    """One line for levels of one of Hydra's own keys."""
    key, _, levels = override.partition("=")
    if key.startswith(PARAMS):
        return f"{override}: {varied_by_itself(key.removeprefix(PARAMS))}"
    return f"{override}: a command has one value of each of Hydra's keys; for a list write {key}=[{levels}]"


def unknown_key(key: str, verb: str) -> str:
    """One line for a key that does not exist, with the nearest one that does."""
    if key.startswith("hydra.callbacks."):
        return f"{key}: there is no such callback; to add one write +{key}._target_=CLASS"
    if key.rpartition(".")[0] in _open_keys(verb):
        return f"{key}: there is no such entry; to add it write +{key}=VALUE"
    known = known_keys(verb)
    if key not in (*known, *ELSEWHERE) and (elsewhere := _elsewhere(key, verb)):
        return f"{key}: no such key; {elsewhere}"
    return no_such_key(key, known, otherwise=_see_help(verb))


def _elsewhere(key: str, verb: str) -> str:
    """Which other command has the key; empty if none has."""
    other = next((one.words for one in VERBS if one.name != verb and key in known_keys(one.name)), None)
    if other == "run" and verb == "work":
        return "what the runs of a study are made of, it keeps itself, and whoever joins takes it as it is"
    return f"it is a key of synthsweep {other}" if other else ""


def _see_help(verb: str) -> str:
    return f"see synthsweep {_verb(verb).words} --help"


def _meaning(key: str, verb: str) -> str:
    return next((entry.meaning for entry in describe_keys(_verb(verb)) if entry.name == key), "")


def _verb(name: str) -> Verb:
    return next(verb for verb in VERBS if verb.name == name)


def known_keys(verb: str) -> list[str]:
    """Every key of a root, every group, and the keys of `hydra.sweeper` where they act."""
    values = values_of(ROOTS[verb]())
    sweeper = [entry.name for entry in describe_keys(_verb(verb)) if entry.name.startswith(SweeperSettings.section)]
    return [*flat(values), *(name for name, value in values.items() if isinstance(value, dict)), *sweeper]


def _open_keys(verb: str) -> list[str]:
    # A dictionary is empty by default: its entries come from the data or the prompt.
    return [name for name, value in flat(values_of(ROOTS[verb]())).items() if value == {}]


def _unknown_choice(error: MissingConfigException) -> str:
    missing, options = error.missing_cfg_file or "", list(error.options or [])
    group, _, choice = missing.rpartition("/")
    if not group:
        return first_line(error)
    if not options:
        return f"{group}={choice}: there is no group {group}"
    near = difflib.get_close_matches(choice, options, n=1)
    hint = CHOSEN_ELSEWHERE.get(f"{group}={choice}") or (f"did you mean {near[0]}? " if near else "")
    return f"{group}={choice}: no such choice; {hint}there are {', '.join(sorted(options))}"


def _parse_reason(error: OverrideParseException) -> str:
    lines = [line for line in str(error).splitlines() if line and not line.startswith(("Error parsing", "See https"))]
    # The grammar's list of expected tokens does not help a user.
    return re.sub(r" expecting .*", "", lines[0]) if lines else "it cannot be parsed"
