"""The scores of each arm: means over its blocks, with their spread; pure."""

from collections.abc import Mapping, Sequence

import numpy as np

from synthsweep.compare.grid import Grid
from synthsweep.compare.result.effects import MACRO, METRICS, MICRO
from synthsweep.compare.result.supplements import ArmScores

CORRECTED = "average_precision_corrected"


def arm_scores(grid: Grid, scores: np.ndarray, corrected: Mapping[str, np.ndarray]) -> tuple[ArmScores, ...]:
    """`scores` is (cells, blocks, metrics, criteria and macro and micro), as `score_cells` returns it.

    `corrected` maps cells to their average precision without the bias of the test set's size, (blocks, criteria and macro and
    micro); it is not known of micro.
    """
    criteria = (*grid.labels, MACRO, MICRO)
    return tuple(
        ArmScores(
            arm=cell.name,
            assignment=dict(cell.assignment),
            runs=len(cell.runs),
            scores=_by_name(scores[place], criteria) | _corrected(corrected.get(cell.name), criteria),
            facts=cell.facts,
        )
        for place, cell in enumerate(grid.cells)
    )


def _by_name(scores: np.ndarray, criteria: Sequence[str]) -> dict[str, tuple[float | None, float | None]]:
    return {
        f"{metric}/{criterion}": _mean_and_spread(scores[:, row, column])
        for row, metric in enumerate(METRICS)
        for column, criterion in enumerate(criteria)
    }


def _corrected(values: np.ndarray | None, criteria: Sequence[str]) -> dict[str, tuple[float | None, float | None]]:
    if values is None:
        return {}
    return {
        f"{CORRECTED}/{criterion}": _mean_and_spread(values[:, column])
        for column, criterion in enumerate(criteria)
        if criterion != MICRO
    }


def _mean_and_spread(values: np.ndarray) -> tuple[float | None, float | None]:
    defined = values[~np.isnan(values)]
    if not len(defined):
        return None, None
    return float(defined.mean()), float(defined.std(ddof=1)) if len(defined) > 1 else None
