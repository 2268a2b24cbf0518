"""The effects on further test sets, each scored with the same classifiers and thresholds."""

from collections.abc import Sequence
from dataclasses import replace

from synthsweep.compare.grid import Contrast
from synthsweep.compare.read.assemble import ScoredRun, assemble
from synthsweep.compare.result.effects import PartEffects
from synthsweep.compare.stats.subgroups import effects_on
from synthsweep.config.test_sets import PRIMARY
from synthsweep.errors import StudyError
from synthsweep.messages import first_line


def further_tests(runs: Sequence[ScoredRun], contrasts: Sequence[Contrast]) -> tuple[PartEffects, ...]:
    """One for each test set that a run was scored on beside the primary one."""
    names = dict.fromkeys(name for run in runs for name in run.further)
    return tuple(_on(name, runs, contrasts) for name in names)


def _on(name: str, runs: Sequence[ScoredRun], contrasts: Sequence[Contrast]) -> PartEffects:
    title = name.removeprefix(f"{PRIMARY}_")
    lacking = [run.name for run in runs if name not in run.further]
    if lacking:
        return PartEffects(
            "", title, 0, {}, (), note=f"{len(lacking)} of {len(runs)} runs, as {lacking[0]}, were not scored on it"
        )
    try:
        grid = assemble([replace(run, test=run.further[name]) for run in runs]).grid
    except StudyError as error:
        return PartEffects("", title, 0, {}, (), note=first_line(error))
    return PartEffects("", title, len(grid.tests[0].ids), grid.positives, effects_on(grid, contrasts))
