"""The words of a text, as all characteristics count them."""

import unicodedata

from synthsweep.words import words_in


def words_of(text: str) -> list[str]:
    """The words of a text in order, without case; a letter and its accent are one letter."""
    return words_in(unicodedata.normalize("NFC", text.casefold()))
