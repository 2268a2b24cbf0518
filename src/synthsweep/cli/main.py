"""`synthsweep VERB [Hydra overrides]`; imports nothing heavy until a verb needs it."""

import difflib
import importlib
import os
import shutil
import signal
import sys
import textwrap
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synthsweep import __version__
from synthsweep.cli import guide
from synthsweep.cli.completion.hints import meanings, question_of, require_overrides
from synthsweep.cli.help import asks_for_help
from synthsweep.config.commands import assign
from synthsweep.config.thresholds import in_grammar
from synthsweep.config.variables import pasted_words
from synthsweep.config.verbs import VERBS, Verb
from synthsweep.display.encoding import accept_any_text
from synthsweep.display.overview import overview
from synthsweep.errors import ConfigError, InputError, Interrupted, Refusal, SynthsweepError
from synthsweep.messages import first_line
from synthsweep.stopping import SIGNALS, handle
from synthsweep.workers.collector import look_seldom
from synthsweep.workers.waiting import wait_asleep

# They end a command as Ctrl-C does, which Python handles itself.
STOPPING = tuple(number for number in SIGNALS if number != signal.SIGINT)

MODES = frozenset({"-m", "--multirun", "-r", "--run"})

if TYPE_CHECKING:
    from omegaconf import DictConfig

