"""Effects in subgroups beside those of a study that has these texts alone."""

from dataclasses import replace

import numpy as np
import pytest

from support.grids import against, random_grid
from synthsweep.compare.grid import Cell, Grid, Output, TestSet
from synthsweep.compare.result.effects import Effect, PartEffects
from synthsweep.compare.stats.subgroups import LACKING, UNSHARED, effects_on, subgroup_effects

ARM = against("base", "arm")


def grid_with(values: list[str] | None, *, seed: int = 0, group_size: int = 1, gain: float = 1.5) -> Grid:
    """120 texts, each with one of the values, in turn."""
    grid = random_grid(np.random.default_rng(seed), {"base": 1.0, "arm": 1.0 + gain}, texts=120, group_size=group_size)
    column = tuple((values or ["x"])[row % len(values or "x")] for row in range(120))
    test = replace(grid.tests[0], subgroups={"sex": column})
    return replace(grid, tests=(test,) * len(grid.blocks))


def alone(grid: Grid, value: str) -> Grid:
    """A grid of the texts with this value, made by hand."""
    rows = [row for row, one in enumerate(grid.tests[0].subgroups["sex"]) if one == value]
    test = TestSet(tuple(grid.tests[0].ids[row] for row in rows), grid.tests[0].truth[rows], np.arange(len(rows)))
    cells = tuple(
        Cell(cell.name, {}, tuple(Output("", one.probabilities[rows], one.thresholds) for one in cell.outputs), {})
        for cell in grid.cells
    )
    return replace(grid, tests=(test,) * len(grid.blocks), cells=cells)


def effect(part: PartEffects, metric: str, criterion: str, *, difference: bool = False) -> Effect:
    found = part.differences if difference else part.effects
    return next(one for one in found if (one.metric, one.criterion) == (metric, criterion))


def test_a_subgroup_has_the_effects_of_a_study_with_its_texts_alone() -> None:
    """Scores, differences and intervals, to the last digit."""
    grid = grid_with(["f", "f", "m"])
    parts = subgroup_effects(grid, ARM)

    assert [(part.column, part.value, part.texts, part.reference) for part in parts] == [
        ("sex", "f", 80, "f"),
        ("sex", "m", 40, "f"),
    ]
    for part in parts:
        assert part.effects == effects_on(alone(grid, part.value), ARM)
        assert part.positives == alone(grid, part.value).positives


@pytest.mark.parametrize("group_size", [1, 3])
def test_a_difference_is_the_effect_minus_that_of_the_largest_subgroup(group_size: int) -> None:
    """Also where the texts of one child are in both."""
    largest, other = subgroup_effects(grid_with(["f", "f", "m"], group_size=group_size), ARM)

    assert largest.differences == ()
    for metric, criterion in (("average_precision", "A"), ("recall", "B"), ("f1", "micro"), ("brier", "macro")):
        expected = effect(other, metric, criterion).difference - effect(largest, metric, criterion).difference
        found = effect(other, metric, criterion, difference=True)
        assert found.difference == pytest.approx(expected)
        assert (found.baseline, found.arm) == (None, None)
        assert found.interval.low < found.difference < found.interval.high


def test_of_two_subgroups_with_texts_of_their_own_the_variances_of_texts_add_up() -> None:
    """As those of two independent samples do."""
    largest, other = subgroup_effects(grid_with(["f", "m"]), ARM)
    parts = [effect(part, "brier", "micro").text_variance for part in (largest, other)]

    assert effect(other, "brier", "micro", difference=True).text_variance == pytest.approx(sum(parts), rel=0.3)


def test_a_macro_difference_is_over_the_criteria_that_both_subgroups_have() -> None:
    """Otherwise it would compare averages of different criteria."""
    grid = grid_with(["f", "f", "m"])
    truth = grid.tests[0].truth.copy()
    truth[[value == "m" for value in grid.tests[0].subgroups["sex"]], 2] = 0
    changed = replace(grid, tests=(replace(grid.tests[0], truth=truth),) * len(grid.blocks))
    _, other = subgroup_effects(changed, ARM)

    assert effect(other, "recall", "C", difference=True).difference is None
    both = [effect(other, "recall", label, difference=True).difference for label in "AB"]
    assert effect(other, "recall", "macro", difference=True).difference == pytest.approx(np.mean(both))


def test_texts_without_a_value_are_nothing_to_measure_from() -> None:
    """However many they are."""
    parts = subgroup_effects(grid_with(["missing", "missing", "missing", "f", "m", "f"]), ARM)

    assert {part.reference for part in parts} == {"f"}


def test_what_not_every_block_has_is_said() -> None:
    """A value that the test texts of a seed lack, and a column that a run of before does not have."""
    grid = grid_with(["f", "m"])
    first = grid.tests[0]
    other = replace(first, subgroups={"sex": ("f",) * 120})
    old = replace(first, subgroups={})
    by_seed = replace(grid, tests=(first, other, first, first), texts="overlapping", test_share=0.3)
    with_old = replace(grid, tests=(first, old, first, first), texts="overlapping", test_share=0.3)

    assert [(part.value, part.note) for part in subgroup_effects(by_seed, ARM)] == [("f", ""), ("m", LACKING)]
    assert [(part.value, part.note) for part in subgroup_effects(with_old, ARM)] == [("", UNSHARED)]
    assert subgroup_effects(replace(grid, tests=(old,) * 4), ARM) == ()


def test_a_subgroup_with_a_single_positive_has_no_interval_there() -> None:
    """One draw has no variance; the score is there, and the interval is undefined and not narrow."""
    grid = grid_with(["f"] * 119 + ["m"])
    parts = {part.value: part for part in subgroup_effects(grid, ARM)}

    assert parts["m"].texts == 1
    assert all(one.interval is None or one.metric == "brier" for one in parts["m"].effects if one.criterion in "ABC")
