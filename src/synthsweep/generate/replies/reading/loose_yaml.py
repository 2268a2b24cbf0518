"""YAML as LLMs write it: records below dashes or numbers, colons within texts, blocks, and labels in a list below; and TOML."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

# A record begins with one of these, and holds a text.
TEXT = r"text|sentence|content|description"
FIRST = re.compile(rf"^\s*-\s+(?:{TEXT}|id|number|index|profile(?:_(?:id|number))?|also\w*|labels?)\s*:(?:\s|$)", re.IGNORECASE)
KNOWN = re.compile(rf"{TEXT}|id|number|profile(?:_(?:id|number))?|also\w*|labels?", re.IGNORECASE)
# A number above the fields of a record, or TOML's double brackets.
HEAD = re.compile(r"^(?P<indent>\s*)(?:- +)?(?:[A-Za-z]{0,20}[ _-]?\d{1,3}\s*:|\[\[\s*[\w.]+\s*\]\])\s*$")
FIELD = re.compile(r"^(?P<indent>\s*)(?P<dash>-\s+)?(?P<key>[A-Za-z]\w{0,20})\s*[:=](?:\s+(?P<value>.*))?$")
ENTRY = re.compile(r"^(?P<indent>\s*)-\s+(?P<value>.*)$")
# A record has at least two fields.
LEAST_LINES = 2
BLOCK = re.compile(r"^(?P<fold>[|>])[+-]?\d?\s*$")


@dataclass
class _Record:
    """A record while its lines are read; `key` is the field that goes on, at its indentation."""

    indent: int
    fields: dict[str, list[str]] = field(default_factory=dict)
    lists: set[str] = field(default_factory=set)
    key: str = ""
    block: str = ""

    def begin(self, key: str, value: str) -> None:
        fold = BLOCK.match(value)
        self.key, self.block = key, fold["fold"] if fold else ""
        self.fields[key] = [] if fold or not value else [value]

    @property
    def values(self) -> dict[str, Any]:
        return {key: self._value(key, parts) for key, parts in self.fields.items()}

    def _value(self, key: str, parts: Sequence[str]) -> Any:
        return list(parts) if key in self.lists else _unquoted(" ".join(part for part in parts if part))


def yaml_records(lines: Sequence[str]) -> list[dict[str, Any]]:
    """The records with a text in a reply that is written as YAML; empty where it is not."""
    if len(lines) < LEAST_LINES:
        return []
    heads = any(_is_head(line, after) for line, after in pairwise([*lines, ""]))
    dashes = any(map(FIRST.match, lines)) and any(map(_is_field_below, lines))
    if not (heads or dashes or _is_flat(lines)) or not any(map(_is_text, lines)):
        return []
    records: list[_Record] = []
    current: _Record | None = None
    for line, after in pairwise([*lines, ""]):
        current = _read(line, after, current, records)
    return [record.values for record in records if record.fields]


def _is_flat(lines: Sequence[str]) -> bool:
    """Whether the records have no dashes: `Profile: 1`, `Text: ...`, `Also: A2`, and the same again."""
    keys = [found["key"].casefold() for line in lines if (found := FIELD.match(line)) and KNOWN.fullmatch(found["key"])]
    texts = [key for key in keys if re.fullmatch(TEXT, key)]
    return bool(texts) and len({*keys}) > 1 and keys == keys[: len({*keys})] * len(texts)


def _is_text(line: str) -> bool:
    found = FIELD.match(line)
    return bool(found and re.fullmatch(TEXT, found["key"], re.IGNORECASE))


def _is_field_below(line: str) -> bool:
    found = FIELD.match(line)
    return bool(found and found["indent"] and not found["dash"])


def _is_head(line: str, after: str) -> bool:
    """Whether a line stands above the first field of a record."""
    below = FIELD.match(after)
    if not HEAD.match(line) or below is None or below["dash"]:
        return False
    return "[[" in line or len(below["indent"]) > len(line) - len(line.lstrip())


def _read(line: str, after: str, current: _Record | None, records: list[_Record]) -> _Record | None:
    """Adds a line to the record that it belongs to; returns the one that may go on."""
    indent = len(line) - len(line.lstrip())
    if not line.strip():
        return current
    if current is not None and current.block and indent > current.indent:
        current.fields[current.key].append(line.strip())
        return current
    if _is_head(line, after):
        below = FIELD.match(after)
        current = _Record(len(below["indent"]) if below else indent)
        records.append(current)
        return current
    found = FIELD.match(line)
    if found and FIRST.match(line):
        # The other fields stand below the key, not below the dash.
        current = _Record(indent + len(found["dash"] or ""))
        records.append(current)
    elif found and KNOWN.fullmatch(found["key"]) and not found["indent"] and (current is None or _again(found, current)):
        current = _Record(indent)
        records.append(current)
    elif current is None or indent < current.indent:
        return current if current is not None and _add_entry(line, current) else None
    if found and indent <= current.indent:
        current.begin(found["key"], (found["value"] or "").strip())
    elif not _add_entry(line, current) and current.key:
        current.fields[current.key].append(line.strip())
    return current


def _again(found: re.Match[str], record: _Record) -> bool:
    return found["key"].casefold() in map(str.casefold, record.fields) and record.indent == 0


def _add_entry(line: str, record: _Record) -> bool:
    """A dash below a key without a value: an entry of its list."""
    found = ENTRY.match(line)
    if found is None or not record.key or (record.fields[record.key] and record.key not in record.lists):
        return False
    record.lists.add(record.key)
    record.fields[record.key].append(_unquoted(found["value"].strip()))
    return True


def _unquoted(value: str) -> str:
    """A text without YAML's quotation marks and what they escape."""
    if len(value) > 1 and value[0] == value[-1] == "'":
        return value[1:-1].replace("''", "'")
    if len(value) > 1 and value[0] == value[-1] == '"':
        try:
            return str(json.loads(value))
        except ValueError:
            return value[1:-1]
    return value
