"""True and false positives per 100 texts."""

import numpy as np
import pytest

from support.grids import against, grid_of, output, texts_of
from synthsweep.compare.grid import Contrast
from synthsweep.compare.stats.counts import count_changes

TEST = texts_of(np.array([[1, 0], [1, 1], [0, 0], [0, 0]]))


def decided(*rows: tuple[int, int]) -> np.ndarray:
    return np.array(rows, dtype=float)


OLD = output(decided((1, 0), (0, 1), (1, 0), (0, 0)))
NEW = output(decided((0, 0), (1, 1), (0, 1), (0, 0)))
GRID = grid_of((TEST, TEST), {"base": [OLD, OLD], "arm": [NEW, NEW]})


def test_what_an_arm_finds_and_raises_is_counted_per_100_texts() -> None:
    """Per criterion and in sum; of the true positives, those gained and those lost."""
    a, b, both = count_changes(GRID, against("base", "arm"))

    assert (a.positives, a.true_baseline, a.true_arm, a.gained, a.lost) == (50, 25, 25, 25, 25)
    assert (a.false_baseline, a.false_arm, a.new, a.gone) == (25, 0, 0, 25)
    assert (b.true_baseline, b.true_arm, b.false_baseline, b.false_arm, b.new) == (25, 25, 0, 25, 25)
    assert (both.criterion, both.positives, both.true_arm, both.false_arm, both.gained) == ("all criteria", 75, 50, 25, 25)


def test_a_mean_over_several_configurations_has_no_texts_of_its_own() -> None:
    """Their numbers are averaged; which texts were gained is undefined."""
    grid = grid_of((TEST, TEST), {"base": [OLD, OLD], "one": [NEW, NEW], "two": [OLD, OLD]})
    first = count_changes(grid, [Contrast("arm", "effect", {"base": -1.0, "one": 0.5, "two": 0.5})])[0]

    assert (first.false_arm, first.gained, first.new) == (pytest.approx(12.5), None, None)
