"""The predictions of one split: enough to resample texts and to try any threshold later."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from synthsweep.evaluate.decisions import decide
from synthsweep.examples import UNKNOWN, Example, label_matrix
from synthsweep.storage.parquet import read_table

# Where a file says that each text carries exactly one label.
KIND = b"synthsweep.labels.kind"

# How the column of a subgroup begins in the file.
SUBGROUP = "subgroup/"


@dataclass(frozen=True)
class Predictions:
    """`truth` and `probabilities` are (examples, criteria), in the order of `ids` and of `label_ids`.

    `truth` is 0 or 1, or UNKNOWN where nobody decided; `kind` is that of the label set. `subgroups` maps a column to the
    value of each example, in the same order.
    """

    split: str
    label_ids: tuple[str, ...]
    ids: tuple[str, ...]
    groups: tuple[str | None, ...]
    truth: np.ndarray
    probabilities: np.ndarray
    subgroups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    kind: str = "multi"

    @cached_property
    def known(self) -> np.ndarray:
        """(examples, criteria), False where nobody decided."""
        return np.asarray(self.truth != UNKNOWN)

    def column(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """Truth and probabilities of one criterion, of the examples on which somebody decided."""
        known = self.known[:, index]
        return self.truth[known, index], self.probabilities[known, index]

    def decided(self, thresholds: np.ndarray) -> np.ndarray:
        """(examples, criteria), True where a criterion is predicted (see `decide`)."""
        return decide(self.probabilities, thresholds, self.kind)


def predictions_of(
    split: str, examples: Sequence[Example], label_ids: Sequence[str], probabilities: np.ndarray, kind: str = "multi"
) -> Predictions:
    """The examples' ids, groups and truth beside their probabilities; no text."""
    return Predictions(
        split=split,
        label_ids=tuple(label_ids),
        ids=tuple(example.id for example in examples),
        groups=tuple(example.group for example in examples),
        truth=np.array(label_matrix(examples, label_ids), dtype=int),
        probabilities=probabilities,
        subgroups=_subgroups(examples),
        kind=kind,
    )


def _subgroups(examples: Sequence[Example]) -> dict[str, tuple[str, ...]]:
    """The columns that every example has a value of."""
    rows = [dict(example.subgroups) for example in examples]
    columns = [column for column in (rows[0] if rows else {}) if all(column in row for row in rows)]
    return {column: tuple(row[column] for row in rows) for column in columns}


def write_parquet(splits: Sequence[Predictions], path: Path) -> None:
    """One row per example: split, id, group; `truth/LABEL` and `probability/LABEL` (float64) per criterion.

    Truth is 0 or 1, and null where nobody decided. `subgroup/COLUMN` is the value of a column, null in a split without it.
    """
    import pyarrow
    import pyarrow.parquet

    def table(found: Predictions) -> "pyarrow.Table":
        columns: dict[str, object] = {
            "split": [found.split] * len(found.ids),
            "id": list(found.ids),
            "group": pyarrow.array(found.groups, type=pyarrow.string()),
        }
        for index, label in enumerate(found.label_ids):
            unknown = ~found.known[:, index]
            columns[f"truth/{label}"] = pyarrow.array(found.truth[:, index], type=pyarrow.int8(), mask=unknown)
            columns[f"probability/{label}"] = found.probabilities[:, index].astype(float)
        for column in named:
            values = found.subgroups.get(column, (None,) * len(found.ids))
            columns[f"{SUBGROUP}{column}"] = pyarrow.array(values, type=pyarrow.string())
        return pyarrow.table(columns)

    named = list(dict.fromkeys(column for found in splits for column in found.subgroups))
    whole = pyarrow.concat_tables([table(found) for found in splits])
    kind = splits[0].kind
    pyarrow.parquet.write_table(whole if kind == "multi" else whole.replace_schema_metadata({KIND: kind}), path)


def read_parquet(path: Path) -> dict[str, Predictions]:
    """The predictions that `write_parquet` wrote, by split.

    Raises:
        ValueError: the file holds no predictions.
    """
    import pyarrow

    try:
        table = read_table(path)
        splits = np.array(table.column("split").to_pylist())
        labels = tuple(name.partition("/")[2] for name in table.column_names if name.startswith("truth/"))
        columns = [table.column(f"truth/{label}").fill_null(UNKNOWN).to_numpy() for label in labels]
        truth, kind = np.column_stack(columns).astype(int), (table.schema.metadata or {}).get(KIND, b"multi").decode()
        probabilities = np.column_stack([table.column(f"probability/{label}").to_numpy() for label in labels])
        ids, groups = table.column("id").to_pylist(), table.column("group").to_pylist()
        named = {
            name.removeprefix(SUBGROUP): table.column(name).to_pylist()
            for name in table.column_names
            if name.startswith(SUBGROUP)
        }
    except (pyarrow.ArrowException, KeyError, OSError, ValueError) as error:
        raise ValueError(f"{path.name} holds no predictions: {error}") from error
    found: dict[str, Predictions] = {}
    for split in dict.fromkeys(splits.tolist()):
        rows = np.flatnonzero(splits == split)
        values = {column: tuple(cells[row] for row in rows) for column, cells in named.items()}
        subgroups = {column: cells for column, cells in values.items() if None not in cells}
        own_ids, own_groups = (tuple(of[row] for row in rows) for of in (ids, groups))
        found[split] = Predictions(split, labels, own_ids, own_groups, truth[rows], probabilities[rows], subgroups, kind)
    return found
