"""The labels of a run: from the configuration, or from the columns of the data."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

from synthsweep.config.keys.texts import DataConfig, LabelsConfig
from synthsweep.corpus.alike import alike, shown_alike
from synthsweep.corpus.files.table import ROW, BadRows, SourceTable, require_column
from synthsweep.corpus.label_forms.cells import as_label
from synthsweep.corpus.label_forms.columns import ColumnLook, choose, look_at, reading_of
from synthsweep.corpus.label_forms.lists import ListForm, list_form
from synthsweep.corpus.reading import LabelReading
from synthsweep.errors import ConfigError, DataError
from synthsweep.examples import Criterion, LabelSet
from synthsweep.messages import listing

# Where Prodigy says whether a person agrees.
ANSWER, PRODIGY = "answer", frozenset({"accept", "reject", "ignore"})
# The names that a column of classes usually has, in the order in which they are looked for.
USUAL_NAMES = ("label", "labels", "class", "category", "target")


def read_labels(labels: LabelsConfig, data: DataConfig, tables: Mapping[str, SourceTable]) -> LabelReading:
    """How the labels of a run are read.

    Raises:
        DataError: no labels are configured, and no column of the data looks like one.
        ConfigError: an id cannot be part of a metric's name, or keys contradict each other.
    """
    every = list(tables.values())
    column = data.label_column
    if labels.kind == "single":
        if data.missing_labels == "negative":
            raise ConfigError("data.missing_labels=negative needs labels.kind=multi: a text without a class has none to be")
        column = column or _class_column(labels, data, every)
    if not column:
        return _from_columns(labels, data, every)
    for table in every:
        require_column("data.label_column", column, table)
    form, told = _form(column, every, labels.ids, labels.kind)
    ids = labels.ids if labels.ids is not None else _listed(labels, column, form, every)
    kind = ("class", "classes") if labels.kind == "single" else ("label", "labels")
    note = f"labels: {len(ids)} {kind[len(ids) != 1]} read from column {column} ({told}): {listing(ids, 40)}"
    return LabelReading(_label_set(labels, ids), column, form, notes=(note,), warnings=_of_labels(ids, every))


def _of_labels(ids: Sequence[str], tables: Sequence[SourceTable]) -> tuple[str, ...]:
    """What a person should know of the labels: those that look alike, and answers that say that a label is wrong."""
    same = alike(ids)
    said = [f"labels: {shown_alike(same)} are different labels, as they are written"] if same else []
    answers = Counter(str(cell) for cell in _cells(ANSWER, tables) if cell is not None)
    if set(answers) <= PRODIGY and set(answers) - {"accept"}:
        counts = ", ".join(f"{word} {count}" for word, count in sorted(answers.items()))
        said.append(f"column {ANSWER} ({counts}) is not read: remove rows whose label was not accepted")
    return tuple(said)


def reading_of_table(labels: LabelSet, data: DataConfig, table: SourceTable) -> LabelReading:
    """How one table alone suggests to read these labels."""
    if data.label_column is None:
        return LabelReading(labels, worded=_worded([look_at(label, table.columns.get(label, [])) for label in labels.ids]))
    return LabelReading(labels, data.label_column, _form(data.label_column, [table], labels.ids, labels.kind)[0])


def _worded(looks: Iterable[ColumnLook]) -> frozenset[str]:
    return frozenset(look.name for look in looks if look.words)


def _form(column: str, tables: Sequence[SourceTable], ids: Sequence[str] | None, kind: str) -> tuple[ListForm, str]:
    classes = next((table.classes[column] for table in tables if column in table.classes), ())
    return list_form(_cells(column, tables), ids=ids, classes=classes, single=kind == "single")


def label_set(labels: LabelsConfig, data: DataConfig, tables: Mapping[str, SourceTable]) -> LabelSet:
    """The label set of a run; it raises what read_labels raises."""
    return read_labels(labels, data, tables).labels if tables else _label_set(labels, labels.ids or [])


def _label_set(labels: LabelsConfig, ids: Sequence[str]) -> LabelSet:
    criteria = tuple(Criterion(label, labels.names.get(label, ""), labels.descriptions.get(label, "")) for label in ids)
    return LabelSet(labels.name, criteria, labels.text_kind, "single" if labels.kind == "single" else "multi")


def _cells(column: str, tables: Iterable[SourceTable]) -> list[Any]:
    return list(chain.from_iterable(table.columns.get(column, []) for table in tables))


def _listed(labels: LabelsConfig, column: str, form: ListForm, tables: Sequence[SourceTable]) -> list[str]:
    """The labels that the cells of a column name, and the keys of its objects."""
    source = tables[0].source
    if form.vector is not None:
        raise DataError(
            f"data.label_column={column}: {source} holds vectors of 0 and 1, without names: "
            "name their places in order with labels.ids=[A,B]"
        )
    found = sorted({*form.keys, *(name for cell in _cells(column, tables) for name in form.read(cell).labels)})
    if all(as_label(name) is not None for name in found):
        _refuse_unreadable(column, form, tables)
    if not found and labels.kind == "single":
        raise DataError(f"data.label_column={column}: no row of {source} has a class; name another column")
    if not found:
        raise _no_label(f"column {column}", source)
    if labels.kind == "multi" and all(as_label(name) is not None for name in found):
        raise DataError(
            f"data.label_column={column}: {source} holds only {listing(found)}, which names no label: leave data.label_column "
            f"out to read {column} as one label of 0 and 1, or set labels.kind=single to read them as classes"
        )
    return found


def _refuse_unreadable(column: str, form: ListForm, tables: Sequence[SourceTable]) -> None:
    """Raises DataError with the cells that are not lists, if there are any."""
    for table in tables:
        bad = BadRows()
        for row, cell in enumerate(table.columns[column]):
            for problem in form.read(cell).problems:
                bad.add(table.row(row), f"{column}: {problem.rule}", problem.way_out, problem.key)
        bad.raise_for(f"data: {table.source}")


def _no_label(place: str, source: str) -> DataError:
    return DataError(
        f"labels=from_data found no label in the {place} of {source}: it takes columns of 0 and 1; "
        "name a list column with data.label_column=NAME, or the labels with labels.ids=[A,B]"
    )


def _candidates(data: DataConfig, table: SourceTable) -> list[str]:
    reserved = {data.text, data.id or "id", data.group, *data.subgroups, "id" if data.id == ROW else None}
    return [name for name in table.columns if name not in reserved]


def _class_column(labels: LabelsConfig, data: DataConfig, tables: Sequence[SourceTable]) -> str | None:
    """The column of classes of a run with one class per text; None where each class has a column of 0 and 1."""
    names = _candidates(data, tables[0])
    if labels.ids and set(labels.ids) <= set(names):
        return None
    usual = [name for usual in USUAL_NAMES for name in names if name.lower() == usual]
    if len(usual) == 1 or len(names) == 1:
        return (usual or names)[0]
    if not usual and len(choose([look_at(name, _cells(name, tables)) for name in names])[0]) > 1:
        return None
    raise DataError(
        f"labels.kind=single: {tables[0].source} has several columns that may hold the class ({', '.join(usual or names)}): "
        "name it with data.label_column=NAME, or columns of 0 and 1 with labels.ids=[A,B]"
    )


def _from_columns(labels: LabelsConfig, data: DataConfig, tables: Sequence[SourceTable]) -> LabelReading:
    first = tables[0]
    if labels.ids is not None:
        named = [look_at(label, _cells(label, tables)) for label in labels.ids if label in first.columns]
        note = f"labels: {reading_of(named)}, as labels.ids names them"
        return LabelReading(_label_set(labels, labels.ids), worded=_worded(named), notes=(note,))
    looks = [look_at(name, _cells(name, tables)) for name in _candidates(data, first)]
    taken, left = choose(looks)
    if not taken:
        described = f" ({'; '.join(f'{look.name}: {look.reason}' for look in left[:6])})" if left else ""
        raise _no_label(f"columns ({', '.join(first.columns)}){described}", first.source)
    note = f"labels: {reading_of(taken)}{_binary(taken, tables)}"
    more = f" and {len(left) - 12} more" * (len(left) > 12)
    notes = [note, f"columns not read as labels: {'; '.join(f'{one.name} ({one.reason})' for one in left[:12])}{more}"]
    return LabelReading(
        _label_set(labels, [look.name for look in taken]),
        worded=_worded(taken),
        notes=(*notes[: 1 + bool(left)], *([] if data.group else _possible_groups(left))),
        warnings=(*_doubts(left, tables), *_of_labels([look.name for look in taken], tables)),
    )


def _binary(taken: Sequence[ColumnLook], tables: Sequence[SourceTable]) -> str:
    """What 1 stands for in columns of two numbered classes."""
    named = {
        name: classes for table in tables for name, classes in table.classes.items() if name in {look.name for look in taken}
    }
    return "".join(f"; in {name}, 1 is {both[1]} and 0 is {both[0]}" for name, both in named.items() if len(both) == 2)


def _possible_groups(left: Sequence[ColumnLook]) -> list[str]:
    """Columns that may name whom a text is about: texts of one child in two parts would make every score too good."""
    return [
        f"column {look.name} has {len(look.others)} values on {look.filled} texts: if it says whom a text is about (a child), "
        f"add data.group={look.name}, which keeps the texts of each in one part"
        for look in left
        if look.repeats
    ]


def _doubts(left: Sequence[ColumnLook], tables: Sequence[SourceTable]) -> list[str]:
    """Columns that a person may have meant as labels."""
    way_out = "write 0 and 1, or name all labels with labels.ids=[A,B]"
    doubts = [
        f"column {look.name} is not read as a label: {look.reason}; if it is one, {way_out}"
        for look in left
        if look.near or look.is_worded
    ]
    known = set(tables[0].columns)
    later = sorted({name for table in tables[1:] for name in table.columns} - known)
    return doubts + [f"column {name} is not in {tables[0].source}: it is not read as a label" for name in later]
