"""The predictions of one split: enough to resample texts and to try any threshold later."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from synthsweep.evaluate.decisions import decide
from synthsweep.examples import UNKNOWN, Example, label_matrix
from synthsweep.storage.parquet import read_table

if TYPE_CHECKING:
    import pyarrow

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


def read_parquet(path: Path, wanted: Callable[[str], bool] = lambda split: True) -> dict[str, Predictions]:
    """The predictions that `write_parquet` wrote, by split; splits that are not `wanted` are left out.

    Raises:
        ValueError: the file holds no predictions.
    """
    import pyarrow

    try:
        table = read_table(path)
        splits = table.column("split").combine_chunks().dictionary_encode()
        codes = splits.indices.to_numpy()
        rows = {split: np.flatnonzero(codes == code) for code, split in enumerate(splits.dictionary.to_pylist())}
        return {split: _of_rows(split, table, of_split) for split, of_split in rows.items() if wanted(split)}
    except (pyarrow.ArrowException, KeyError, OSError, ValueError) as error:
        raise ValueError(f"{path.name} holds no predictions: {error}") from error


def _of_rows(split: str, table: "pyarrow.Table", rows: np.ndarray) -> Predictions:
    together = rows[-1] - rows[0] + 1 == len(rows)
    part = table.slice(int(rows[0]), len(rows)) if together else table.take(rows)
    labels = tuple(name.partition("/")[2] for name in part.column_names if name.startswith("truth/"))
    truths = [part.column(f"truth/{label}").fill_null(UNKNOWN).to_numpy() for label in labels]
    values = {name: tuple(part.column(name).to_pylist()) for name in part.column_names if name.startswith(SUBGROUP)}
    return Predictions(
        split=split,
        label_ids=labels,
        ids=tuple(part.column("id").to_pylist()),
        groups=tuple(part.column("group").to_pylist()),
        truth=np.column_stack(truths).astype(int),
        probabilities=np.column_stack([part.column(f"probability/{label}").to_numpy() for label in labels]),
        subgroups={name.removeprefix(SUBGROUP): cells for name, cells in values.items() if None not in cells},
        kind=(table.schema.metadata or {}).get(KIND, b"multi").decode(),
    )
