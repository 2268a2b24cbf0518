"""The scores of each arm: means over its blocks, with their spread; pure."""

from collections.abc import Sequence

import numpy as np

from synthsweep.compare.grid import Grid
from synthsweep.compare.result import MACRO, METRICS, MICRO, ArmScores


def arm_scores(grid: Grid, scores: np.ndarray) -> tuple[ArmScores, ...]:
    """`scores` is (cells, blocks, metrics, criteria and macro and micro), as `score_cells` returns it."""
    criteria = (*grid.labels, MACRO, MICRO)
    return tuple(
        ArmScores(
            arm=cell.name,
            assignment=dict(cell.assignment),
            runs=len(cell.runs),
            scores=_by_name(scores[place], criteria),
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


def _mean_and_spread(values: np.ndarray) -> tuple[float | None, float | None]:
    defined = values[~np.isnan(values)]
    if not len(defined):
        return None, None
    return float(defined.mean()), float(defined.std(ddof=1)) if len(defined) > 1 else None
