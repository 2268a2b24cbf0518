"""Sums of contrasts from those of cells, beside the contrasts themselves."""

import numpy as np
import pytest

from synthsweep.compare.stats.inference.contrast_sums import ContrastSums
from synthsweep.compare.stats.scores.differences import BlockRow
from synthsweep.compare.stats.scores.influence import Influences, joined

WEIGHTS = np.array([[-1.0, 1.0, 0.0, 0.0], [-1.0, 0.0, 1.0, 0.0], [-0.5, -0.5, 0.5, 0.5], [0.3, -0.6, 0.5, -0.2]])
METRICS, CRITERIA, GROUPS = 2, 3, 40


def cells_of(rng: np.random.Generator, undefined: tuple[tuple[int, int, int], ...]) -> list[Influences]:
    """Four cells; `undefined` are (cell, metric, criterion)."""
    cells = [Influences(rng.random((METRICS, CRITERIA)), rng.normal(size=(METRICS, CRITERIA, GROUPS))) for _ in range(4)]
    for cell, metric, criterion in undefined:
        cells[cell].values[metric, criterion] = np.nan
        cells[cell].groups[metric, criterion] = 0.0
    return cells


@pytest.mark.parametrize(
    "undefined",
    [(), ((2, 0, 1),), ((1, 1, 0), (3, 1, 2)), tuple((cell, 0, 0) for cell in range(4))],
    ids=["nothing", "a criterion of a cell", "micro of another", "a criterion of all"],
)
def test_the_sums_are_those_of_the_contrasts(undefined: tuple[tuple[int, int, int], ...]) -> None:
    """Of three blocks, of which the second lacks something: totals, squares and values of criteria, macro and micro."""
    rng = np.random.default_rng(2)
    blocks = [cells_of(rng, gaps) for gaps in ((), undefined, ())]
    rows = [joined(BlockRow(WEIGHTS, cells, ())) for cells in blocks]

    sums = ContrastSums(WEIGHTS, blocks[0][0])
    values = [sums.add(cells) for cells in blocks]
    sums.finish()

    for found, expected in zip(values, rows, strict=True):
        np.testing.assert_allclose(found.ravel(), expected.values)
    total, squares = sum(row.groups for row in rows), sum((row.groups**2).sum(axis=1) for row in rows)
    np.testing.assert_allclose(sums.total.reshape(-1, GROUPS), total, atol=1e-12)
    np.testing.assert_allclose(sums.squares.ravel(), squares, rtol=1e-12)


def test_cells_that_are_the_same_leave_nothing_of_rounding() -> None:
    """No observed variation does not prove that there is none, so nobody may see a variance of 1e-18."""
    (first, *_) = cells_of(np.random.default_rng(3), ())
    sums = ContrastSums(WEIGHTS[:3], first)
    for _ in range(2):
        sums.add([first] * 4)
    sums.finish()

    assert np.all(sums.squares == 0)
    assert np.all(sums.total == 0)
