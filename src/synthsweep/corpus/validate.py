"""Turns rows into examples, or names the rows that break a rule; then checks the parts against each other."""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from synthsweep.config.keys.texts import DataConfig
from synthsweep.config.test_sets import is_test
from synthsweep.corpus.labels import as_label, as_labels, require_column
from synthsweep.corpus.load import SourceTable
from synthsweep.corpus.split import Split
from synthsweep.corpus.subgroups import subgroups_of
from synthsweep.errors import DataError
from synthsweep.examples import Example, LabelSet, labels_without_positive, text_key
from synthsweep.messages import listing

log = logging.getLogger(__name__)


def to_examples(table: SourceTable, data: DataConfig, labels: LabelSet, *, part: str) -> tuple[Example, ...]:
    """One example per row.

    Raises:
        DataError: a column is missing, or rows hold an empty text, a label other than 0 and 1, an unknown label, a repeated id.
    """
    _require_columns(table, data, labels)
    texts = ["" if text is None else str(text).strip() for text in table.columns[data.text]]
    _refuse(table, (row for row, text in enumerate(texts) if not text), f"{data.text} is empty", "remove them or fill them in")
    groups = _groups(table, data)
    return tuple(
        Example(id=ident, text=text, labels=found, group=group, subgroups=values)
        for ident, text, found, group, values in zip(
            _ids(table, data, part),
            texts,
            _labels(table, data, labels),
            groups,
            subgroups_of(table, data, labels, part),
            strict=True,
        )
    )


def _require_columns(table: SourceTable, data: DataConfig, labels: LabelSet) -> None:
    wanted = {"data.text": data.text, "data.id": data.id, "data.group": data.group, "data.label_column": data.label_column}
    for name, column in wanted.items():
        if column:
            require_column(name, column, table)
    missing = [] if data.label_column else [label for label in labels.ids if label not in table.columns]
    if missing:
        raise DataError(
            f"labels.ids: {table.source} has no column {listing(missing)}; it has {', '.join(table.columns)}: "
            "set labels=from_data, or labels.ids=[A,B], or data.label_column=NAME"
        )


def _ids(table: SourceTable, data: DataConfig, part: str) -> list[str]:
    column = data.id or ("id" if "id" in table.columns else None)
    if column is None:
        return [f"{part}-{row + table.first_row}" for row in range(len(table))]
    ids = ["" if value is None else str(value).strip() for value in table.columns[column]]
    _refuse(table, (row for row, ident in enumerate(ids) if not ident), f"{column} is empty", "give each row an id")
    counts = Counter(ids)
    repeated = (row for row, ident in enumerate(ids) if counts[ident] > 1)
    _refuse(table, repeated, f"{column} is not unique", "give each row its own id, or another column with data.id=NAME")
    return ids


def _groups(table: SourceTable, data: DataConfig) -> list[str | None]:
    if not data.group:
        return [None] * len(table)
    groups = ["" if value is None else str(value).strip() for value in table.columns[data.group]]
    _refuse(table, (row for row, group in enumerate(groups) if not group), f"{data.group} is empty", "name each row's group")
    return list(groups)


def _labels(table: SourceTable, data: DataConfig, labels: LabelSet) -> list[frozenset[str]]:
    if data.label_column:
        cells = [as_labels(cell) for cell in table.columns[data.label_column]]
        unknown = sorted({label for cell in cells for label in cell} - set(labels.ids))
        rows = [row for row, cell in enumerate(cells) if set(cell) & set(unknown)]
        _refuse(table, rows, f"{data.label_column} has a label {listing(unknown)} that labels.ids lacks", "add or remove it")
        return [frozenset(cell) for cell in cells]
    columns = {label: [as_label(value) for value in table.columns[label]] for label in labels.ids}
    for label, values in columns.items():
        rows = [row for row, value in enumerate(values) if value is None]
        received = repr(table.columns[label][rows[0]])[:40] if rows else ""
        _refuse(table, rows, f"{label} must be 0 or 1, got {received}", "mend them, or leave the label out of labels.ids")
    return [frozenset(label for label in labels.ids if columns[label][row]) for row in range(len(table))]


def _refuse(table: SourceTable, rows: Iterable[int], rule: str, way_out: str) -> None:
    numbers = [row + table.first_row for row in rows]
    if numbers:
        raise DataError(f"data: {table.source} row{'s' if len(numbers) > 1 else ''} {listing(numbers)}: {rule}; {way_out}")


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
