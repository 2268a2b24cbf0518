"""Turns rows into examples, or names the rows that break a rule; then checks the parts against each other."""

import difflib
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from synthsweep.config.keys.texts import DataConfig
from synthsweep.config.test_sets import is_test
from synthsweep.corpus.alike import STAND_INS, alike, is_invisible, shown_alike
from synthsweep.corpus.files.table import ROW, BadRows, SourceTable, listed_rows, require_column
from synthsweep.corpus.label_forms.cells import LabelCell, as_text, shown
from synthsweep.corpus.labels import reading_of_table
from synthsweep.corpus.reading import LabelReading
from synthsweep.corpus.split import Split
from synthsweep.corpus.subgroups import subgroups_of
from synthsweep.errors import DataError
from synthsweep.examples import Example, LabelSet, labels_without_positive, text_key
from synthsweep.messages import listing

log = logging.getLogger(__name__)

# U+FFFD stands for what a program could not read.
LOST = "�"


def to_examples(
    table: SourceTable, data: DataConfig, labels: LabelSet, *, part: str, reading: LabelReading | None = None
) -> tuple[Example, ...]:
    """One example per row; without a `reading`, the labels are read as this table alone suggests.

    Raises:
        DataError: a column is missing, or rows hold an empty text, a label other than 0 and 1, an unknown label, a repeated id.
    """
    _require_columns(table, data, labels, reading.column if reading else data.label_column)
    rows = _TableReader(table, data, reading or reading_of_table(labels, data, table))
    texts, ids, groups = rows.texts(), rows.ids(part), rows.groups()
    found = rows.labels()
    rows.bad.raise_for(f"data: {table.source}")
    rows.warn()
    # Most texts share their labels with others.
    sets = {names: frozenset(names) for cell in set(found) for names in (cell.labels, cell.unknown)}
    return tuple(
        Example(id=ident, text=text, labels=sets[cell.labels], group=group, unknown=sets[cell.unknown], subgroups=values)
        for ident, text, cell, group, values in zip(
            ids, texts, found, groups, subgroups_of(table, data, labels, part), strict=True
        )
    )


def _require_columns(table: SourceTable, data: DataConfig, labels: LabelSet, label_column: str | None) -> None:
    by_row = data.id == ROW and ROW not in table.columns
    wanted = {"data.text": data.text, "data.id": None if by_row else data.id, "data.group": data.group}
    for name, column in {**wanted, "data.label_column": label_column}.items():
        if column:
            require_column(name, column, table)
    missing = [] if label_column else [label for label in labels.ids if label not in table.columns]
    if missing:
        near = difflib.get_close_matches(missing[0], list(table.columns), n=1)
        meant = f"did you mean {near[0]}? Or " if near else ""
        raise DataError(
            f"labels.ids: {table.source} has no column {listing(missing)}; it has {', '.join(table.columns)}: "
            f"{meant}set labels=from_data, or labels.ids=[A,B], or data.label_column=NAME"
        )


