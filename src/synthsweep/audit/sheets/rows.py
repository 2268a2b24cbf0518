"""The rows of a sheet: the names of its columns, the questions, and the answers in filled rows; pure.

A sheet has one row per item: its id, the text, the criterion and its meaning, then the verdict, one cell per further criterion
that the text may show, and a note.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from synthsweep.audit.items import VERDICTS, Answer, Audit, Item, checked_answer
from synthsweep.errors import AuditError
from synthsweep.examples import LabelSet
from synthsweep.messages import listing

ID, TEXT, CRITERION, MEANING, VERDICT, NOTE = "id", "text", "criterion", "what it means", "verdict", "note"
QUESTION_COLUMNS = (ID, TEXT, CRITERION, MEANING)
YES = "yes"
# Other marks that people write in place of YES.
MARKS = frozenset({YES, "y", "x", "1", "true", "✓"})
NO_MARKS = frozenset({"", "no", "n", "0", "false", "-"})
# Unicode categories that no sheet format can store: control characters, surrogates, unassigned characters.
UNSTORABLE = frozenset({"Cc", "Cs", "Cn"})
INSTRUCTIONS = (
    "Each text comes with one criterion. Read the text as it stands; do not guess at what else may be true of the child.",
    "verdict: right, if the text is evidence for the criterion; wrong, if it is not; unsure, if you cannot say.",
    "shows ...: write yes for every further criterion that the text is evidence for, whatever your verdict is.",
    "note: anything that whoever made the texts should know. It may stay empty.",
    "Rows may be answered in any order. Please change nothing in the columns id, text, criterion and what it means.",
)
# In place of the line about `shows` where each text carries exactly one label.
SHOWS_LINE = 2
SHOWS_CLASS = (
    "shows ...: each text belongs to exactly one class. If the verdict is wrong, write yes for the class that it belongs to, "
    "if it is any of these; otherwise leave them all empty."
)


def instructions(labels: LabelSet) -> tuple[str, ...]:
    """What raters read before they begin; of classes, at most one is shown."""
    single = labels.kind == "single"
    return tuple(SHOWS_CLASS if single and place == SHOWS_LINE else line for place, line in enumerate(INSTRUCTIONS))


@dataclass(frozen=True)
class Row:
    """A row of a filled sheet; `number` is its row in the file."""

    number: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


def parse_table(lines: Sequence[Sequence[str]]) -> tuple[list[str], list[Row]]:
    """The columns and rows of a file; the first line is row 1 and names the columns."""
    columns = [cell.strip() for cell in lines[0]] if lines else []
    return columns, [Row(number, dict(zip(columns, line, strict=False))) for number, line in enumerate(lines[1:], start=2)]


def shows_column(label: str) -> str:
    """The column where a further criterion is marked."""
    return f"shows {label}"


def columns_of(audit: Audit) -> tuple[str, ...]:
    """The names of all columns, in order."""
    return (*QUESTION_COLUMNS, VERDICT, *(shows_column(label) for label in audit.labels.ids), NOTE)


def question_cells(audit: Audit, item: Item) -> tuple[str, ...]:
    """The cells of QUESTION_COLUMNS, in order."""
    criterion = audit.labels[item.criterion]
    return item.id, storable(item.text), storable(criterion.title), storable(criterion.description)


def storable(text: str) -> str:
    """The text with spaces in place of control characters and surrogates, which no sheet can store."""
    return "".join(letter if letter in "\n\r\t" or unicodedata.category(letter) not in UNSTORABLE else " " for letter in text)


def read_rows(audit: Audit, rows: Sequence[Row], columns: Iterable[str], rater: str, *, partial: bool) -> list[Answer]:
    """The answers of a sheet; with `partial`, rows without a verdict are skipped.

    Raises:
        AuditError: the sheet does not match the audit; no row of it is read then.
    """
    _require_columns(audit, columns)
    rows = [row for row in rows if any(cell.strip() for cell in row.cells.values())]
    items = {item.id: item for item in audit.items}
    _require_known_ids(rows, items)
    _require_unique_ids(rows, rater)
    _require_all_items(rows, items, partial=partial)
    _require_unchanged_questions(audit, rows, items)
    open_rows = [row.number for row in rows if not row[VERDICT].strip()]
    if open_rows and not partial:
        raise AuditError(f"{_rows(open_rows)} without a verdict ({', '.join(VERDICTS)}); audit.partial=true takes the others")
    return [_answer(audit, items[row[ID].strip()], row, rater) for row in rows if row[VERDICT].strip()]


def _require_columns(audit: Audit, columns: Iterable[str]) -> None:
    present = {column.strip() for column in columns}
    missing = [column for column in columns_of(audit) if column not in present and column != MEANING]
    if missing:
        raise AuditError(
            f"the column {listing([repr(column) for column in missing])} is missing: the first row stays as it was exported"
        )


def _require_known_ids(rows: Sequence[Row], items: Mapping[str, Item]) -> None:
    unknown = [row for row in rows if row[ID].strip() not in items]
    if len(unknown) == len(rows) and rows:
        raise AuditError(f"none of its {len(rows)} ids is one of this audit: is it the sheet of another one (audit.name=NAME)?")
    if unknown:
        places = listing([f"{row[ID].strip()[:20]!r} in row {row.number}" for row in unknown])
        raise AuditError(f"there is no item with the id {places}: ids stay as they were exported")


def _require_unique_ids(rows: Sequence[Row], rater: str) -> None:
    counts = Counter(row[ID].strip() for row in rows)
    twice = [row.number for row in rows if counts[row[ID].strip()] > 1]
    if twice:
        raise AuditError(f"{_rows(twice)} answering one item twice for {rater}: leave one row per item")


def _require_all_items(rows: Sequence[Row], items: Mapping[str, Item], *, partial: bool) -> None:
    present = {row[ID].strip() for row in rows}
    missing = [ident for ident in items if ident not in present]
    if missing and not partial:
        raise AuditError(
            f"{len(missing)} of {len(items)} rows are missing ({listing(missing)}); audit.partial=true takes the others"
        )


def _require_unchanged_questions(audit: Audit, rows: Sequence[Row], items: Mapping[str, Item]) -> None:
    cells = {ident: dict(zip(QUESTION_COLUMNS, question_cells(audit, item), strict=True)) for ident, item in items.items()}
    for column in (TEXT, CRITERION):
        changed = [row.number for row in rows if _plain(row[column]) != _plain(cells[row[ID].strip()][column])]
        if changed:
            raise AuditError(f"{_rows(changed)} with another {column} than was exported: its answer is not one to the sample")


def _plain(text: str) -> str:
    """The text without what spreadsheets change: line ends, control characters, an apostrophe before a formula."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split()).lstrip("' ")


def _answer(audit: Audit, item: Item, row: Row, rater: str) -> Answer:
    marked = []
    for label in audit.labels.ids:
        cell = row[shows_column(label)].strip().casefold()
        if cell in MARKS:
            marked.append(label)
        elif cell not in NO_MARKS:
            raise AuditError(f"row {row.number}: {shows_column(label)!r} must be yes or empty, got {cell[:40]!r}")
    answer = Answer(item.id, rater, row[VERDICT].strip().casefold(), frozenset(marked), row[NOTE].strip())
    try:
        return checked_answer(answer, item, audit.labels)
    except AuditError as error:
        raise AuditError(f"row {row.number}: {error}") from error


def _rows(numbers: Sequence[int]) -> str:
    return f"row{'s' * (len(numbers) > 1)} {listing(list(numbers))}"
