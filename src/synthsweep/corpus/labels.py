"""The label set of a run: from the configuration, or from the columns of the data."""

from collections.abc import Mapping, Sequence
from typing import Any

from synthsweep.config.keys.texts import DataConfig, LabelsConfig
from synthsweep.corpus.load import SourceTable
from synthsweep.errors import DataError
from synthsweep.examples import Criterion, LabelSet

TRUTHS = {"0": 0, "1": 1, "0.0": 0, "1.0": 1, "false": 0, "true": 1}


def as_label(value: Any) -> int | None:
    """0 or 1, however it is written; None for anything else."""
    return TRUTHS.get(str(value).strip().lower())


def as_labels(value: Any) -> list[str]:
    """The labels of one cell of a list column: a list, or names separated by semicolons, commas or bars."""
    if value is None:
        return []
    if isinstance(value, str):
        for separator in ("|", ","):
            value = value.replace(separator, ";")
        value = value.split(";")
    return [str(label).strip() for label in value if str(label).strip()]


def label_set(labels: LabelsConfig, data: DataConfig, tables: Mapping[str, SourceTable]) -> LabelSet:
    """The label set of a run.

    Raises:
        DataError: no labels are configured, and no column of the data looks like one.
        ConfigError: an id cannot be part of a metric's name.
    """
    ids = labels.ids if labels.ids is not None else _detect_labels(data, list(tables.values()))
    criteria = tuple(Criterion(label, labels.names.get(label, ""), labels.descriptions.get(label, "")) for label in ids)
    return LabelSet(labels.name, criteria, labels.text_kind)


def _detect_labels(data: DataConfig, tables: Sequence[SourceTable]) -> list[str]:
    first = tables[0]
    if data.label_column:
        for table in tables:
            require_column("data.label_column", data.label_column, table)
        cells = [cell for table in tables for cell in table.columns[data.label_column]]
        labels = sorted({label for cell in cells for label in as_labels(cell)})
        place = f"column {data.label_column}"
    else:
        reserved = {data.text, data.id or "id", data.group, *data.subgroups}
        candidates = [name for name in first.columns if name not in reserved]
        labels = [name for name in candidates if _is_label_column(name, tables)]
        place = f"columns ({', '.join(first.columns)}){_two_valued_column(candidates, first)}"
    if not labels:
        raise DataError(
            f"labels=from_data found no label in the {place} of {first.source}: it takes columns of 0 and 1; "
            "name a list column with data.label_column=NAME, or the labels with labels.ids=[A,B]"
        )
    return labels


def require_column(key: str, column: str, table: SourceTable) -> None:
    """Checks that the table has the column.

    Raises:
        DataError: it does not; the message lists its columns.
    """
    if column not in table.columns:
        raise DataError(f"{key}={column}: {table.source} has no such column; it has {', '.join(table.columns)}")


def _is_label_column(name: str, tables: Sequence[SourceTable]) -> bool:
    """Whether most values are 0 or 1. A few other values do not exclude a column: validation names their rows."""
    values = [value for table in tables for value in table.columns.get(name, [])]
    return 2 * sum(as_label(value) is not None for value in values) > len(values)


def _two_valued_column(candidates: Sequence[str], table: SourceTable) -> str:
    """A hint at a column that would be a label if it were written as 0 and 1."""
    for name in candidates:
        words = sorted({str(value).strip() for value in table.columns[name]} - {"", "None"})
        if len(words) == 2 and len(table) > 2:
            return f", where {name} holds {words[0]!r} and {words[1]!r} (write 0 and 1),"
    return ""
