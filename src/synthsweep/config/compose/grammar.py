"""Values in Hydra's override grammar; pure, so that rooms without Hydra can word a command."""

import re

# The grammar reads PLAIN_WORD as a string without quotes, but OTHER_THAN_WORDS as a value of another type.
PLAIN_WORD = re.compile(r"(?:\.{0,2}/)*[A-Za-z_][\w./-]*", re.ASCII)
OTHER_THAN_WORDS = frozenset({"null", "true", "false", "nan", "inf"})


def quoted(text: str) -> str:
    """A string in quotes, which the grammar reads as it is."""
    inner = re.sub(r"(\\*)'", r"\1\1\\'", escaped(text))
    return f"'{_doubled_at_the_end(inner)}'"


def escaped(text: str) -> str:
    """A string as a value of a configuration, where ${NAME} stands for another key; a backslash makes it text."""
    return re.sub(r"(\\*)\$\{", r"\1\1\\${", text)


def word(text: str) -> str:
    """A string, with quotes only where the grammar needs them."""
    return text if PLAIN_WORD.fullmatch(text) and text.lower() not in OTHER_THAN_WORDS else quoted(text)


def key_of(override: str) -> str:
    """The key of an override: `mix.ratio` of `+mix.ratio=0.5`."""
    return override.partition("=")[0].lstrip("+~")


def _doubled_at_the_end(text: str) -> str:
    # A backslash right before the closing quote would make that quote a part of the text.
    return text + "\\" * (len(text) - len(text.rstrip("\\")))
