"""Labels that a judge states in other forms than JSON: one below the other, in a table, in tags, or each with yes or no."""

import re
from collections.abc import Iterator

from synthsweep.generate.replies.reading.labels import LabelReader, Named
from synthsweep.generate.replies.reading.lists import RULE
from synthsweep.generate.replies.reading.markers import marker_at
from synthsweep.generate.replies.reading.tagged import with_bars

TAG = re.compile(r"<[^<>\n]{1,40}>")
BOXED = re.compile(r"\\boxed\{([^{}]*)\}")
TABLE_RULE = re.compile(r"^\s*\|?\s*:?-{2,}")
# What leads to the labels: `labels:`, `The text shows:`, **Labels**.
LEADING = re.compile(r"^\W*(?:labels?|criteria|answer)?\W*$|.*[:：]\s*[*_`]*$", re.IGNORECASE)
BOX = re.compile(r"^\s*(?:[-*]\s+)?\[(?P<mark>[ xX✓✔]?)\]\s*(?P<label>.+)$")
NO = r"no|not (?:met|present|shown|applicable|fulfilled)|none|false|absent|0|n/?a|unmet|nein|non|✗|✘|❌"
YES = r"yes|true|present|met|shown|fulfilled|1|ja|oui|✓|✔|✅"
SAID = re.compile(
    rf"^(?P<label>.+?)\s*(?:[:：=|]|\s[-–—]|(?=[✓✔✅✗✘❌]))\s*[*_]*(?:(?P<no>{NO})|(?P<yes>{YES}))[*_]*\s*[.,;|]*$",
    re.IGNORECASE,
)
DENIAL = re.compile(r"\b(?:no|not|none|never|absent|false|without|lacks?)\b|n['’]t\b", re.IGNORECASE)
WEIGHT = re.compile(r"[:=]\s*\d*\.\d+|\d\s*(?:%|/\s*\d)")
MOST_LINES = 60


def stated_labels(said: str, reader: LabelReader) -> Named | None:
    """The labels; None where anything else is said, so that nobody knows what was meant."""
    if "{" in said and ":" in said:
        # The remains of JSON.
        return None
    found, stated = Named(), False
    for line in _lines(said):
        named = _named(line, reader)
        if named is None:
            return None
        found, stated = found.plus(named), True
    return found if stated else None


def _lines(said: str) -> Iterator[str]:
    """Lines that state something, one for each label with yes or no."""
    lines = TAG.sub("\n", BOXED.sub(r"\1", with_bars(said))).splitlines()[:MOST_LINES]
    for line, after in zip(lines, [*lines[1:], ""], strict=True):
        is_head = TABLE_RULE.match(after) and "|" in after
        if line.strip() and not (is_head or RULE.match(line) or TABLE_RULE.match(line) or LEADING.match(line)):
            parts = re.split(r"[,;]\s*", line.strip().strip("|"))
            yield from parts if all(SAID.match(part.strip()) for part in parts) else [line.strip().strip("|").strip()]


def _named(line: str, reader: LabelReader) -> Named | None:
    if box := BOX.match(line):
        named = _only_labels(box["label"], reader)
        return Named() if named is not None and not box["mark"].strip() else named
    marker = marker_at(line)
    line = line[marker.end :] if marker else line
    if answer := SAID.match(line.strip()):
        named = _only_labels(answer["label"], reader)
        return Named() if named is not None and answer["no"] else named
    return None if is_doubtful(line, reader) else _only_labels(line, reader)


def is_doubtful(words: str, reader: LabelReader) -> bool:
    """Whether words name labels and deny or weigh one of them, in a way that no form here has."""
    return bool(reader.in_words(words).known) and bool(DENIAL.search(words) or WEIGHT.search(words))


def _only_labels(words: str, reader: LabelReader) -> Named | None:
    named = reader.in_words(words)
    return None if named.unknown or not any(letter.isalnum() for letter in words) else named
