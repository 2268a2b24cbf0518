"""The columns by whose values test is scored too."""

import logging
from collections import Counter
from typing import Any

from synthsweep.config.keys.texts import DataConfig
from synthsweep.corpus.files.table import SourceTable, require_column
from synthsweep.errors import DataError
from synthsweep.examples import LabelSet
from synthsweep.messages import listing
from synthsweep.pages.numbers import counted

log = logging.getLogger(__name__)

# Of texts without a value.
MISSING = "missing"
# With more values, a column is rather an identifier, and each of them would have metrics of its own.
MOST_VALUES = 20


def subgroups_of(table: SourceTable, data: DataConfig, labels: LabelSet, part: str) -> list[tuple[tuple[str, str], ...]]:
    """(column, value) pairs of each row, as Example has them.

    Raises:
        DataError: there is no such column, it is a label, its cells hold lists, or it has too many values.
    """
    # Of texts that are never tested, nobody needs the value.
    tested = part not in {"train", "dev"} or not data.files.test_sets
    named = [column for column in data.subgroups if tested or column in table.columns]
    columns = {column: _values(column, table, data, labels) for column in named}
    return [tuple((column, values[row]) for column, values in columns.items()) for row in range(len(table))]


def _values(column: str, table: SourceTable, data: DataConfig, labels: LabelSet) -> list[str]:
    require_column("data.subgroup", column, table)
    if column in labels.ids and not data.label_column:
        raise DataError(f"data.subgroup={column}: this column is a label; leave it out of labels.ids, or name another column")
    cells = table.columns[column]
    nested = [table.row(row) for row, cell in enumerate(cells) if isinstance(cell, (list, dict))]
    if nested:
        raise DataError(f"data: {table.source} row {listing(nested)}: {column} must be one value; name another data.subgroup")
    values = [_value(cell) for cell in cells]
    _require_few(column, table, [value for value in values if value])
    if column == data.group:
        shown = listing(sorted(set(values)))
        log.warning("data.subgroup=%s is data.group, too: its values, as %s, stand in the names of metrics", column, shown)
    blank = values.count("")
    if blank:
        same = f", as {counted(values.count(MISSING), 'text')} that say so do" * (MISSING in values)
        count = f"{counted(blank, 'text')} without a value"
        log.warning("data.subgroup=%s: %s of %s count as %r%s", column, count, table.source, MISSING, same)
    return [value or MISSING for value in values]


def _value(cell: Any) -> str:
    """A value as it is written; empty for a gap."""
    missing = cell is None or (isinstance(cell, float) and cell != cell)
    return "" if missing else str(cell).strip()


def _require_few(column: str, table: SourceTable, values: list[str]) -> None:
    counts = Counter(values)
    own = len(counts) == len(values) > 2
    if len(counts) > MOST_VALUES or own:
        what = "each on one text" if own else f"at most {MOST_VALUES}"
        raise DataError(
            f"data.subgroup={column}: {table.source} has {len(counts)} values in it, {what}: it may be an identifier, "
            "which would stand in names of metrics; name a column of few groups, or make one (as age bands of an age)"
        )
