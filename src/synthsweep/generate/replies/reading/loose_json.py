"""A reader of JSON as LLMs write it: with trailing or missing commas, comments, other quotes, bare keys, and without its end.

What is sound is read by Python's own reader, since any repair of it would be a guess.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

# A bracket before a word, as in [also: B2], opens no list.
OPENING = re.compile(r"""\{|\[(?=\s*(?:["'“„‘«`{\[\]\d+-]|\(\s*["']|\.{3}|…|/|\#|$|(?:true|false|null|True|False|None)\b))""")
SPACE = re.compile(r"(?:\s|//[^\n]*|/\*.*?\*/|#[^\n]*)*", re.DOTALL)
BARE = re.compile(r"\.{3}|…|[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?(?![\w.])|[A-Za-z_][\w-]*")
WORDS = {"true": True, "True": True, "false": False, "False": False, "null": None, "None": None, "undefined": None, "NaN": None}
QUOTES = {'"': '"', "'": "'", "“": "”", "”": "”", "„": "“", "‘": "’", "`": "`", "«": "»"}
# What follows the end of a string: a comma before another value, a colon, a bracket, the next line's value, or nothing.
AFTER = re.compile(
    r"""(?:\s|//[^\n]*\n)*(?:,\s*(?:$|["'“„‘`«{\[}\]/#]|\.{3}|…|[-+]?\d|(?:true|false|null|True|False|None)\b|[A-Za-z_]\w*\s*:)|[:}\]]|$)"""
    r"""|\s*\n\s*["'“„‘{\[]|\s+[{\[]"""
)
AFTER_IN_TUPLE = re.compile(r"\s*(?:,|\)\s*(?:[,\])]|$))")
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "\n": "\n"}
DEEPEST = 40
# More starts than this that lead nowhere are no reply in JSON.
MOST_TRIES = 60


@dataclass(frozen=True)
class Half:
    """A value whose end is missing: the letters of a string, or what there is of a list or an object."""

    of: Any


@dataclass(frozen=True)
class Found:
    """An outermost value of a reply, and where it stands."""

    value: Any
    start: int
    end: int


class NoJson(ValueError):  # noqa: N818
    """What stands there is not JSON, not even loosely."""


def json_values(text: str) -> Iterator[Found]:
    """The outermost lists and objects in a text, in their order; a list or object without its end is a Half."""
    position, tries = 0, 0
    while (opening := OPENING.search(text, position)) and tries < MOST_TRIES:
        start = opening.start()
        try:
            value, position = _value_at(text, start)
            yield Found(value, start, position)
        except (NoJson, RecursionError):
            position, tries = start + 1, tries + 1


def _value_at(text: str, start: int) -> tuple[Any, int]:
    try:
        return json.JSONDecoder().raw_decode(text, start)
    except (ValueError, RecursionError):
        # A number of thousands of digits is a ValueError, not a JSONDecodeError.
        reader = LooseReader(text, start)
        return reader.value(0), reader.position


class LooseReader:
    """Reads one value from `position` on, which then is its end."""

    def __init__(self, text: str, position: int) -> None:
        self.text, self.position = text, position
        self._tuples = 0

    def value(self, depth: int) -> Any:
        if depth > DEEPEST:
            raise NoJson
        self._skip_space()
        letter = self._next
        # Python's tuples stand in lists.
        if (letter in "{[" and letter) or (letter == "(" and depth):
            return self._container(depth, letter == "{")
        if letter in QUOTES:
            return self._string(QUOTES[letter])
        return self._bare(within=depth > 1)

    @property
    def _next(self) -> str:
        return self.text[self.position : self.position + 1]

    def _skip_space(self) -> None:
        found = SPACE.match(self.text, self.position)
        self.position = found.end() if found else self.position

    def _container(self, depth: int, keyed: bool) -> Any:
        is_tuple = self._next == "("
        self._tuples += is_tuple
        self.position += 1
        pairs: list[tuple[str, Any]] = []
        closed = False
        while not closed:
            self._skip_space()
            if self._next in {"}", "]", ")"}:
                closed = True
                self.position += 1
            elif self._next == ",":
                self.position += 1
            elif not self._next:
                break
            elif not self._member(pairs, depth, keyed):
                # Words after at least one member: the bracket was forgotten.
                break
        self._tuples -= is_tuple
        value = dict(pairs) if keyed else [item for _, item in pairs]
        return value if closed and not _ends_half(pairs) else Half(value)

    def _member(self, pairs: list[tuple[str, Any]], depth: int, keyed: bool) -> bool:
        """Reads a member; False where none stands there, after at least one that did."""
        start = self.position
        try:
            pairs.append(self._pair(depth) if keyed else ("", self.value(depth + 1)))
        except NoJson:
            if not pairs:
                raise
            self.position = start
            return False
        return True

    def _pair(self, depth: int) -> tuple[str, Any]:
        key = self._string(QUOTES[self._next]) if self._next in QUOTES else self._bare(key=True)
        self._skip_space()
        if isinstance(key, Half) or not self._next:
            # The reply ends within a key.
            return "", Half("")
        if key == "..." and self._next in ",}]":
            return "...", None
        if self._next not in {":", "="}:
            raise NoJson
        self.position += 1
        self._skip_space()
        # Within an object a word may lack its quotation marks: {also: [A2]}; [so] within a sentence is no list.
        return str(key), self.value(depth + 2) if self._next else Half("")

    def _string(self, closing: str) -> Any:
        letters: list[str] = []
        self.position += 1
        while letter := self._next:
            self.position += 1
            if letter == "\\":
                letters.append(self._escaped())
            elif letter == closing and self._ends_string:
                return "".join(letters)
            else:
                letters.append(letter)
        return Half("".join(letters))

    @property
    def _ends_string(self) -> bool:
        after = AFTER.match(self.text, self.position)
        return bool(after or (self._tuples and AFTER_IN_TUPLE.match(self.text, self.position)))

    def _escaped(self) -> str:
        letter = self._next
        self.position += 1
        digits = self.text[self.position : self.position + 4]
        if letter == "u" and re.fullmatch(r"[0-9a-fA-F]{4}", digits):
            self.position += 4
            return self._pair_of_surrogates(chr(int(digits, 16)))
        return ESCAPES.get(letter, letter)

    def _pair_of_surrogates(self, first: str) -> str:
        second = re.match(r"\\u(d[c-f][0-9a-f]{2})", self.text[self.position : self.position + 6], re.IGNORECASE)
        if "\ud800" <= first <= "\udbff" and second:
            self.position += 6
            return (first + chr(int(second[1], 16))).encode("utf-16", "surrogatepass").decode("utf-16")
        return first

    def _bare(self, *, within: bool = False, key: bool = False) -> Any:
        found = BARE.match(self.text, self.position)
        if found is None:
            raise NoJson
        self.position = found.end()
        word = found[0]
        if word in WORDS:
            return WORDS[word]
        if word in {"...", "…"}:
            return "..."
        if word[0].isdigit() or word[0] in "+-":
            return _number(word)
        self._skip_space()
        if (key and self._next in {":", "="}) or (within and self._next in {",", "]", "}"}):
            return word
        raise NoJson


def _number(word: str) -> Any:
    try:
        return float(word) if re.search(r"[.eE]", word) else int(word)
    except ValueError:
        # Thousands of digits.
        return 0


def _ends_half(pairs: list[tuple[str, Any]]) -> bool:
    return bool(pairs) and isinstance(pairs[-1][1], Half)
