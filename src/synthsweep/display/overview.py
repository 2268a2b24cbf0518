"""The page of `synthsweep --help`, as wide as the terminal; imports nothing heavy."""

import shutil
import textwrap
from collections.abc import Mapping

from synthsweep import __version__

# Longer lines are hard to read, however wide the terminal is.
WIDEST = 110
QUESTION = "what do texts written by an LLM do to a BERT classifier, criterion by criterion?"
STEPS = {
    "synthsweep run": "the demo corpus with recorded LLM texts, a few minutes on a CPU",
    "synthsweep run mix=real_only": "the same without them",
    "synthsweep run data=csv data.path=my.csv labels=from_data mix=real_only": "your own sentences, one 0/1 column per label",
    "synthsweep run experiment=ci": "every part of the path, in seconds",
    "synthsweep run -m sweeps=ratio_response": "a study: each dose with three seeds, resumable",
    "synthsweep compare study=ratio_response": "what it says: effects with intervals, as one page",
    "synthsweep generate llm=gpt-4o-mini generate.dry_run=true": "what texts of another LLM would cost",
    "synthsweep inspect prompt=attributed": "what the texts of a prompt are like, before training",
    "synthsweep audit export": "a blind sample for a clinician; audit review is a page to judge it on",
    "synthsweep ui": "look at the runs",
    "synthsweep guide": "all of this in detail, topic by topic",
}
NOTES = (
    "synthsweep VERB --help lists the choices and keys of a verb; --cfg job shows what it would run.",
    'eval "$(synthsweep --shell-completion bash)" completes commands at a Tab (zsh the same; fish: ... | source).',
    "Exit status: 0 done, 1 failed, 2 bad input, 130 interrupted.",
)


def overview(verbs: Mapping[str, str]) -> str:
    """The verbs with their summaries, first steps, and what else there is."""
    width = min(shutil.get_terminal_size().columns, WIDEST)
    parts = [
        textwrap.fill(f"synthsweep {__version__}: {QUESTION}", width),
        "Usage: synthsweep VERB [KEY=VALUE ...] [GROUP=CHOICE ...]",
        _two_columns(verbs, width, 12),
        f"First steps:\n{_two_columns(STEPS, width, 43)}",
        "\n".join(textwrap.fill(note, width, break_on_hyphens=False) for note in NOTES),
    ]
    return "\n\n".join(parts) + "\n"


def _two_columns(entries: Mapping[str, str], width: int, left: int) -> str:
    """What each word or command does, beside it; below it if it is long or the terminal narrow."""
    lines: list[str] = []
    for words, meaning in entries.items():
        narrow = width < left + 30
        indent = " " * (6 if narrow else left)
        below = narrow or len(words) > left - 4
        # A command is never broken, so that it can be copied whole.
        lines += [f"  {words}"] if below else []
        first = indent if below else f"  {words}".ljust(left)
        lines.append(textwrap.fill(meaning, width, initial_indent=first, subsequent_indent=indent, break_on_hyphens=False))
    return "\n".join(lines)
