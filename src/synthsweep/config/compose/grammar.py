"""Values in Hydra's override grammar."""

import re

from hydra.core.override_parser.types import Quote, QuotedString

# The grammar reads PLAIN_WORD as a string without quotes, but OTHER_THAN_WORDS as a value of another type.
PLAIN_WORD = re.compile(r"[A-Za-z_][\w./-]*", re.ASCII)
OTHER_THAN_WORDS = frozenset({"null", "true", "false", "nan", "inf"})


def quoted(text: str) -> str:
    """A string in quotes, which the grammar reads as it is."""
    return QuotedString(text, Quote.single).with_quotes()


def word(text: str) -> str:
    """A string, with quotes only where the grammar needs them."""
    return text if PLAIN_WORD.fullmatch(text) and text.lower() not in OTHER_THAN_WORDS else quoted(text)
