"""The words of a text: one definition for everything that counts them."""

import re


def words_of(text: str) -> list[str]:
    r"""The words of a text in order: runs of letters, digits and underscores (`\w+`), without case."""
    return re.findall(r"\w+", text.casefold())
