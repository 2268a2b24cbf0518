"""Values in Hydra's override grammar."""

import re

from hydra.core.override_parser.types import Quote, QuotedString

# What the grammar reads as a string without quotes; of these words it makes something else.
PLAIN_WORD = re.compile(r"[A-Za-z_][\w./-]*", re.ASCII)
OTHER_THAN_WORDS = frozenset({"null", "true", "false", "nan", "inf"})


def quoted(text: str) -> str:
    """A string that the grammar reads as just that."""
    return QuotedString(text, Quote.single).with_quotes()


def word(text: str) -> str:
    """The same, without quotes where it needs none."""
    return text if PLAIN_WORD.fullmatch(text) and text.lower() not in OTHER_THAN_WORDS else quoted(text)