# The verbs that the help lists.
LISTED = {verb.words: verb.summary for verb in VERBS if verb.summary} | {guide.WORDS: guide.SUMMARY}


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit status."""
    look_seldom()
    wait_asleep()
    given = [in_grammar(word) for word in (sys.argv[1:] if arguments is None else arguments)]
    accept_any_text()
    if wrong := _undecoded(given) or pasted_words(given):
        return _complain(wrong, 2)
    if not given or given[0] in {"--help", "-h", "help"}:
        print(overview(LISTED), end="")
        return 0
    if given[0] == "--version":
        print(f"synthsweep {__version__}")
        return 0
    try:
        if _without_hydra(given):
            return 0
        verb, rest = find_verb(given)
        rest = with_names(verb, rest)
        # After --help a bare word is a topic.
        if not asks_for_help(rest):
            require_overrides(verb, rest)
    except SynthsweepError as error:
        return _complain(str(error), error.exit_status)
    except BrokenPipeError:
        return _reader_gone()
    return _run_verb(verb, rest)


def _undecoded(given: Sequence[str]) -> str:
    """Why a word of the command cannot be used; empty where every word can."""
    encoding = sys.getfilesystemencoding()
    wrong = next((word for word in given if any("\udc80" <= letter <= "\udcff" for letter in word)), None)
    if wrong is None or encoding == "utf-8":
        return ""
    return f"{wrong}: this terminal's encoding, {encoding}, lacks some of these letters: set PYTHONUTF8=1 before the command"


def _without_hydra(given: Sequence[str]) -> bool:
    """Does what needs no configuration: the guide, and completion; returns whether it was asked for one of them."""
    from synthsweep.cli.completion.shells import ASK, FLAGS, answers, script

    asked = next((place for place, word in enumerate(given) if word in FLAGS), None)
    if given[0] == ASK:
        print(answers(list(given[1:])), end="")
    elif given[0] == guide.WORDS:
        guide.guide(given[1:])
    elif asked is not None:
        print(script(next(iter(given[asked + 1 :]), "")), end="")
    else:
        return False
    # A closed pipe is found here, where it can be handled, and not at the end of the interpreter.
    sys.stdout.flush()
    return True


def find_verb(given: Sequence[str]) -> tuple[Verb, list[str]]:
    """The verb that the first one or two words name, and the words after them.

    Raises:
        ConfigError: there is no such verb.
    """
    known = {verb.words: verb for verb in VERBS}
    first, rest = given[0], list(given[1:])
    if first not in known:
        raise ConfigError(f"{first}: no such verb; {_suggestion(first)}")
    seconds = [words.partition(" ")[2] for words in known if words.startswith(f"{first} ")]
    if rest and rest[0] in seconds:
        return known[f"{first} {rest[0]}"], rest[1:]
    near = difflib.get_close_matches(rest[0], seconds, n=1) if rest else []
    takes_it = rest and (known[first].named_key or meanings(known[first], rest[0]))
    if rest and rest[0].isalpha() and seconds and (near or not takes_it):
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(f'{first} {word}' for word in seconds)}"
        raise ConfigError(f"{first} {rest[0]}: no such verb; {hint}")
    return known[first], rest


def with_names(verb: Verb, words: Sequence[str]) -> list[str]:
    """The words of a verb that takes a name, with the key of a bare one: `study=dose` of `dose`.

    Raises:
        ConfigError: the name is given more than once.
    """
    if not verb.named_key or asks_for_help(words):
        return list(words)
    named = [assign(verb.named_key, word) if _is_bare(words, place) else word for place, word in enumerate(words)]
    given = [word.partition("=")[2] for word in named if word.partition("=")[0] == verb.named_key]
    if len(given) > 1:
        raise ConfigError(f"{verb.words} takes one {verb.named_key}, got {', '.join(given)}")
    return named


def _is_bare(words: Sequence[str], place: int) -> bool:
    """Whether a word is neither an override, nor a flag, nor the value of the flag before it."""
    before = words[place - 1] if place else ""
    of_a_flag = before.startswith("-") and "=" not in before and before not in MODES
    return bool(words[place]) and "=" not in words[place] and words[place][0] not in "-~+" and not of_a_flag


def _suggestion(word: str) -> str:
    near = [f"synthsweep {verb}" for verb in difflib.get_close_matches(word, LISTED, n=1)]
    meant = near or question_of(word)
    return f"did you mean {meant[0]}?" if meant else f"there are {', '.join(LISTED)}"


def _run_verb(verb: Verb, arguments: list[str]) -> int:
    dashed = next((word for word in arguments if word.startswith("--") and "." in word.partition("=")[0]), None)
    if dashed:
        return _complain(f"{dashed}: write it without the dashes: {dashed.lstrip('-')}", 2)
    # Hydra's parser takes a flag between two overrides for their end.
    arguments = sorted(arguments, key=lambda word: word not in MODES)
    if unknown := _unknown_flag(arguments):
        from synthsweep.config.compose.explain import unknown_key

        hint = unknown_key(unknown.lstrip("-").replace("-", "_"), verb.name).partition("; ")[2]
        return _complain(f"{unknown}: no such flag; keys have no dashes, as in KEY=VALUE; {hint}", 2)
    for number in STOPPING:
        handle(number)
    full_error = os.environ.get("HYDRA_FULL_ERROR") == "1"
    try:
        _run_in_hydra(verb, arguments)
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else int(error.code is not None)
    except BrokenPipeError:
        return _reader_gone()
    except BaseException as error:
        expected = _line_and_status(error.error if isinstance(error, Refusal) else error, verb.name, arguments)
        if expected is None:
            raise
        if full_error:
            traceback.print_exception(error)
        return _complain(*expected)
    return 0


def _reader_gone() -> int:
    """The reader has closed the pipe; the interpreter would print another error at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _unknown_flag(arguments: Sequence[str]) -> str:
    """The first word that begins with two dashes and is no flag of Hydra's; empty if there is none."""
    if not any(word.startswith("--") for word in arguments):
        return ""
    from hydra._internal.utils import get_args_parser

    flags = get_args_parser()._option_string_actions
    given = (word.partition("=")[0] for word in arguments if word.startswith("--"))
    return next((word for word in given if not any(flag.startswith(word) for flag in flags)), "")


