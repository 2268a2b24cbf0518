"""The predictions of one split: all that later comparison needs to resample texts and try any threshold."""

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
    """One row an example: split, id, group, `truth/LABEL` (0 or 1) and `probability/LABEL` (float64) a criterion."""
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
