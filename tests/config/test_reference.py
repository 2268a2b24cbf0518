"""What is said of each key: a meaning for all, once, and true of the verb that shows it."""

import re
from collections import defaultdict
from dataclasses import fields, replace
from typing import Any

import pytest

from synthsweep.config.acting import below
from synthsweep.config.keys.llm import LlmConfig
from synthsweep.config.reference import KeyEntry, describe_keys, describe_sections, type_in_words
from synthsweep.config.rules import Section, key
from synthsweep.config.thresholds import TAKES
from synthsweep.config.verbs import VERBS, Verb

LONGEST = 100
WHOLE = [replace(verb, idle=()) for verb in VERBS]
BY_WORDS = {verb.words: verb for verb in VERBS}


def entry(words: str, name: str) -> KeyEntry:
    return next(one for one in describe_keys(BY_WORDS[words]) if one.name == name)


@pytest.mark.parametrize("verb", WHOLE, ids=lambda verb: verb.name)
def test_every_key_has_a_meaning_of_one_line(verb: Verb) -> None:
    """A clause without a full stop, so that it can follow a message or stand in a table; a section says what it is, too."""
    keys, sections = describe_keys(verb), describe_sections(verb)

    assert [one.name for one in keys if not one.meaning] == []
    assert [one.name for one in keys if len(one.meaning) > LONGEST or one.meaning.endswith(".")] == []
    assert [one.name for one in keys if ". " in one.meaning or "|" in one.meaning or "`" in one.meaning] == []
    assert [one.name for one in sections if not one.meaning] == []


def test_no_two_keys_share_a_meaning() -> None:
    """Two that did would leave a reader to guess which to take; the judge and the classifier are LLMs, with the keys of one."""
    named: dict[str, set[str]] = defaultdict(set)
    for verb in WHOLE:
        for one in describe_keys(verb):
            named[one.meaning].add(re.sub(r"^(judge|classifier)\.", "llm.", one.name))

    assert {meaning: names for meaning, names in named.items() if len(names) > 1} == {}


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_a_verb_shows_no_key_that_does_nothing_there(verb: Verb) -> None:
    """What it leaves out exists, so that a renamed key does not come back unseen."""
    names = [one.name for one in describe_keys(replace(verb, idle=()))]

    assert [idle for idle in verb.idle if not any(below(name, [idle]) for name in names)] == []
    assert {one.name for one in describe_keys(verb)} == {name for name in names if not below(name, verb.idle)}


@pytest.mark.parametrize(
    ("words", "name", "takes", "acts"),
    [
        ("run", "training.learning_rate", "number in (0, 1]", "numbers"),
        ("run", "training.device", "auto, cpu, cuda, mps", "numbers"),
        ("run", "training.threads", "whole number in [0, 1024]", "nothing"),
        ("run", "training.dropout", "number in [0, 1) or null", "numbers"),
        ("run", "seed", "whole number in [0, 4294967295]", "numbers"),
        ("run", "data.files.train", "text or null", "study"),
        ("run", "llm.simulator.length", "whole number, at least 0", "numbers"),
        ("run", "llm.members", "mapping", "study"),
        ("run", "generate.n", "whole number or null, at least 1", "numbers"),
        ("run", "generate.max_usd", "number or null, at least 0", "nothing"),
        ("run", "hydra.sweeper.design", "factorial, search", "study"),
        ("run", "hydra.sweeper.n_trials", "whole number, at least 1", "nothing"),
        ("run", "hydra.launcher.env_vars", "mapping", "nothing"),
        ("run", "evaluation.threshold", TAKES, "numbers"),
        ("compare", "compare.metric", "precision, recall, f1, average_precision, brier, accuracy or null", ""),
        ("compare", "study", "a word, a list of words, or null", "nothing"),
    ],
)
def test_a_key_says_what_it_takes_and_what_it_acts_on(words: str, name: str, takes: str, acts: str) -> None:
    assert (entry(words, name).values, entry(words, name).acts) == (takes, acts)


def test_old_names_are_shown_nowhere() -> None:
    """They are taken for the sake of old files alone."""
    names = {one.name for verb in WHOLE for one in describe_keys(verb)}

    assert names & {"inspect.strangest", "compare.yardstick", "hydra.launcher.cpus_a_worker"} == set()


def test_a_field_makes_the_same_section_with_and_without_its_meaning() -> None:
    """A default that is a list is made anew for each section."""

    class Bare(Section):
        names: list[str] = key(default_factory=list, help="names of the loaves")

    made = next(item for item in fields(LlmConfig) if item.name == "members")

    assert made.metadata["entries"]
    assert LlmConfig().members is not LlmConfig().members
    assert Bare.__dict__["names"].default_factory is list


@pytest.mark.parametrize(
    ("hint", "words"),
    [
        (int, "whole number"), (float | None, "number or null"), (bool, "true or false"), (dict[str, Any], "mapping"),
        (str | int | float, "text or whole number or number"), (list[str] | None, "list or null"), (Any, "any"),
    ],
)  # fmt: skip
def test_a_type_is_said_in_words(hint: Any, words: str) -> None:
    assert type_in_words(hint) == words
