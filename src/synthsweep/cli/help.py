"""`synthsweep VERB --help [TOPIC ...]`: what a verb takes, from the declarations of its keys."""

from collections.abc import Sequence
from pathlib import Path

from synthsweep.config.verbs import Verb

FLAGS = frozenset({"--help", "-h"})


def asks_for_help(arguments: Sequence[str]) -> bool:
    """Whether the words after a verb ask for its help; `--hydra-help` asks for Hydra's."""
    return not FLAGS.isdisjoint(arguments)


def show_help(verb: Verb, arguments: Sequence[str]) -> None:
    """Prints the help of a verb; words without `=` are topics, the others change what is shown as default.

    Raises:
        ConfigError: there is no such topic.
        HydraException, OmegaConfBaseException: an override is wrong.
    """
    from hydra._internal.utils import get_args_parser

    from synthsweep.config.compose.describe import describe_verb
    from synthsweep.display.console import open_console
    from synthsweep.display.help import print_help

    parser = get_args_parser()
    parser.prog = f"synthsweep {verb.words}"
    # A topic may stand after the flag, and an override before it.
    given = parser.parse_intermixed_args(arguments)
    overrides = [word for word in given.overrides if "=" in word or word.startswith("~")]
    topics = [word for word in given.overrides if word not in overrides]
    folders = [Path(given.config_dir).absolute()] if given.config_dir else []
    # A list of values that a multirun varies is no default.
    entry = describe_verb(verb, [] if given.multirun else overrides, folders)
    console = open_console()
    # rich would end with an error status where the reader of a pipe has closed it.
    with console.capture() as captured:
        print_help(console, entry, topics)
    print(captured.get().rstrip())
