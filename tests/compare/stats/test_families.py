"""What criteria and doses say together, from a grid."""

from dataclasses import replace

import numpy as np
import pytest

from support.grids import against, analysed, grid_of, one, output, random_grid, texts_of
from synthsweep.compare.grid import Contrast, Grid
from synthsweep.compare.result.effects import METRICS, Effect, Interval

SEPARATIONS = {"base": 0.5, "low": 0.8, "high": 2.0}


@pytest.fixture(scope="module")
def grid() -> Grid:
    return random_grid(np.random.default_rng(0), SEPARATIONS, blocks=5)


def holds(outer: Interval | None, inner: Interval | None) -> bool:
    return bool(outer and inner and outer.low < inner.low and inner.high < outer.high)


def test_criteria_have_wider_intervals_at_once_and_averages_have_none(grid: Grid) -> None:
    """In every metric of every contrast."""

    found = analysed(grid, [*against("base", "high"), Contrast("all", "main", {"base": -1.0, "low": 0.5, "high": 0.5})])

    for effect in found.effects:
        if effect.criterion in grid.labels:
            assert holds(effect.simultaneous_interval, effect.interval)
            assert effect.pooled_difference is not None
        else:
            assert (effect.simultaneous_interval, effect.pooled_difference) == (None, None)


def test_other_arms_do_not_widen_a_family(grid: Grid) -> None:
    """It is that of the criteria of one arm in one metric."""

    alone, beside = (analysed(grid, against("base", *arms)) for arms in (("high",), ("high", "low")))

    for label in grid.labels:
        first, second = (one(found, "high", "f1", label) for found in (alone, beside))
        assert (first.simultaneous_interval, first.pooled_interval) == (second.simultaneous_interval, second.pooled_interval)


def test_two_criteria_are_a_family_and_are_not_pooled() -> None:
    """A spread of criteria cannot be known from two."""

    found = of_criteria(2)

    assert all(effect.simultaneous_interval for effect in found)
    assert of_criteria(1)[0].simultaneous_interval is None
    assert [effect.pooled_difference for effect in found] == [None, None]
    assert all(effect.pooled_interval for effect in of_criteria(3))


def test_a_criterion_without_an_interval_is_left_out(grid: Grid) -> None:
    """Of three with one never positive, two are a family, and too few to pool."""

    cells = {cell.name: list(cell.outputs) for cell in grid.cells}
    truth = grid.tests[0].truth.copy()
    truth[:, 1] = 0
    found = analysed(grid_of((texts_of(truth),) * 5, cells), against("base", "high"))
    effects = [one(found, "high", "recall", label) for label in "ABC"]

    assert [effect.simultaneous_interval is None for effect in effects] == [False, True, False]
    assert [effect.pooled_difference for effect in effects] == [None] * 3


def test_arms_of_a_curve_hold_at_once(grid: Grid) -> None:
    """Those that are compared; the baseline has no error, and an unknown arm no effect."""

    found = analysed(grid, against("base", "low", "high"))
    assert found.families is not None
    together = found.families.over_contrasts(["base", "low", "high", "unknown"], "average_precision", "macro")

    assert list(together) == ["low", "high"]
    assert all(holds(together[arm], one(found, arm, "average_precision", "macro").interval) for arm in together)
    assert found.families.over_contrasts([], "f1", "A") == {}


def test_one_seed_has_neither(grid: Grid) -> None:
    """Without an interval there is no family."""

    effects = analysed(grid.on_blocks([0]), against("base", "high")).effects

    assert {(effect.simultaneous_interval, effect.pooled_difference) for effect in effects} == {(None, None)}


def test_average_precision_has_a_corrected_value_beside_it(grid: Grid) -> None:
    """Of both sides, their difference, and the macro average; no other metric has one, nor micro."""

    found = analysed(grid, [*against("base", "high"), Contrast("trend", "trend", {"base": -1.0, "low": 0.0, "high": 1.0})])

    for effect in found.effects:
        known = effect.metric == "average_precision" and effect.criterion != "micro"
        assert (effect.corrected_difference is not None) == known
        assert (effect.corrected_arm is not None) == (known and effect.contrast == "high")
        if known and effect.contrast == "high":
            assert effect.corrected_difference == pytest.approx((effect.corrected_arm or 0) - (effect.corrected_baseline or 0))
            assert effect.corrected_difference == pytest.approx(effect.difference, abs=0.1)
    assert one(found, "high", "average_precision", "macro").corrected_arm == pytest.approx(
        np.nanmean(found.corrected["high"][:, 3])
    )


def of_criteria(count: int) -> list[Effect]:
    rng = np.random.default_rng(1)
    truth = (rng.random((80, count)) < 0.3).astype(int)
    tests = (texts_of(truth),) * 3
    cells = {name: [output(rng.random(truth.shape)) for _ in range(3)] for name in ("base", "arm")}
    found = analysed(replace(grid_of(tests, cells)), against("base", "arm"))
    return [effect for effect in found.effects if (effect.metric, effect.criterion in "ABC") == (METRICS[-1], True)]
