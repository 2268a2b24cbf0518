"""Texts in a table: Markdown's, or values separated by commas, semicolons or tabs below a line of names."""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass

RULE = re.compile(r"^\s*\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?\s*$")
TEXT_COLUMN = re.compile(
    r"\W*(?:(?:example|generated|synthetic|clinical)[ _])?(?:text|sentence|example|note|content|description|"
    r"statement|record|observation|entry)s?\W*",
    re.IGNORECASE,
)
ALSO_COLUMN = re.compile(r"\W*(?:also\b.*|other (?:criteria|labels)|labels)\W*", re.IGNORECASE)
# What a line of names holds beside these, in a table of texts.
OTHER_COLUMN = re.compile(
    r"\W*(?:#|no\.?|nr\.?|number|id|index|profile|label|criteri(?:on|a)|age|setting|informant|manner|kind|n|i|persona)?\W*",
    re.IGNORECASE,
)
HEADER = re.compile(r"(?:text|sentence|example|note|content|description|statement|record|observation|entry)", re.IGNORECASE)
LONGEST_HEADER = 200
CELL = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True)
class TableRow:
    """A row of a table: its text, and what its column of further labels says."""

    text: str
    also: str | None = None


def table_rows(lines: Sequence[str]) -> list[TableRow] | None:
    """The rows of the tables in a reply; None where there is none."""
    return _markdown(lines) or _separated(lines)


def _markdown(lines: Sequence[str]) -> list[TableRow] | None:
    rows: list[TableRow] = []
    for place in range(1, len(lines)):
        if RULE.match(lines[place]) and "|" in lines[place] and "|" in lines[place - 1]:
            body = []
            for line in lines[place + 1 :]:
                if "|" not in line:
                    break
                body.append(_cells(line))
            rows += _rows(_cells(lines[place - 1]), body)
    return rows or None


def _cells(line: str) -> list[str]:
    bare = line.strip()
    bare = bare[1:] if bare.startswith("|") else bare
    bare = bare[:-1] if bare.endswith("|") and not bare.endswith("\\|") else bare
    return [cell.replace("\\|", "|").strip() for cell in CELL.split(bare)]


def _separated(lines: Sequence[str]) -> list[TableRow] | None:
    for place, line in enumerate(lines[:-1]):
        if len(line) > LONGEST_HEADER or not HEADER.search(line):
            continue
        for mark in (",", ";", "\t", "|"):
            names = next(csv.reader([line], delimiter=mark, skipinitialspace=True), [])
            if _is_header(names):
                rows = csv.reader(lines[place + 1 :], delimiter=mark, skipinitialspace=True)
                return _rows(names, [_whole(row, len(names), names, mark) for row in rows if row]) or None
    return None


def _is_header(names: Sequence[str]) -> bool:
    texts = [name for name in names if TEXT_COLUMN.fullmatch(name)]
    others = [name for name in names if not TEXT_COLUMN.fullmatch(name)]
    return (
        len(texts) == 1 and bool(others) and all(ALSO_COLUMN.fullmatch(name) or OTHER_COLUMN.fullmatch(name) for name in others)
    )


def _whole(row: list[str], count: int, names: Sequence[str], mark: str) -> list[str]:
    """A row whose text holds the separator without quotation marks around it, put together again."""
    more = len(row) - count
    place = next(index for index, name in enumerate(names) if TEXT_COLUMN.fullmatch(name))
    if more <= 0:
        return row
    joint = f"{mark} " if mark == "," else mark
    return [*row[:place], joint.join(row[place : place + more + 1]), *row[place + more + 1 :]]


def _rows(names: Sequence[str], body: Sequence[Sequence[str]]) -> list[TableRow]:
    places = [place for place, name in enumerate(names) if TEXT_COLUMN.fullmatch(name)]
    also = next((place for place, name in enumerate(names) if ALSO_COLUMN.fullmatch(name)), None)
    if not places:
        # Without a name that says so, the text is in the widest column.
        widths = [sum(len(row[place]) for row in body if place < len(row)) for place in range(len(names))]
        places = [widths.index(max(widths))] if widths else []
    return [
        TableRow(row[places[0]], row[also] if also is not None and also < len(row) else None)
        for row in body
        if places and places[0] < len(row)
    ]
