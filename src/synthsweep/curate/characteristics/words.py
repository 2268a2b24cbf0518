"""The words of a text, as all characteristics count them."""

import re


def words_of(text: str) -> list[str]:
    r"""The words of a text in order: runs of letters, digits and underscores (`\w+`), without case."""
    return re.findall(r"\w+", text.casefold())
