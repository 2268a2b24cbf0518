"""The predictions of one split: enough to resample texts and to try any threshold later."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from synthsweep.examples import Example, label_matrix


@dataclass(frozen=True)
class Predictions:
    """`truth` and `probabilities` are (examples, criteria), in the order of `ids` and of `label_ids`."""

    split: str
    label_ids: tuple[str, ...]
    ids: tuple[str, ...]
    groups: tuple[str | None, ...]
    truth: np.ndarray
    probabilities: np.ndarray


def predictions_of(split: str, examples: Sequence[Example], label_ids: Sequence[str], probabilities: np.ndarray) -> Predictions:
    """The examples' ids, groups and truth beside their probabilities; no text."""
    return Predictions(
        split=split,
        label_ids=tuple(label_ids),
        ids=tuple(example.id for example in examples),
        groups=tuple(example.group for example in examples),
        truth=np.array(label_matrix(examples, label_ids), dtype=int),
        probabilities=probabilities,
    )


def write_parquet(splits: Sequence[Predictions], path: Path) -> None:
    """One row per example: split, id, group; `truth/LABEL` (0 or 1) and `probability/LABEL` (float64) per criterion."""
    import pyarrow
    import pyarrow.parquet

    def table(found: Predictions) -> "pyarrow.Table":
        columns: dict[str, object] = {
            "split": [found.split] * len(found.ids),
            "id": list(found.ids),
            "group": pyarrow.array(found.groups, type=pyarrow.string()),
        }
        for index, label in enumerate(found.label_ids):
            columns[f"truth/{label}"] = pyarrow.array(found.truth[:, index], type=pyarrow.int8())
            columns[f"probability/{label}"] = found.probabilities[:, index].astype(float)
        return pyarrow.table(columns)

    pyarrow.parquet.write_table(pyarrow.concat_tables([table(found) for found in splits]), path)


def read_parquet(path: Path) -> dict[str, Predictions]:
    """The predictions that `write_parquet` wrote, by split.

    Raises:
        ValueError: the file holds no predictions.
    """
    import pyarrow
    import pyarrow.parquet

    try:
        table = pyarrow.parquet.read_table(path)
        splits = np.array(table.column("split").to_pylist())
        labels = tuple(name.partition("/")[2] for name in table.column_names if name.startswith("truth/"))
        truth = np.column_stack([table.column(f"truth/{label}").to_numpy() for label in labels]).astype(int)
        probabilities = np.column_stack([table.column(f"probability/{label}").to_numpy() for label in labels])
        ids, groups = table.column("id").to_pylist(), table.column("group").to_pylist()
    except (pyarrow.ArrowException, KeyError, OSError, ValueError) as error:
        raise ValueError(f"{path.name} holds no predictions: {error}") from error
    found: dict[str, Predictions] = {}
    for split in dict.fromkeys(splits.tolist()):
        rows = np.flatnonzero(splits == split)
        found[split] = Predictions(
            split, labels, tuple(ids[row] for row in rows), tuple(groups[row] for row in rows), truth[rows], probabilities[rows]
        )
    return found
