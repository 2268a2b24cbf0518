"""What a word is, in every script; pure."""

import re

import regex

# Letters, digits and underscores: what Python's \w is.
LETTER = r"[\p{L}\p{N}_]"
# Marks that write vowels, tones and the like in scripts such as Devanagari, Thai, Arabic and Hebrew. Those of no script of
# their own are left out: accents are part of their letters in composed text, and others say how an emoji looks.
MARK = r"[[\p{M}--\p{Script=Inherited}--\p{Script=Common}]\u064B-\u065F\u0670]"
WORD = rf"{LETTER}(?:{LETTER}|{MARK})*"
SPELT = rf"\p{{L}}(?:\p{{L}}|{MARK})*"
# Without the digits 0 to 9 of any script.
UNCOUNTED = rf"[\p{{L}}\p{{Nl}}\p{{No}}](?:[\p{{L}}\p{{Nl}}\p{{No}}]|{MARK})*"
_WORD, _SPELT = regex.compile(WORD, regex.V1), regex.compile(SPELT, regex.V1)
_UNCOUNTED = regex.compile(rf"{UNCOUNTED}(?:['’]{UNCOUNTED})*", regex.V1)
_WORD_OR_SIGNS = regex.compile(rf"{WORD}|[^\p{{L}}\p{{N}}_\s]+", regex.V1)
_PLAIN = re.compile(r"\w+", re.ASCII)


def words_in(text: str) -> list[str]:
    r"""The words of a text in order: runs of letters, digits and underscores (`\w+`), with the marks of their script."""
    return _PLAIN.findall(text) if text.isascii() else _WORD.findall(text)


def words_and_signs_in(text: str) -> list[str]:
    """The words of a text, and the runs of other signs between them."""
    return list(_WORD_OR_SIGNS.findall(text))


def spelt_words_in(text: str) -> list[str]:
    """The words of a text without digits, in order; an apostrophe may stand inside one: don't is one word."""
    return list(_UNCOUNTED.findall(text))


def is_spelt(word: str) -> bool:
    """Whether a word is letters alone, without an apostrophe."""
    return _SPELT.fullmatch(word) is not None