@dataclass
class _TableReader:
    """Reads the rows of a table column by column, and gathers those that break a rule."""

    table: SourceTable
    data: DataConfig
    reading: LabelReading
    bad: BadRows = field(default_factory=BadRows)
    warnings: list[str] = field(default_factory=list)

    def texts(self) -> list[str]:
        """The texts."""
        texts = self._read(self.data.text, f"{self.data.text} is empty", "remove them or fill them in")
        given = self.table.columns[self.data.text]
        others = [row for row, value in enumerate(given) if value is not None and not isinstance(value, (str, bytes))]
        if others:
            kind = "true or false" if isinstance(given[others[0]], bool) else "a number or a date"
            self._warn_of(others, f"{self.data.text} is not a text but {kind}: read as {shown(texts[others[0]])}")
        self._warn_of_stand_ins(self.data.text, texts)
        lost = [row for row, text in enumerate(texts) if LOST in text]
        self._warn_of(lost, f"{LOST} stands for letters that an earlier program lost")
        return texts

    def ids(self, part: str) -> list[str]:
        """The ids, which are the numbers of the rows where no column has ids."""
        numbered = self.data.id == ROW and ROW not in self.table.columns
        column = None if numbered else self.data.id or ("id" if "id" in self.table.columns else None)
        if column is None:
            return [f"{part}-{self.table.row(row)}" for row in range(len(self.table))]
        ids = self._read(column, f"{column} is empty", "give each row an id")
        counts = Counter(filter(None, ids))
        way_out = "give each row its own id, or another column with data.id=NAME, or number the rows with data.id=row"
        self._refuse((row for row, ident in enumerate(ids) if counts[ident] > 1), f"{column} is not unique", way_out)
        return ids

    def groups(self) -> list[str | None]:
        """The groups; None for each row where there are none."""
        column = self.data.group
        if not column:
            return [None] * len(self.table)
        groups = self._read(column, f"{column} is empty", "name each row's group")
        self._warn_of_stand_ins(column, groups)
        same = alike(groups)
        if same:
            self.warnings.append(f"{column}: {shown_alike(same)} are different groups, as they are written")
        return [*groups]

    def labels(self) -> list[LabelCell]:
        """What each row says about the labels, with what is missing as data.missing_labels wants it."""
        cells, ids = self.reading.cells(self.table), self.reading.labels.ids
        known, where = set(ids), self.reading.column
        for row, cell in enumerate(cells):
            for problem in cell.problems:
                rule = f"{where}: {problem.rule}" if where else problem.rule
                self.bad.add(self.table.row(row), rule, problem.way_out, problem.key)
        unknown = sorted({label for cell in set(cells) for label in cell.labels} - known)
        strange = set(unknown)
        rows = (row for row, cell in enumerate(cells) if strange.intersection(cell.labels)) if strange else ()
        self._refuse(rows, f"{where} has a label {listing(unknown)} that labels.ids lacks", "add or remove it")
        return self._filled(cells, ids)

    def _filled(self, cells: list[LabelCell], ids: tuple[str, ...]) -> list[LabelCell]:
        gaps = [row for row, cell in enumerate(cells) if cell.unknown or cell.missing]
        if not gaps:
            return cells
        counts = Counter(label for row in gaps for label in (ids if cells[row].missing else cells[row].unknown))
        choice = self.data.missing_labels
        if choice == "refuse":
            whole = any(cells[row].missing for row in gaps)
            names = [str(self.reading.column)] if whole else [label for label in ids if counts[label]]
            choices = "ignore" if self.reading.labels.kind == "single" else "negative or ignore"
            leave = "" if self.reading.column else "leave it out with labels.ids, or "
            way_out = f"fill it in, or {leave}set data.missing_labels={choices}"
            self._refuse(gaps, f"no value of {listing(names)}", way_out)
            return cells
        means = {"negative": "read as negative", "ignore": "left open: neither positive nor negative"}[choice]
        listed = ", ".join(f"{label} {counts[label]}" for label in ids if counts[label])
        self.warnings.append(f"missing labels {means} (data.missing_labels={choice}), rows by label: {listed}")
        return [LabelCell(cell.labels, self._open(cell) if choice == "ignore" else ()) for cell in cells]

    def _open(self, cell: LabelCell) -> tuple[str, ...]:
        return self.reading.labels.ids if cell.missing else cell.unknown

    def warn(self) -> None:
        """Says what was converted."""
        for warning in self.warnings:
            log.warning("%s: %s", self.table.source, warning)

    def _read(self, column: str, empty: str, way_out: str) -> list[str]:
        """A column as text; its cells that are empty or no text are refused."""
        # Most cells are texts, and calls take time.
        values = [value.strip() if type(value) is str else as_text(value) for value in self.table.columns[column]]
        for row, value in enumerate(values):
            number = self.table.row(row)
            if value is None:
                received = shown(self.table.columns[column][row])
                self.bad.add(number, f"{column} is no text, got {received}", "write one text", f"{column} no text")
            elif not value:
                self.bad.add(number, empty, way_out)
            elif not value[0].isalnum() and is_invisible(value):
                self.bad.add(
                    number, f"{column} holds nothing that is seen, got {ascii(value)[:40]}", way_out, f"{column} unseen"
                )
            elif "\0" in value:
                self.bad.add(number, f"{column} holds a NUL byte", "remove it")
            elif not value.isascii() and _broken(value):
                self.bad.add(number, f"{column} holds half of a character (a lone surrogate)", "write it again as UTF-8")
        return [value or "" for value in values]

    def _warn_of_stand_ins(self, column: str, values: Sequence[str]) -> None:
        rows = [row for row, value in enumerate(values) if len(value) < 8 and value.lower() in STAND_INS]
        if rows:
            self._warn_of(rows, f"{column} is {values[rows[0]]!r}, which may stand for no value: read as it is written")

    def _refuse(self, rows: Iterable[int], rule: str, way_out: str) -> None:
        for row in rows:
            self.bad.add(self.table.row(row), rule, way_out)

    def _warn_of(self, rows: list[int], what: str) -> None:
        if rows:
            self.warnings.append(f"{listed_rows([self.table.row(row) for row in rows])}: {what}")


def _broken(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def checked_split(split: Split) -> Split:
    """The split without texts that would leak between parts; warns of those that are dropped.

    Raises:
        DataError: a group or an id is in two parts, or a part is empty.
    """
    _refuse_shared("id", split, lambda example: example.id, "give each row an id of its own, or another column with data.id")
    _refuse_shared(
        "group", split, lambda example: example.group, "its test texts would be judged by their own kin; move it into one part"
    )
    test, names = [example for examples in split.tests.values() for example in examples], " or ".join(split.tests)
    dev = _without(split.dev, test, "dev", names)
    train = _without(split.train, (*dev, *test), "train", f"dev or {names}")
    clean = replace(split, train=train, dev=dev)
    for part, examples in clean.parts.items():
        if not examples:
            raise DataError(
                f"data: the {part} part holds no example: give more data, or other data.dev_share and data.test_share"
            )
    return clean


def warn_of_missing_labels(split: Split, labels: LabelSet) -> None:
    """Warns of the labels without a positive example in a part, which cannot be learnt or measured there."""
    for part, examples in split.parts.items():
        missing = labels_without_positive(examples, labels.ids)
        if missing:
            effect = "cannot be learnt from real texts" if part == "train" else f"has no recall, F1 or AP on {part}"
            log.warning("no positive example of %s in %s: it %s", listing(missing, 20), part, effect)


def _refuse_shared(kind: str, split: Split, of: Callable[[Example], Any], way_out: str) -> None:
    homes: dict[str, str] = {}
    for part, examples in split.parts.items():
        for value in {of(example) for example in examples} - {None}:
            # Test sets are scored each by itself, so they may share texts.
            if value in homes and not (is_test(homes[value]) and is_test(part)):
                raise DataError(f"data: {kind} {value!r} stands in both {homes[value]} and {part}: {way_out}")
            homes[value] = part


def _without(examples: Sequence[Example], others: Sequence[Example], part: str, other: str) -> tuple[Example, ...]:
    seen = {text_key(example.text) for example in others}
    kept = tuple(example for example in examples if text_key(example.text) not in seen)
    dropped = len(examples) - len(kept)
    if dropped:
        log.warning("%d text%s of %s dropped: the same text stands in %s", dropped, "s" * (dropped > 1), part, other)
    return kept