def _line_and_status(error: BaseException, verb: str, arguments: Sequence[str]) -> tuple[str, int] | None:
    """The line and the exit status of an expected error; None for a bug, which needs its traceback."""
    from synthsweep.config.compose.explain import COMPOSITION_ERRORS, explain
    from synthsweep.config.compose.own_files import located

    if isinstance(error, KeyboardInterrupt):
        return "interrupted", Interrupted.exit_status
    if isinstance(error, InputError):
        return located(first_line(error), arguments), error.exit_status
    if isinstance(error, SynthsweepError):
        return first_line(error), error.exit_status
    if isinstance(error, COMPOSITION_ERRORS):
        return located(explain(error, verb), arguments), 2
    if _raised_by_hydra(error) and isinstance(error, ValueError) and not isinstance(error, UnicodeDecodeError):
        return located(explain(error, verb), arguments), 2
    return _line_of_file(error) if _raised_by_hydra(error) else None


def _line_of_file(error: BaseException) -> tuple[str, int] | None:
    """The same for an error that Hydra meets in a file or folder."""
    from yaml import YAMLError

    from synthsweep.config.compose.own_files import explain_encoding, explain_syntax

    if isinstance(error, YAMLError):
        return explain_syntax(error), 2
    if isinstance(error, UnicodeDecodeError):
        return explain_encoding(error), 2
    if isinstance(error, RecursionError):
        return "a file of conf/ or sweeps/ includes itself by its defaults list: take that entry out", 2
    if isinstance(error, OSError):
        # Hydra creates the folder of a run before it calls our code.
        return f"{error.filename}: {error.strerror}; runs need a folder to write to: set tracking.folder=FOLDER", 2
    return None


def _run_in_hydra(verb: Verb, arguments: list[str]) -> None:
    from synthsweep.cli.help import show_help

    if asks_for_help(arguments):
        show_help(verb, arguments)
        return
    import hydra

    from synthsweep.config.compose.defaults_lists import require_defaults
    from synthsweep.config.compose.folders import shipped
    from synthsweep.config.compose.keys_stay_out import KeysStayOut
    from synthsweep.config.compose.mode import FlagsDecide
    from synthsweep.config.compose.register import register_root

    # Hydra would otherwise print an error of its own and exit with status 1.
    os.environ["HYDRA_FULL_ERROR"] = "1"
    sys.argv = [f"synthsweep {verb.words}", *arguments]
    register_root(verb.name)
    require_defaults(arguments)
    with FlagsDecide(arguments), KeysStayOut():
        hydra.main(config_path=str(shipped("conf")), config_name=verb.name, version_base="1.3")(hydra_task(verb))()


def hydra_task(verb: Verb) -> Callable[["DictConfig"], Any]:
    """What Hydra calls with the configuration that it composed for a verb; in a sweep, a worker calls it."""

    def task(node: "DictConfig") -> Any:
        from hydra.core.hydra_config import HydraConfig
        from hydra.types import RunMode

        module = importlib.import_module(f"synthsweep.cli.{verb.words.partition(' ')[0]}")
        try:
            return getattr(module, verb.name)(node)
        except SynthsweepError as error:
            if HydraConfig.get().mode == RunMode.MULTIRUN:
                raise
            # Hydra lets a Refusal through; before any other error it would print a line of its own.
            raise Refusal(error) from error

    return task


def _raised_by_hydra(error: BaseException) -> bool:
    """Whether the error comes from a call by Hydra, with no code of ours in between."""
    import hydra

    theirs, ours = str(Path(hydra.__file__).parent), str(Path(__file__).parents[1])
    files = [frame.filename for frame in traceback.extract_tb(error.__traceback__)]
    callers = [name for name in files if name.startswith((theirs, ours))]
    return bool(callers) and callers[-1].startswith(theirs)


def _complain(line: str, status: int) -> int:
    said = f"synthsweep: {line}"
    if sys.stderr.isatty():
        # A terminal would break the line in the middle of a word; a path or an address stays whole.
        width = shutil.get_terminal_size().columns
        said = textwrap.fill(said, width, break_long_words=False, break_on_hyphens=False, replace_whitespace=False)
    print(said, file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
