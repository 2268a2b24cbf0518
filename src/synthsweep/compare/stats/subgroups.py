"""Effects within subgroups of the test texts, and how much they differ between two of them; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from synthsweep.compare.grid import Cell, Contrast, Grid, TestSet
from synthsweep.compare.result.effects import Effect, PartEffects
from synthsweep.compare.stats.effects import estimate_row, unadjusted_effects
from synthsweep.compare.stats.inference.effective_draws import EffectiveDraws
from synthsweep.compare.stats.inference.intervals import estimate
from synthsweep.compare.stats.inference.seed_variance import seed_clusters
from synthsweep.compare.stats.inference.text_variance import observe_blocks
from synthsweep.compare.stats.possible import possible
from synthsweep.compare.stats.scores.differences import BlockRow, macro_influences
from synthsweep.compare.stats.scores.estimands import Estimands, estimands
from synthsweep.compare.stats.scores.influence import Influences, joined

# As the corpus calls texts without a value: no group to measure others from.
MISSING = "missing"
UNSHARED = "some runs do not have this column"
LACKING = "the test texts of some seeds have none"


@dataclass(frozen=True)
class Subgroup:
    """The texts with one value of a column; `places` maps, for each block, its groups to those of all texts."""

    value: str
    grid: Grid
    places: tuple[np.ndarray, ...]

    @property
    def texts(self) -> int:
        return round(float(np.mean([len(test.ids) for test in self.grid.tests])))


def subgroup_effects(grid: Grid, contrasts: Sequence[Contrast]) -> tuple[PartEffects, ...]:
    """For every column: the effects within each value, and their differences from the largest one.

    A column that the blocks do not share, and a value that the texts of a block lack, have a note instead.
    """
    columns = dict.fromkeys(column for test in grid.tests for column in test.subgroups)
    shared = [column for column in columns if all(column in test.subgroups for test in grid.tests)]
    found = {column: subgroups_of(grid, column) for column in shared}
    effects = [part for column, parts in found.items() for part in _of_column(grid, column, parts, contrasts)]
    apart = [PartEffects(column, "", 0, {}, (), note=UNSHARED) for column in columns if column not in shared]
    lacking = [PartEffects(column, value, 0, {}, (), note=LACKING) for column in shared for value in _lacking(grid, column)]
    return (*effects, *lacking, *apart)


def _lacking(grid: Grid, column: str) -> list[str]:
    """The values that only some blocks have."""
    values = [set(test.subgroups[column]) for test in grid.tests]
    return sorted({value for own in values for value in own if not all(value in other for other in values)})


def subgroups_of(grid: Grid, column: str) -> tuple[Subgroup, ...]:
    """The subgroups that have a text in every block, sorted by value."""
    values = sorted({value for test in grid.tests for value in test.subgroups[column]})
    of_tests = [{id(test): _restricted(test, column, value) for test in grid.tests} for value in values]
    return tuple(
        Subgroup(value, _with_texts(grid, tests), tuple(tests[id(test)][2] for test in grid.tests))
        for value, tests in zip(values, of_tests, strict=True)
        if all(len(rows) for _, rows, _ in tests.values())
    )


def effects_on(grid: Grid, contrasts: Sequence[Contrast]) -> tuple[Effect, ...]:
    """The effects on the texts of a grid, without a family of tests."""
    row = _row(grid, contrasts)
    return possible(unadjusted_effects(row, estimate_row(grid, row)), contrasts)


def _of_column(grid: Grid, column: str, parts: Sequence[Subgroup], contrasts: Sequence[Contrast]) -> list[PartEffects]:
    known = [part for part in parts if part.value != MISSING] or list(parts)
    reference = max(known, key=lambda part: part.texts, default=None)
    return [
        PartEffects(
            column=column,
            value=part.value,
            texts=part.texts,
            positives=part.grid.positives,
            effects=effects_on(part.grid, contrasts),
            reference=reference.value if reference else "",
            differences=_differences(grid, part, reference, contrasts) if reference and reference is not part else (),
        )
        for part in parts
    ]


def _differences(grid: Grid, part: Subgroup, reference: Subgroup, contrasts: Sequence[Contrast]) -> tuple[Effect, ...]:
    """The effects in `part` minus those in `reference`; groups that have texts in both count once."""
    row, theirs = _row(part.grid, contrasts), _row(reference.grid, contrasts)
    own, others = estimate_row(part.grid, row), estimate_row(reference.grid, theirs)
    both = EffectiveDraws(
        np.minimum(own.draws.count, others.draws.count), np.asarray(own.draws.variance_floor + others.draws.variance_floor)
    )
    rows = (_difference(grid.tests[number], number, (row, part), (theirs, reference)) for number in range(len(grid.blocks)))
    blocks = (BlockRow(np.empty((0, 0)), (), (one,)) for one in rows)
    observed = observe_blocks(blocks, shared=grid.texts == "shared")
    estimates = estimate(observed, grid.texts, grid.test_share, both, seed_clusters(grid.blocks), row.families)
    found = unadjusted_effects(row, replace(own, observed=observed, estimates=estimates, draws=both))
    return possible([_without_sides(effect) for effect in found], contrasts, differences=2)


def _without_sides(effect: Effect) -> Effect:
    return replace(effect, baseline=None, arm=None, corrected_baseline=None, corrected_arm=None, corrected_difference=None)


def _difference(test: TestSet, number: int, own: tuple[Estimands, Subgroup], others: tuple[Estimands, Subgroup]) -> Influences:
    """A row whose groups are those of all texts. The macro average is over criteria defined in both."""
    groups, values = np.zeros((int(np.prod(own[0].effect_shape)), test.group_count)), np.zeros(())
    for sign, (row, part) in ((1, own), (-1, others)):
        found = joined(row.influences(number).row)
        groups[:, part.places[number]] += sign * found.groups
        values = values + sign * found.values
    shaped = values.reshape(own[0].effect_shape)
    by_criterion = groups.reshape(*own[0].effect_shape, -1)
    by_criterion[np.isnan(shaped)] = 0.0
    found = macro_influences(Influences(np.delete(shaped, -2, axis=-1), np.delete(by_criterion, -2, axis=-2)))
    return Influences(found.values.ravel(), found.groups.reshape(groups.shape))


def _row(grid: Grid, contrasts: Sequence[Contrast]) -> Estimands:
    # A contrast of kind main has scores of both sides, and no parts of its change.
    return estimands(grid, [replace(contrast, kind="main") for contrast in contrasts])


def _restricted(test: TestSet, column: str, value: str) -> tuple[TestSet, np.ndarray, np.ndarray]:
    """The texts with a value, their rows, and the groups that they have among all texts."""
    rows = np.flatnonzero(np.array(test.subgroups[column]) == value)
    places, groups = np.unique(test.groups[rows], return_inverse=True)
    ids = tuple(test.ids[row] for row in rows)
    return replace(test, ids=ids, truth=test.truth[rows], groups=groups, subgroups={}), rows, places


def _with_texts(grid: Grid, tests: Mapping[int, tuple[TestSet, np.ndarray, np.ndarray]]) -> Grid:
    chosen = [tests[id(test)] for test in grid.tests]
    cells = tuple(_with_rows(cell, [rows for _, rows, _ in chosen]) for cell in grid.cells)
    return replace(grid, tests=tuple(test for test, _, _ in chosen), cells=cells)


def _with_rows(cell: Cell, rows: Sequence[np.ndarray]) -> Cell:
    outputs = zip(cell.outputs, rows, strict=True)
    return replace(cell, outputs=tuple(replace(one, probabilities=one.probabilities[own]) for one, own in outputs))
