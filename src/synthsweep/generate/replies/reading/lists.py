"""Texts in a list: numbered, lettered, bulleted or below headings, wrapped or not; or without them, one text a line."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from synthsweep.generate.replies.reading.items import ItemReader, without_markup
from synthsweep.generate.replies.reading.markers import ITEM_WORDS, QUOTED, Marker, in_order, marker_at
from synthsweep.generate.replies.reading.pieces import Rejected
from synthsweep.generate.replies.reading.remarks import ABOUT, is_after, is_before, is_note, is_placeholder

RULE = re.compile(r"^\s*(?:[-*_=~–—]\s*){3,}$|^\s*(?:```|~~~)\s*[\w-]*\s*$|^\s*\\(?:begin|end)\{\w+\*?\}\s*$")
_WORD = rf"(?:{ITEM_WORDS})"
HEADING = re.compile(rf"^[#*_>\s\[(]*{_WORD}\s*#?\s*\d{{1,3}}\b[^.!?\n]{{0,100}}$", re.IGNORECASE)
KEYED_ITEM = re.compile(
    rf"^[#*_>\s\[(]*{_WORD}\s*#?\s*\d{{1,3}}\s*[\])]?\s*(?:\([^()]{{0,80}}\))?[*_]*\s*(?:[:：.)]|[-–—])[*_]*\s*\S",
    re.IGNORECASE,
)
ENDS_SENTENCE = re.compile(r"[.!?…。！？][\"'”’»)\]*_]*$|[\"”’»\]]$")
INLINE_ORDER = re.compile(r"(?<=[.!?…\"”’»\];])\s+(?=(\d{1,2})[.)]\s)")
# Texts are wrapped between these widths.
LONG_LINE, LONGEST_LINE = 40, 160
# The remains of JSON that could not be read, and of programs.
DEBRIS = re.compile(
    r"[{}]|^\s*(?:[\[\]],?\s*$|\[\s*[\"'\[\d]|[\"']\w+[\"']\s*:|[\"']?\])"
    r"|\w\(\s*['\"]?text['\"]?\s*=|\w+\s*=\s*\w*[(\[]\s*$|\barray\(|\bINSERT INTO\b|^\s*[)\]}]+[,;]?\s*$"
)


@dataclass
class OpenItem:
    """An item while its lines are read."""

    parts: list[str] = field(default_factory=list)
    indent: int = 0
    sub: bool = False
    number: int | None = None

    @property
    def text(self) -> str:
        return " ".join(part for part in self.parts if part)


Entry = OpenItem | Rejected


@dataclass(frozen=True)
class Line:
    """A line of a reply: its words without indentation and quotation signs, and its marker."""

    raw: str
    words: str
    indent: int
    marker: Marker | None

    @property
    def content(self) -> str:
        if self.marker is None:
            return self.words
        around, rest = self.marker.around, self.words[self.marker.end :]
        return f"{around}{rest}" if around and rest.rstrip().endswith(around) else rest

    @property
    def numbered(self) -> bool:
        return self.marker is not None and self.marker.number is not None


@dataclass
class ListReader:
    """Reads the lines of a reply into items and what stands between them."""

    items: ItemReader
    entries: list[Entry] = field(default_factory=list)

    def read(self, lines: Sequence[str], *, marked: bool = False) -> list[OpenItem | Rejected]:
        """The items of a list; with `marked`, only lines that a marker says to be one."""
        read = _lines(_split_inline(lines))
        if not any(line.marker or _is_heading(line) or _is_keyed(line) for line in read):
            return [] if marked else [OpenItem([one]) if isinstance(one, str) else one for one in plain_lines(lines)]
        self._read_marked(read)
        return self.entries

    def _read_marked(self, lines: list[Line]) -> None:
        primary = _primary(lines)
        current: OpenItem | None = None
        blank = True
        for line in lines:
            if not line.words or RULE.match(line.raw):
                blank = True
                continue
            if current is not None and current.text and not line.numbered and self.items.tag_alone(line.words):
                current.parts.append(self.items.as_tag(line.words))
            elif _begins(line, primary):
                current = self._new(line)
            elif line.marker is not None and current is not None:
                current = self._below(line, current)
            elif current is not None and self._continues(line, current, blank=blank):
                current.parts.append(line.words)
            else:
                self.entries.append(Rejected("note" if is_note(line.words) else "no list item", line.raw.strip()))
                current = None if blank else current
            blank = False

    def _new(self, line: Line) -> OpenItem:
        item = OpenItem([] if _is_heading(line) else [line.content], line.indent, number=_number(line))
        self.entries.append(item)
        return item

    def _below(self, line: Line, current: OpenItem) -> OpenItem:
        """A bullet below an item: its text, a word about it, or a text of its own where the item was a heading."""
        if not current.text:
            current.parts.append(line.content)
        elif ABOUT.match(without_markup(line.content)):
            self.entries.append(Rejected("note", line.raw.strip()))
        elif current.sub or _is_group(current.text):
            if not current.sub:
                self.entries[self.entries.index(current)] = Rejected("no list item", current.text)
            current = OpenItem([line.content], line.indent, sub=True)
            self.entries.append(current)
        else:
            self.entries.append(Rejected("no list item", line.raw.strip()))
        return current

    def _continues(self, line: Line, current: OpenItem, *, blank: bool) -> bool:
        """Whether a line without a marker goes on with the item above it."""
        if not current.text:
            return True
        if ABOUT.match(without_markup(line.words)):
            return False
        if is_placeholder(line.words) or is_note(line.words):
            return False
        if _is_title(current.text) and not blank and not is_after(line.words):
            self.entries.insert(self.entries.index(current), Rejected("no list item", current.text))
            current.parts.clear()
            return True
        if line.indent > current.indent + 1:
            return True
        aside = (
            len(line.words.split()) <= 2 and not ENDS_SENTENCE.search(line.words) and bool(ENDS_SENTENCE.search(current.text))
        )
        return not (blank or aside or is_before(line.words) or is_after(line.words))


def _lines(lines: Sequence[str]) -> list[Line]:
    bare = [QUOTED.sub("", line.strip()).strip() for line in lines]
    markers = [None if RULE.match(words) else marker_at(words) for words in bare]
    gaps = any(words and marker is None and is_placeholder(words) for words, marker in zip(bare, markers, strict=True))
    markers = in_order(markers, gaps=gaps)
    indents = [len(line.expandtabs(4)) - len(line.expandtabs(4).lstrip()) for line in lines]
    return [Line(*parts) for parts in zip(lines, bare, indents, markers, strict=True)]


def _split_inline(lines: Sequence[str]) -> list[str]:
    """`1. He waits. 2. She spins.` on one line as two lines."""
    split: list[str] = []
    for line in lines:
        parts = INLINE_ORDER.split(line)
        numbers = [int(number) for number in parts[1::2]]
        first = marker_at(line.strip())
        inline = first is not None and first.number == 1 and numbers == list(range(2, len(numbers) + 2)) and bool(numbers)
        split += [part.rstrip("; ") for part in parts[::2]] if inline else [line]
    return split


def _primary(lines: list[Line]) -> str:
    """What begins an item: a number, a heading with a number, or a bullet."""
    numbered = [place for place, line in enumerate(lines) if line.numbered]
    if numbered and not all(_leads_bullets(lines, place) for place in numbered):
        return "number"
    if not numbered and any(line.marker is None and (_is_heading(line) or _is_keyed(line)) for line in lines):
        return "heading"
    return "bullet"


def _leads_bullets(lines: list[Line], place: int) -> bool:
    """Whether a numbered line is the heading of bullets, each of which is a text."""
    after = [line for line in lines[place + 1 :] if line.words][:1]
    below = bool(after) and after[0].marker is not None and not after[0].numbered
    return (
        below and not _is_heading(lines[place]) and _is_group(lines[place].content) and after[0].indent <= lines[place].indent
    )


def _number(line: Line) -> int | None:
    """The number of an item: that of its marker, or of the word before it, as in `Profile 3: ...`."""
    if line.numbered and line.marker:
        return line.marker.number
    keyed = re.search(r"\d{1,3}", line.content) if _is_heading(line) or _is_keyed(line) else None
    return int(keyed[0]) if keyed else None


def _is_group(text: str) -> bool:
    """Whether an item only names what stands below it."""
    bare = text.strip(" *_")
    return bare.endswith(":") or _is_title(text) or (len(bare.split()) <= 6 and not ENDS_SENTENCE.search(bare))


def _is_title(text: str) -> bool:
    bare = text.strip()
    return bare.startswith("**") and bare.endswith("**") and "**" not in bare[2:-2] and not ENDS_SENTENCE.search(bare)


def _is_heading(line: Line) -> bool:
    bare = line.content.strip()
    framed = bare.startswith(("#", "*", "_", "[")) or len(bare.split()) <= 2 or bare.endswith((":", "*", ")"))
    return framed and bool(HEADING.match(bare)) and not _is_keyed(line)


def _is_keyed(line: Line) -> bool:
    return bool(KEYED_ITEM.match(line.content.strip())) and not line.content.strip().endswith("**")


def _begins(line: Line, primary: str) -> bool:
    if primary == "number":
        return line.numbered
    if primary == "heading":
        return (line.marker is None and (_is_heading(line) or _is_keyed(line))) or (line.marker is not None and _is_keyed(line))
    return line.marker is not None and not line.numbered


def plain_lines(lines: Sequence[str]) -> list[str | Rejected]:
    """A text a line, or a text a paragraph where lines are wrapped; words before and after them are none."""
    groups: list[list[str]] = [[]]
    for line in lines:
        if line.strip() and not RULE.match(line):
            groups[-1].append(line.strip())
        elif groups[-1]:
            groups.append([])
    groups = [group for group in groups if group]
    texts = [" ".join(group) for group in groups] if _are_wrapped(groups) else [line for group in groups for line in group]
    return [_plain(text, first=place == 0, last=place >= len(texts) - 2) for place, text in enumerate(texts)]


def _are_wrapped(groups: list[list[str]]) -> bool:
    """Whether lines break where the next word would not fit, most of them within a sentence."""
    breaks = [pair for group in groups for pair in pairwise(group)]
    width = max(len(line) for group in groups for line in group) if groups else 0
    open_ = [line for line, _ in breaks if not ENDS_SENTENCE.search(line)]
    full = all(len(line) + 1 + len(after.split()[0]) > width for line, after in breaks)
    return full and 2 * len(open_) > len(breaks) and LONG_LINE <= width <= LONGEST_LINE


def _plain(text: str, *, first: bool, last: bool) -> str | Rejected:
    if is_note(text):
        return Rejected("note", text)
    bare = QUOTED.sub("", text).strip()
    few = len(bare.split()) < 2 and not re.search(r"[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af].{3}", bare)
    remark = (first and is_before(bare)) or bare.endswith((":", "：")) or (last and not first and is_after(bare))
    return Rejected("no list item", text) if few or remark or DEBRIS.search(bare) or bare.startswith("#") else bare
