"""Scores of arms: means over their runs, and average precision without the bias of the test set's size."""

import numpy as np
import pytest

from support.grids import against, analysed, random_grid
from synthsweep.compare.stats.arm_scores import arm_scores
from synthsweep.compare.stats.scores.observed import score_cells


def test_scores_are_means_with_their_spread_and_corrected_ones_stand_beside() -> None:
    """For each criterion and macro; not for micro, nor for an arm that is in no comparison."""

    grid = random_grid(np.random.default_rng(0), {"base": 0.5, "arm": 2.0, "unused": 1.0})
    scores, corrected = score_cells(grid), analysed(grid, against("base", "arm")).corrected

    base, _, unused = arm_scores(grid, scores, corrected)

    values = scores[0, :, 3, 0]
    assert base.scores["average_precision/A"] == pytest.approx((values.mean(), values.std(ddof=1)))
    assert base.scores["average_precision_corrected/A"][0] == pytest.approx(corrected["base"][:, 0].mean())
    names = {name for name in base.scores if name.startswith("average_precision_corrected/")}
    assert names == {f"average_precision_corrected/{criterion}" for criterion in ("A", "B", "C", "macro")}
    assert not any("corrected" in name for name in unused.scores)
