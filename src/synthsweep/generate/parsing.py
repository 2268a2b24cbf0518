"""Reads an LLM's reply: one parser for every provider, recording and simulator.

Understood are a numbered or bulleted list, one text a line, each with `[also: ID, ID]` at its end if the prompt asked
for it; JSON lines or a JSON array of strings or of objects with `text` and `also`, fenced or not.
"""

import json
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

LINE_END = re.compile(r"\r\n|\r|\n")
FENCE = re.compile(r"^\s*```[\w-]*\s*$")
ITEM = re.compile(r"^\s*(?:\(?\d{1,3}[.):]|[-*•])\s+(.*)$")
ALSO = re.compile(r"\s*\[also:\s*([^\]]*)\]\s*$", re.IGNORECASE)
QUOTES = (('"', '"'), ("“", "”"))


@dataclass(frozen=True)
class Parsed:
    """One text, and the labels beyond the asked one that the reply says it carries."""

    text: str
    also: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Rejected:
    """A piece of a reply that is no text: counted, tracked, never trained on."""

    reason: str
    piece: str


def parse_reply(reply: str, label_ids: Collection[str]) -> list[Parsed | Rejected]:
    """The texts of a reply in their order, and what was rejected between them."""
    return [_checked(piece, label_ids) for piece in _pieces(reply)]


def _pieces(reply: str) -> Iterable[Any]:
    # str.splitlines would also cut at U+2028 and the like, which stand inside texts.
    lines = [line for line in LINE_END.split(reply) if line.strip() and not FENCE.match(line)]
    whole = _json("\n".join(lines))
    if isinstance(whole, dict):
        # {"examples": [...]} is a usual wrapping; {"text": ...} is one text.
        lists = [value for value in whole.values() if isinstance(value, list)]
        yield from lists[0] if lists and "text" not in whole else [whole]
    elif isinstance(whole, list):
        yield from whole
    else:
        for line in lines:
            one, item = _json(line.rstrip(" ,")), ITEM.match(line)
            if isinstance(one, dict):
                yield one
            else:
                yield item.group(1) if item else Rejected("no list item", line)


def _json(text: str) -> Any:
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        # Not only JSONDecodeError: a number of thousands of digits is a plain ValueError.
        return None


def _checked(piece: Any, label_ids: Collection[str]) -> Parsed | Rejected:
    if isinstance(piece, Rejected):
        return piece
    if isinstance(piece, dict):
        return _from_object(piece, label_ids)
    if isinstance(piece, str):
        return _from_line(piece, label_ids)
    return Rejected("neither a text nor an object", str(piece))


def _from_object(piece: dict[str, Any], label_ids: Collection[str]) -> Parsed | Rejected:
    text, also = piece.get("text"), piece.get("also") or []
    if not isinstance(text, str):
        return Rejected("no text", json.dumps(piece, ensure_ascii=False))
    if not isinstance(also, list):
        return Rejected("also is no list", json.dumps(piece, ensure_ascii=False))
    return _parsed(text, [str(label) for label in also], label_ids)


def _from_line(line: str, label_ids: Collection[str]) -> Parsed | Rejected:
    tag = ALSO.search(line)
    also = [label.strip() for label in tag.group(1).split(",")] if tag else []
    text = (line[: tag.start()] if tag else line).strip()
    for opening, closing in QUOTES:
        inner = text[1:-1]
        if len(text) > 1 and text.startswith(opening) and text.endswith(closing) and opening not in inner:
            text = inner
    return _parsed(text, [label for label in also if label], label_ids)


def _parsed(text: str, also: list[str], label_ids: Collection[str]) -> Parsed | Rejected:
    if not text.strip():
        return Rejected("empty text", text)
    if not text.isprintable() and any("\ud800" <= letter <= "\udfff" for letter in text):
        # Half a surrogate pair: no tokenizer and no file takes it.
        return Rejected("no Unicode text", ascii(text))
    unknown = sorted(set(also) - set(label_ids))
    if unknown:
        return Rejected(f"unknown label {unknown[0]}", text)
    return Parsed(text.strip(), frozenset(also))
