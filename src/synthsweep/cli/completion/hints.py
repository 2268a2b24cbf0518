"""What was probably meant by a word that is neither a verb, nor a flag, nor KEY=VALUE."""

from collections.abc import Sequence

from synthsweep.cli.completion.keys import SWEPT, choices_of, known_of
from synthsweep.config.commands import assign, command_line
from synthsweep.config.verbs import Verb
from synthsweep.errors import ConfigError

MULTIRUN = ("-m", "--multirun")


def require_overrides(verb: Verb, words: Sequence[str]) -> None:
    """Raises ConfigError for the first bare word whose meaning can be guessed: a choice, a study, a question of `sweeps/`."""
    for place, word in enumerate(words):
        follows_flag = place > 0 and words[place - 1].startswith("-") and words[place - 1] not in MULTIRUN
        if word and "=" not in word and word[0] not in "-~" and not follows_flag:
            meant = meanings(verb, word, multirun=bool(set(MULTIRUN) & set(words)))
            if meant:
                raise ConfigError(f"{verb.words} {word}: write KEY=VALUE; did you mean {' or '.join(meant)}?")


def question_of(word: str) -> list[str]:
    """The command that asks the question of this name, if `sweeps/` has it."""
    return [command_line("run -m", assign("sweeps", word))] if word in choices_of("sweeps") else []


def meanings(verb: Verb, word: str, *, multirun: bool = False) -> list[str]:
    """The commands that a bare word may stand for."""
    question = question_of(word)
    if verb.words == "sweeps" or (question and multirun):
        return question
    if verb.words == "compare":
        return [command_line("compare", assign("study", word))]
    groups = [group for group in known_of(verb).groups if group != "sweeps" and "@" not in group and word in choices_of(group)]
    return [*(question if verb.words in SWEPT else []), *(command_line(verb.words, assign(group, word)) for group in groups)]
