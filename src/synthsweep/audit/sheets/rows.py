"""The rows that a clinician fills, and what they say when they come back; pure.

A sheet is a row an item: its id, the text, the criterion and its meaning, then the verdict, a cell for each criterion that the
text shows besides, and a note.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from synthsweep.audit.items import VERDICTS, Answer, Audit, Item, checked_answer
from synthsweep.errors import AuditError
from synthsweep.messages import listing

ID, TEXT, CRITERION, MEANING, VERDICT, NOTE = "id", "text", "criterion", "what it means", "verdict", "note"
ASKED = (ID, TEXT, CRITERION, MEANING)
YES = "yes"
# What else people write there.
MARKS = frozenset({YES, "y", "x", "1", "true", "✓"})
HELD_NOWHERE = frozenset({"Cc", "Cs", "Cn"})
NO_MARKS = frozenset({"", "no", "n", "0", "false", "-"})
INSTRUCTIONS = (
    "Each text comes with one criterion. Read the text as it stands; do not guess at what else may be true of the child.",
    "verdict: right, if the text is evidence for the criterion; wrong, if it is not; unsure, if you cannot say.",
    "shows ...: write yes for every further criterion that the text is evidence for, whatever your verdict is.",
    "note: anything that whoever made the texts should know. It may stay empty.",
    "Rows may be answered in any order. Please change nothing in the columns id, text, criterion and what it means.",
)


@dataclass(frozen=True)
class Row:
    """A row as it came back; `number` is how its file counts it."""

    number: int
    cells: Mapping[str, str]

    def __getitem__(self, head: str) -> str:
        return self.cells.get(head, "")


def table_of(lines: Sequence[Sequence[str]]) -> tuple[list[str], list[Row]]:
    """Heads and rows of a file's lines; the heads are row 1."""
    head = [cell.strip() for cell in lines[0]] if lines else []
    return head, [Row(number, dict(zip(head, line, strict=False))) for number, line in enumerate(lines[1:], start=2)]


def shows(label: str) -> str:
    """The head of the column where a further criterion is marked."""
    return f"shows {label}"


def heads(audit: Audit) -> tuple[str, ...]:
    """The heads of the columns, in order."""
    return (*ASKED, VERDICT, *(shows(label) for label in audit.labels.ids), NOTE)


def asked_cells(audit: Audit, item: Item) -> tuple[str, ...]:
    """The cells that are filled from the beginning: of ASKED, in order."""
    criterion = audit.labels[item.criterion]
    return item.id, bearable(item.text), bearable(criterion.title), bearable(criterion.description)


def bearable(text: str) -> str:
    """Without control characters and half letters, which no file of a sheet may hold."""
    return "".join(letter if letter in "\n\r\t" or unicodedata.category(letter) not in HELD_NOWHERE else " " for letter in text)


def read_rows(audit: Audit, given: Sequence[Row], found: Iterable[str], rater: str, *, partial: bool) -> list[Answer]:
    """The answers of a sheet with the heads `found`.

    Raises:
        AuditError: something in it does not fit the audit; nothing of it is taken then. Rows without a verdict are left out if
            `partial`.
    """
    _require_heads(audit, found)
    rows = [row for row in given if any(cell.strip() for cell in row.cells.values())]
    items = {item.id: item for item in audit.items}
    _require_known(rows, items)
    _require_once(rows, rater)
    _require_all(rows, items, partial=partial)
    _require_same(audit, rows, items)
    open_rows = [row.number for row in rows if not row[VERDICT].strip()]
    if open_rows and not partial:
        raise AuditError(f"{_rows(open_rows)} without a verdict ({', '.join(VERDICTS)}); audit.partial=true takes the others")
    return [_answer(audit, items[row[ID].strip()], row, rater) for row in rows if row[VERDICT].strip()]


def _require_heads(audit: Audit, found: Iterable[str]) -> None:
    there = {head.strip() for head in found}
    missing = [head for head in heads(audit) if head not in there and head != MEANING]
    if missing:
        raise AuditError(
            f"the column {listing([repr(head) for head in missing])} is missing: the first row stays as it was exported"
        )


def _require_known(rows: Sequence[Row], items: Mapping[str, Item]) -> None:
    unknown = [row for row in rows if row[ID].strip() not in items]
    if len(unknown) == len(rows) and rows:
        raise AuditError(f"none of its {len(rows)} ids is one of this audit: is it the sheet of another one (audit.name=NAME)?")
    if unknown:
        message = listing([f"{row[ID].strip()[:20]!r} in row {row.number}" for row in unknown])
        raise AuditError(f"there is no item with the id {message}: ids stay as they were exported")


def _require_once(rows: Sequence[Row], rater: str) -> None:
    counts = Counter(row[ID].strip() for row in rows)
    twice = [row.number for row in rows if counts[row[ID].strip()] > 1]
    if twice:
        raise AuditError(f"{_rows(twice)} answering one item twice for {rater}: leave one row an item")


def _require_all(rows: Sequence[Row], items: Mapping[str, Item], *, partial: bool) -> None:
    there = {row[ID].strip() for row in rows}
    missing = [ident for ident in items if ident not in there]
    if missing and not partial:
        raise AuditError(
            f"{len(missing)} of {len(items)} rows are missing ({listing(missing)}); audit.partial=true takes the others"
        )


def _require_same(audit: Audit, rows: Sequence[Row], items: Mapping[str, Item]) -> None:
    for place, head in enumerate(ASKED[1:3], start=1):
        changed = [row.number for row in rows if _plain(row[head]) != _plain(asked_cells(audit, items[row[ID].strip()])[place])]
        if changed:
            raise AuditError(f"{_rows(changed)} with another {head} than was exported: an answer to it is none to the sample")


def _plain(text: str) -> str:
    """Spreadsheets change line ends, put an apostrophe before what looks like a formula, and bear no control characters."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split()).lstrip("' ")


def _answer(audit: Audit, item: Item, row: Row, rater: str) -> Answer:
    marked = []
    for label in audit.labels.ids:
        cell = row[shows(label)].strip().casefold()
        if cell in MARKS:
            marked.append(label)
        elif cell not in NO_MARKS:
            raise AuditError(f"row {row.number}: {shows(label)!r} must be yes or empty, got {cell[:40]!r}")
    answer = Answer(item.id, rater, row[VERDICT].strip().casefold(), frozenset(marked), row[NOTE].strip())
    try:
        return checked_answer(answer, item, audit.labels)
    except AuditError as error:
        raise AuditError(f"row {row.number}: {error}") from error


def _rows(numbers: Sequence[int]) -> str:
    return f"row{'s' * (len(numbers) > 1)} {listing(list(numbers))}"
