"""Where each estimand stands in the row."""

import numpy as np
import pytest

from support.grids import against, random_grid
from synthsweep.compare.grid import Contrast
from synthsweep.compare.result.effects import METRICS
from synthsweep.compare.stats.scores.estimands import estimands, predicted_shares
from synthsweep.compare.stats.scores.influence import joined

GRID = random_grid(np.random.default_rng(0), {"unused": 1.0, "base": 0.5, "arm": 1.5, "best": 3.0}, blocks=2)
MAIN = Contrast("best", "main", {"base": -0.5, "arm": -0.5, "best": 1.0})


def test_the_effects_come_first_and_then_the_parts_of_changes() -> None:
    """Two contrasts of five metrics and five columns, then one arm's two metrics in two parts."""

    estimated = estimands(GRID, [MAIN, *against("base", "arm")])
    block = estimated.influences(1)
    row = joined(block.row).values

    assert len(row) == 2 * 5 * 5 + 1 * 2 * 2 * 5
    recall = block.scores[:, METRICS.index("recall")]
    np.testing.assert_allclose(estimated.effects(row)[0, 1, :3], (recall[2] - (recall[0] + recall[1]) / 2)[:3])
    np.testing.assert_allclose(estimated.effects(row)[1, 1], recall[1] - recall[0])
    ranking, operating = row[estimated.part_places[0, 1]]
    np.testing.assert_allclose(ranking + operating, recall[1] - recall[0])


def test_a_part_of_a_change_rests_on_the_draws_of_its_metric() -> None:
    estimated = estimands(GRID, [MAIN, *against("base", "arm")])
    found = estimated.effective_draws(estimated.influences(0).predicted)

    for table in (found.count, found.variance_floor):
        by_part = table[estimated.part_places[0]]
        np.testing.assert_array_equal(by_part, np.repeat(estimated.effects(table)[1, :2, None], 2, axis=1))
    assert found.count[estimated.part_places[0, 1, 0, 0]] == GRID.tests[0].truth[:, 0].sum()


def test_cells_that_no_contrast_weighs_are_left_out() -> None:
    """In the grid's order, whatever the contrasts'; a weight of 0 is none."""

    contrast = Contrast("arm", "effect", {"arm": 1.0, "base": -1.0, "best": 0.0})

    assert [cell.name for cell in estimands(GRID, [contrast]).grid.cells] == ["base", "arm"]


def test_predicted_shares_are_means_over_blocks() -> None:
    """Of each criterion, and their mean for macro and micro alike: all criteria have the same texts."""

    decided = np.mean([run.decided for run in GRID.cells[3].outputs], axis=(0, 1))

    assert predicted_shares(GRID.cells[3], GRID.tests) == pytest.approx([*decided, decided.mean(), decided.mean()])
