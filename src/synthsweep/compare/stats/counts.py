"""True and false positives per 100 test texts, and how they change with an arm; pure.

A criterion counts the texts that somebody decided on; where there is none in any block, it has no row.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from synthsweep.compare.grid import Contrast, Grid
from synthsweep.compare.result.effects import ALL
from synthsweep.compare.result.supplements import CountChange
from synthsweep.compare.stats.scores.kernel import mean_defined, ratio


def count_changes(grid: Grid, contrasts: Sequence[Contrast]) -> tuple[CountChange, ...]:
    """One row per contrast and criterion, then one for all criteria together."""
    shared = ((contrast, grid.shared_by(contrast)) for contrast in contrasts)
    return tuple(
        row for contrast, blocks in shared if blocks for row in _rows(_compared(grid, contrast).on_blocks(blocks), contrast)
    )


def _compared(grid: Grid, contrast: Contrast) -> Grid:
    """The grid of the cells with a weight alone."""
    return replace(grid, cells=tuple(cell for cell in grid.cells if contrast.weights.get(cell.name)))


def _rows(grid: Grid, contrast: Contrast) -> Iterator[CountChange]:
    weights = contrast.vector(grid.cells)
    positives = _mean_share(grid, [test.positive for test in grid.tests])
    compared = np.flatnonzero(weights).tolist()
    by_cell = np.stack([_hits_and_alarms(grid, place) for place in compared])
    sides = (np.maximum(-weights[compared], 0), np.maximum(weights[compared], 0))
    baseline, arm = (np.tensordot(part / part.sum(), by_cell, 1) for part in sides)
    moved = _moved(grid, weights) if np.count_nonzero(weights) == 2 else None
    for column, criterion in enumerate((*grid.labels, ALL)):
        if np.isnan(positives[column]):
            continue
        parts = [None] * 4 if moved is None else [float(value) for value in moved[:, column]]
        yield CountChange(
            contrast.name, criterion, float(positives[column]),
            float(baseline[0, column]), float(arm[0, column]), float(baseline[1, column]), float(arm[1, column]), *parts,
        )  # fmt: skip


def _hits_and_alarms(grid: Grid, place: int) -> np.ndarray:
    """(true and false positives, criteria and all) of one cell."""
    decided = [output.decided for output in grid.cells[place].outputs]
    hits = _mean_share(grid, [found & test.positive for found, test in zip(decided, grid.tests, strict=True)])
    alarms = _mean_share(grid, [found & ~test.positive for found, test in zip(decided, grid.tests, strict=True)])
    return np.stack([hits, alarms])


def _moved(grid: Grid, weights: np.ndarray) -> np.ndarray:
    """(gained, lost, new, gone) by (criteria and all), for the two cells of a contrast."""
    old, new = (grid.cells[place].outputs for place in (int(np.argmin(weights)), int(np.argmax(weights))))
    truths = [test.positive for test in grid.tests]
    blocks = [(one.decided, other.decided, truth) for one, other, truth in zip(old, new, truths, strict=True)]
    return np.stack(
        [
            _mean_share(grid, [after & ~before & truth for before, after, truth in blocks]),
            _mean_share(grid, [before & ~after & truth for before, after, truth in blocks]),
            _mean_share(grid, [after & ~before & ~truth for before, after, truth in blocks]),
            _mean_share(grid, [before & ~after & ~truth for before, after, truth in blocks]),
        ]
    )


def _mean_share(grid: Grid, blocks: Sequence[np.ndarray]) -> np.ndarray:
    """(criteria and their sum), per 100 texts; each block is (texts, criteria), True or False."""
    counts = np.stack([_column_sums(block & test.known) for block, test in zip(blocks, grid.tests, strict=True)])
    decided = np.stack([test.known.sum(axis=0) for test in grid.tests])
    means = 100 * mean_defined(ratio(counts.astype(float), decided), axis=0)
    return np.append(means, np.nansum(means))


def _column_sums(table: np.ndarray) -> np.ndarray:
    # Along memory: numpy is three times slower across rows of few columns.
    return np.asarray(np.ascontiguousarray(table.T).sum(axis=1))
