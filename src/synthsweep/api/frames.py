"""Rows as pandas data frames: a number is a number in every column, and undefined is NaN."""

from collections.abc import Iterable, Mapping, Sequence
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pandas import DataFrame

METRIC_ORDER = ("average_precision", "f1", "precision", "recall")
SPLITS = ("test", "dev")
AVERAGES = ("macro", "micro", "weighted")
# In the place of a criterion: for how many a metric is undefined.
COUNT_OF_UNDEFINED = "undefined"


def frame_of(rows: Sequence[Mapping[str, Any]], columns: Iterable[str]) -> "DataFrame":
    """A row per mapping. A column of numbers and None has NaN for None; in one that holds any text, None stays."""
    import pandas as pd

    values = {name: [row.get(name) for row in rows] for name in columns}
    return pd.DataFrame({name: pd.Series(cells, dtype=_dtype(cells)) for name, cells in values.items()})


def _dtype(cells: Sequence[Any]) -> type[Any]:
    known = [cell for cell in cells if cell is not None]
    complete = bool(known) and len(known) == len(cells)
    for kind, dtype in ((bool, bool), (Integral, int)):
        if complete and all(isinstance(cell, kind) for cell in cells):
            return dtype
    return float if all(isinstance(cell, Real) and not isinstance(cell, bool) for cell in known) else object


def level(text: str) -> float | int | str:
    """A factor's level as a number where it is one."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def metrics_frame(metrics: Mapping[str, float | None]) -> "DataFrame":
    """One row per split and criterion, then its averages; one column per metric. Support and the like are counts."""
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    names: dict[str, None] = {}
    for name, value in metrics.items():
        split, _, rest = name.partition("/")
        metric, _, criterion = rest.partition("/")
        if split in SPLITS and criterion not in {"", COUNT_OF_UNDEFINED}:
            names[metric] = None
            rows.setdefault((split, criterion), {"split": split, "criterion": criterion})[metric] = value
    ordered = sorted(rows, key=lambda place: (SPLITS.index(place[0]), _average_place(place[1])))
    return frame_of([rows[place] for place in ordered], ["split", "criterion", *sorted(names, key=_metric_place)])


def metric_columns(names: Iterable[str]) -> list[str]:
    """Names of metrics as MLflow has them: scores on test first, macro averages before criteria, then dev, then the others."""
    return sorted(dict.fromkeys(names), key=_column_place)


def _column_place(name: str) -> tuple[int, bool, tuple[int, str], str]:
    split, _, rest = name.partition("/")
    metric, _, criterion = rest.partition("/")
    place = SPLITS.index(split) if split in SPLITS else len(SPLITS)
    return (place, criterion != "macro", _metric_place(metric), name)


def _average_place(criterion: str) -> int:
    return AVERAGES.index(criterion) if criterion in AVERAGES else -1


def _metric_place(metric: str) -> tuple[int, str]:
    return (METRIC_ORDER.index(metric) if metric in METRIC_ORDER else len(METRIC_ORDER), metric)
