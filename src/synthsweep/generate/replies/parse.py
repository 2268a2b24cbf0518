"""Parses a reply, of any LLM, recording or simulator: each piece is Parsed or Rejected.

Reasoning is cut first. Then YAML or JSON of texts is looked for in what is left, then texts between tags, tables, lists, and at
last one text a line. Each item loses its markup, quotation marks, number, profile and label, and the tag of its further
labels, `[also: ID, ID]`. What a text says about an age, a year or an hour stays.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from synthsweep.generate.completer import PROMPT_TOO_LONG, TOO_LONG, Completion
from synthsweep.generate.replies.reading.items import ItemReader
from synthsweep.generate.replies.reading.labels import LabelReader, Named
from synthsweep.generate.replies.reading.lists import ListReader, OpenItem
from synthsweep.generate.replies.reading.loose_yaml import yaml_records
from synthsweep.generate.replies.reading.markers import marker_at, without_numbers
from synthsweep.generate.replies.reading.pieces import BETWEEN, Parsed, Rejected
from synthsweep.generate.replies.reading.reasoning import without_reasoning
from synthsweep.generate.replies.reading.remarks import is_note, is_placeholder
from synthsweep.generate.replies.reading.shapes import Item, JsonText, JsonTexts, NoText, json_texts, no_texts, record_items
from synthsweep.generate.replies.reading.table_rows import table_rows
from synthsweep.generate.replies.reading.tagged import tagged_texts, with_bars

__all__ = ["READER", "Parsed", "Rejected", "parse_reply", "reject_whole"]

# Raise it when a reply may be read differently than before: pools of old replies then say what changed.
READER = 3
LINE_END = re.compile(r"\r\n|\r|\n")
# Fewer are no list within a text.
LEAST_ITEMS = 2
FENCE = re.compile(r"^\s*(?:```|~~~)\s*[\w-]*\s*$")


def reject_whole(completion: Completion, answerers: Sequence[str]) -> Rejected | None:
    """Why no part of a reply is read: none of `answerers` wrote it, it refuses, or there is none."""
    if not completion.answered_by(answerers):
        return Rejected("another LLM answered", completion.answered_as)
    if completion.finish in {"refusal", "content_filter"}:
        return Rejected("refusal", completion.text)
    return Rejected(PROMPT_TOO_LONG, "") if completion.finish == TOO_LONG else None


def parse_reply(
    reply: str, label_ids: Collection[str], *, cut: bool = False, names: Mapping[str, str] | None = None
) -> list[Parsed | Rejected]:
    """The pieces of a reply in order; `cut`: the reply ended too early. `names` are those of the labels."""
    said = without_reasoning(reply)
    if not said.text.strip():
        return [Rejected("truncated: within the reasoning", reply) if said.cut else Rejected("empty reply", reply)]
    pieces = _Reader(ItemReader(LabelReader(tuple(label_ids), names or {})), cut=cut and not said.cut).pieces(said.text)
    return [*pieces, Rejected("truncated: within the reasoning", "")] if said.cut else pieces


class _Reader:
    """Reads what an LLM said; `cut` says that it ended too early."""

    def __init__(self, items: ItemReader, *, cut: bool) -> None:
        self.items, self.cut = items, cut

    def pieces(self, said: str) -> list[Parsed | Rejected]:
        if records := yaml_records([line for line in LINE_END.split(said) if not FENCE.match(line)]):
            return self._ended(self._of_items(record_items(records, self.items.labels.ids)))
        if values := json_texts(said, self.items.labels.ids):
            return self._of_json(values, said)
        if lacking := no_texts(said):
            return [Rejected(item.reason, item.piece) for item in lacking]
        said = with_bars(said)
        if elements := tagged_texts(said):
            return [self._checked(one.text, one.also, half=one.half) for one in elements]
        if "\n" not in said:
            # Line ends that were escaped once too often.
            said = said.replace("\\n", "\n")
        # str.splitlines would also split at U+2028 and the like, which occur inside texts.
        lines = [line for line in LINE_END.split(said) if not FENCE.match(line)]
        if rows := table_rows(lines, self.items.labels):
            return self._ended([self._checked(row.text, row.also, number=row.number) for row in rows])
        return self._ended(self._of_list(ListReader(self.items).read(lines)))

    def _of_json(self, values: Sequence[JsonTexts], said: str) -> list[Parsed | Rejected]:
        if len(values) == 1 and (inner := _list_in(values[0])) is not None:
            return self._ended(self._of_list(ListReader(self.items).read(inner)))
        pieces: list[Parsed | Rejected] = []
        before = 0
        for texts in values:
            # Between objects that stand alone, a line may hold a text as well.
            pieces += self._between(said[before : texts.start]) if texts.single else []
            pieces += self._of_items(texts.items)
            before = texts.end
        return pieces + (self._between(said[before:]) if values[-1].single else [])

    def _between(self, words: str) -> list[Parsed | Rejected]:
        read = self._of_list(ListReader(self.items).read(LINE_END.split(words), marked=True))
        return [piece for piece in read if isinstance(piece, Parsed) or piece.kind not in {"empty text", *BETWEEN}]

    def _of_items(self, items: Sequence[Item]) -> list[Parsed | Rejected]:
        texts = iter(without_numbers([item.text for item in items if isinstance(item, JsonText)]))
        return [
            Rejected(item.reason, item.piece)
            if isinstance(item, NoText)
            else self._checked(next(texts), item.also, half=item.half, number=item.number)
            for item in items
        ]

    def _of_list(self, read: Sequence[OpenItem | Rejected]) -> list[Parsed | Rejected]:
        texts = iter(without_numbers([one.text for one in read if isinstance(one, OpenItem)]))
        return [one if isinstance(one, Rejected) else self._checked(next(texts), number=one.number) for one in read]

    def _ended(self, pieces: list[Parsed | Rejected]) -> list[Parsed | Rejected]:
        if self.cut and pieces and isinstance(pieces[-1], Parsed):
            # Half a sentence reads like a whole one.
            pieces[-1] = Rejected("truncated", pieces[-1].text)
        return pieces

    def _checked(self, item: str, also: Any = None, *, half: bool = False, number: int | None = None) -> Parsed | Rejected:
        if not item.isprintable() and any("\ud800" <= letter <= "\udfff" for letter in item):
            # Half a surrogate pair: no tokenizer and no file takes it.
            return Rejected("no Unicode text", ascii(item))
        text, named = self.items.read(item, also)
        if half:
            return Rejected("truncated", text)
        return _piece(text, named, item, number)


def _list_in(texts: JsonTexts) -> list[str] | None:
    """The lines of a list that was written into one text of JSON: `{"output": "1. He waits.\\n2. She spins."}`."""
    item = texts.items[0]
    lines = LINE_END.split(item.text) if isinstance(item, JsonText) and len(texts.items) == 1 and not item.half else []
    marked = [line for line in lines if (marker := marker_at(line.strip())) and marker.number]
    return lines if len(marked) >= LEAST_ITEMS else None


def _piece(text: str, named: Named, item: str, number: int | None) -> Parsed | Rejected:
    if not text:
        return Rejected("empty text", "")
    if is_placeholder(text):
        return Rejected("placeholder", item.strip())
    if is_note(text):
        return Rejected("note", text)
    if named.unknown:
        return Rejected(f"unknown label: {named.unknown[0]}", text)
    return Parsed(text, named.known, number)
