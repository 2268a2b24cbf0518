"""Decides the label set: the configuration's, or what the data's columns show."""

from collections.abc import Mapping, Sequence
from typing import Any

from synthsweep.config.schema import DataConfig, LabelsConfig
from synthsweep.corpus.load import Table
from synthsweep.errors import DataError
from synthsweep.examples import Criterion, LabelSet

TRUTHS = {"0": 0, "1": 1, "0.0": 0, "1.0": 1, "false": 0, "true": 1}


def as_label(value: Any) -> int | None:
    """0 or 1, however a file writes it; None for anything else."""
    return TRUTHS.get(str(value).strip().lower())


def as_labels(value: Any) -> list[str]:
    """The labels of one cell of a list column: a list, or names between semicolons, commas or bars."""
    if value is None:
        return []
    if isinstance(value, str):
        for separator in ("|", ","):
            value = value.replace(separator, ";")
        value = value.split(";")
    return [str(label).strip() for label in value if str(label).strip()]


def label_set(labels: LabelsConfig, data: DataConfig, tables: Mapping[str, Table]) -> LabelSet:
    """The label set of a run.

    Raises:
        DataError: nothing in the data looks like a label, and none is configured.
        ConfigError: an id cannot be part of a metric's name.
    """
    ids = labels.ids if labels.ids is not None else _found(data, list(tables.values()))
    criteria = tuple(Criterion(label, labels.names.get(label, ""), labels.descriptions.get(label, "")) for label in ids)
    return LabelSet(labels.name, criteria, labels.text_kind)


def _found(data: DataConfig, tables: Sequence[Table]) -> list[str]:
    if data.label_column:
        cells = [cell for table in tables for cell in table.columns.get(data.label_column, [])]
        found = sorted({label for cell in cells for label in as_labels(cell)})
        place = f"column {data.label_column}"
    else:
        taken = {data.text, data.id or "id", data.group}
        first = tables[0]
        found = [name for name in first.columns if name not in taken and _is_label_column(name, tables)]
        place = f"columns ({', '.join(first.columns)})"
    if not found:
        raise DataError(
            f"labels=from_data found no label in the {place} of {tables[0].source}: it takes columns of 0 and 1; "
            "name a list column with data.label_column=NAME, or the labels with labels.ids=[A,B]"
        )
    return found


def _is_label_column(name: str, tables: Sequence[Table]) -> bool:
    return all(name in table.columns and all(as_label(value) is not None for value in table.columns[name]) for table in tables)
