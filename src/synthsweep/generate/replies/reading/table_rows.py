"""Texts in a table: Markdown's, or values separated by commas, semicolons or tabs, with or without a line of names."""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass

from synthsweep.generate.replies.reading.labels import LabelReader

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
NUMBER_COLUMN = re.compile(r"\W*(?:no\.?|nr\.?|number|profile(?: (?:no\.?|number))?|n)?\W*", re.IGNORECASE)
MOST_DIGITS = 3
HEADER = re.compile(r"(?:text|sentence|example|note|content|description|statement|record|observation|entry)", re.IGNORECASE)
LONGEST_HEADER = 200
QUOTED_CELL = re.compile(r'^\s*(?:\d{1,3},\s*)?"(?:[^"]|"")*",')
CELL = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True)
class TableRow:
    """A row of a table: its text, what its column of further labels says, and its number."""

    text: str
    also: str | None = None
    number: int | None = None


def table_rows(lines: Sequence[str], labels: LabelReader) -> list[TableRow] | None:
    """The rows of the tables in a reply; None where there is none."""
    tables = _Tables(labels)
    return tables.markdown(lines) or tables.separated(lines) or tables.nameless(lines)


@dataclass(frozen=True)
class _Tables:
    """Finds tables; a column that holds labels and nothing else is known by them, whatever its name is."""

    labels: LabelReader

    def markdown(self, lines: Sequence[str]) -> list[TableRow] | None:
        rows: list[TableRow] = []
        for place in range(1, len(lines)):
            if RULE.match(lines[place]) and "|" in lines[place] and "|" in lines[place - 1]:
                body = []
                for line in lines[place + 1 :]:
                    if "|" not in line:
                        break
                    body.append(_cells(line))
                rows += self._rows(_cells(lines[place - 1]), body)
        return rows or None

    def separated(self, lines: Sequence[str]) -> list[TableRow] | None:
        for place, line in enumerate(lines[:-1]):
            if len(line) > LONGEST_HEADER or not HEADER.search(line):
                continue
            for mark in (",", ";", "\t", "|"):
                names = next(csv.reader([line], delimiter=mark, skipinitialspace=True), [])
                if _is_header(names):
                    rows = csv.reader(lines[place + 1 :], delimiter=mark, skipinitialspace=True)
                    return self._rows(names, [_whole(row, len(names), names, mark) for row in rows if row]) or None
        return None

    def nameless(self, lines: Sequence[str]) -> list[TableRow] | None:
        """Most lines have equally many cells, between bars, or between tabs where a column holds numbers or labels."""
        said = [line for line in lines if line.strip()]
        barred = [_cells(line) for line in said if _is_barred(line)]
        tabbed = [line.split("\t") for line in said if "\t" in line.strip()]
        quoted = [next(csv.reader([line], skipinitialspace=True)) for line in said if QUOTED_CELL.match(line)]
        for body in (barred, tabbed, quoted):
            if not body or len(body[0]) < 2 or len({len(cells) for cells in body}) > 1 or 2 * len(body) <= len(said):
                continue
            names = [""] * len(body[0])
            if body is barred or _number_column(names, body) is not None or self._label_column(names, body, None) is not None:
                return self._rows(names, body)
        return None

    def _rows(self, names: Sequence[str], body: Sequence[Sequence[str]]) -> list[TableRow]:
        texts = next((place for place, name in enumerate(names) if TEXT_COLUMN.fullmatch(name)), None)
        if texts is None:
            # Without a name that says so, the text is in the widest column.
            widths = [sum(len(row[place]) for row in body if place < len(row)) for place in range(len(names))]
            texts = widths.index(max(widths)) if widths else 0
        also = next((place for place, name in enumerate(names) if ALSO_COLUMN.fullmatch(name)), None)
        also = self._label_column(names, body, texts) if also is None else also
        numbers = _number_column(names, body)
        return [
            TableRow(row[texts], row[also] if also is not None and also < len(row) else None, _number(row, numbers))
            for row in body
            if texts < len(row)
        ]

    def _label_column(self, names: Sequence[str], body: Sequence[Sequence[str]], text: int | None) -> int | None:
        """The column that names labels or none in every row; what is named for the criterion that was asked for is not."""
        for place, name in enumerate(names):
            if place == text or (name and OTHER_COLUMN.fullmatch(name)):
                continue
            named = [self.labels.in_words(row[place]) for row in body if place < len(row)]
            if any(one.known for one in named) and not any(one.unknown for one in named):
                return place
        return None


def _number_column(names: Sequence[str], body: Sequence[Sequence[str]]) -> int | None:
    """The column that numbers the rows, or the profiles that they follow."""
    return next((place for place, name in enumerate(names) if _numbers(name, [row[place : place + 1] for row in body])), None)


def _numbers(name: str, cells: Sequence[Sequence[str]]) -> bool:
    numbers = [_number(cell, 0) for cell in cells]
    return bool(NUMBER_COLUMN.fullmatch(name)) and None not in numbers and len({*numbers}) == len(numbers)


def _number(row: Sequence[str], place: int | None) -> int | None:
    bare = row[place].strip(" .)*#") if place is not None and place < len(row) else ""
    return int(bare) if bare.isdecimal() and len(bare) <= MOST_DIGITS else None


def _is_barred(line: str) -> bool:
    bare = line.strip()
    return bare.startswith("|") and bare.endswith("|") and len(_cells(bare)) > 1


def _cells(line: str) -> list[str]:
    bare = line.strip()
    bare = bare[1:] if bare.startswith("|") else bare
    bare = bare[:-1] if bare.endswith("|") and not bare.endswith("\\|") else bare
    return [cell.replace("\\|", "|").strip() for cell in CELL.split(bare)]


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
