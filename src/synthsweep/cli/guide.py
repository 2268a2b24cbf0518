"""`synthsweep guide [TOPIC]`: the user's guide in the terminal; no Hydra application, since it has no configuration."""

import difflib
from collections.abc import Sequence

from synthsweep.errors import InputError

WORDS = "guide"
# Pages that are named where a word is no topic.
SHOWN = 6
SUMMARY = "the user's guide in the terminal: guide TOPIC; without a topic, the list of topics"
USAGE = """Usage: synthsweep guide [TOPIC]

Shows a topic of the user's guide; without TOPIC, the list of topics. On a terminal it opens a pager: q leaves it, / searches.
"""


def guide(arguments: Sequence[str]) -> None:
    """Shows a topic, or the index.

    Raises:
        InputError: there is no such topic.
    """
    from synthsweep.display.guide import INDEX, page, print_page

    if {"--help", "-h"} & set(arguments):
        print(USAGE, end="")
        return
    print_page(page(_topic(" ".join(arguments)) if arguments else INDEX))


def _topic(word: str) -> str:
    from synthsweep.display.guide import INDEX, page, topics

    known, wanted = topics(), word.removesuffix(".md").lower()
    if wanted in {INDEX, *known}:
        return wanted
    if (how_to := f"howto-{wanted}") in known:
        return how_to
    parts = [name for name in known if wanted and wanted in name]
    near = parts[:1] if len(parts) == 1 else difflib.get_close_matches(wanted, known, n=1)
    saying = [name for name in known if wanted and wanted in page(name).lower()][:SHOWN]
    hint = f"did you mean synthsweep guide {near[0]}? " if near else ""
    if saying:
        raise InputError(f"guide {word}: no such topic; {hint}these say something of it: {', '.join(saying)}")
    raise InputError(f"guide {word}: no such topic; {hint}there are {', '.join(known)}")
