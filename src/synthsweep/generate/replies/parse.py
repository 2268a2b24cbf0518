"""Parses a reply, of any LLM, recording or simulator: each piece is Parsed or Rejected.

It understands a numbered or bulleted list, one text per line, each with `[also: ID, ID]` at its end if the prompt asked
for it; JSON lines or a JSON array of strings or of objects with `text` and `also`, fenced or not, with trailing commas,
comments or a missing end.
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import dropwhile
from typing import Any

from synthsweep.generate.completer import Completion

LINE_END = re.compile(r"\r\n|\r|\n")
FENCE = re.compile(r"^\s*```[\w-]*\s*$")
ITEM = re.compile(r"^\s*(?:\(?\d{1,3}[.):]|[-*•])\s+(.*)$")
ALSO = re.compile(r"\s*\[also:\s*([^\]]*)\]\s*$", re.IGNORECASE)
JSON_START = re.compile(r"""^\s*(?:\{\s*(?:["']|$)|\[\s*(?:["'{]|$))""")
LIST_START = re.compile(r"""\s*(?:\{\s*"[^"]*"\s*:\s*)?\[\s*""")
COMMA = re.compile(r"\s*,\s*")
QUOTES = (('"', '"'), ("“", "”"))


@dataclass(frozen=True)
class Parsed:
    """One text, and the labels beside the asked one that the reply gives it."""

    text: str
    also: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Rejected:
    """An unusable piece of a reply: counted, tracked, never trained on."""

    reason: str
    piece: str

    @property
    def kind(self) -> str:
        """The reason without its details, for counting."""
        return self.reason.partition(":")[0]

    @property
    def detail(self) -> str:
        """What the reason says beside its kind, as `row 3`; empty where that is all."""
        return self.reason.partition(":")[2].strip()

    @property
    def item(self) -> bool:
        """Whether it takes the place of a text, rather than standing between texts."""
        return self.kind != "no list item"


def reject_whole(completion: Completion, answerers: Sequence[str]) -> Rejected | None:
    """Why no part of a reply is read: none of `answerers` wrote it, or it refuses."""
    if not completion.answered_by(answerers):
        return Rejected("another LLM answered", completion.answered_as)
    if completion.finish in {"refusal", "content_filter"}:
        return Rejected("refusal", completion.text)
    return None


def parse_reply(reply: str, label_ids: Collection[str], *, cut: bool = False) -> list[Parsed | Rejected]:
    """The pieces of a reply in order; `cut`: the reply ended too early."""
    if not reply.strip():
        return [Rejected("empty reply", reply)]
    # str.splitlines would also split at U+2028 and the like, which occur inside texts.
    lines = [line for line in LINE_END.split(reply) if line.strip() and not FENCE.match(line)]
    raw, open_end = _pieces(lines)
    pieces = [_checked(piece, label_ids) for piece in raw]
    if pieces and (cut or open_end) and isinstance(pieces[-1], Parsed):
        # Half a sentence reads like a whole one.
        pieces[-1] = Rejected("truncated", pieces[-1].text)
    return pieces


def _pieces(lines: Sequence[str]) -> tuple[list[Any], bool]:
    """The items in the lines, unchecked, and whether the last one is cut off."""
    # Polite words may stand before the JSON, and after it.
    body = list(dropwhile(lambda line: not JSON_START.match(line), lines))
    whole = _json("\n".join(body)) or _before_words("\n".join(body))
    if whole is not None:
        return list(_unwrapped(whole)), False
    if body and not isinstance(_json(body[0].rstrip(" ,")), dict):
        # The valid part is read strictly, since repair corrupts some escapes.
        sound, rest = _sound_start("\n".join(body))
        repaired = _repaired(f"[{rest}" if sound else rest)
        if sound or repaired is not None:
            return [*sound, *_unwrapped(repaired or [])], not body[-1].rstrip().endswith(("]", "}"))
    return list(_from_lines(lines)), False


def _unwrapped(whole: Any) -> Iterable[Any]:
    if isinstance(whole, list):
        return whole
    # {"examples": [...]} is a usual wrapping; {"text": ...} is one text.
    lists = [value for value in whole.values() if isinstance(value, list)]
    return lists[0] if lists and "text" not in whole else [whole]


def _from_lines(lines: Sequence[str]) -> Iterator[Any]:
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
        # A number of thousands of digits is a ValueError, not a JSONDecodeError.
        return None


def _before_words(text: str) -> Any:
    """A JSON list, wrapped or not, with nothing but words after it."""
    try:
        found, end = json.JSONDecoder().raw_decode(text.lstrip())
    except (ValueError, RecursionError):
        return None
    after = LINE_END.split(text.lstrip()[end:])
    alone = not any(JSON_START.match(line) or ITEM.match(line) for line in after)
    return found if alone and (isinstance(found, list) or (isinstance(found, dict) and "text" not in found)) else None


def _sound_start(text: str) -> tuple[list[Any], str]:
    """The items of a JSON list, wrapped or not, up to where it is broken or ends, and the text from there."""
    opening = LIST_START.match(text)
    if opening is None:
        return [], text
    found: list[Any] = []
    start, more = opening.end(), True
    while more:
        try:
            item, end = json.JSONDecoder().raw_decode(text, start)
        except (ValueError, RecursionError):
            break
        found.append(item)
        comma = COMMA.match(text, end)
        start, more = (comma.end(), True) if comma else (end, False)
    return (found, text[start:]) if found else ([], text)


def _repaired(text: str) -> list[Any] | dict[str, Any] | None:
    import json_repair

    try:
        found = json_repair.loads(text, skip_json_loads=True)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, (list, dict)) and found else None


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
        return Rejected(f"unknown label: {unknown[0]}", text)
    return Parsed(text.strip(), frozenset(also))
