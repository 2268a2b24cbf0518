"""One look at a study that gets seeds until its rule stops: its finished runs -> grid -> effects -> decision."""

from collections.abc import Sequence

import numpy as np

from synthsweep.compare.baseline import contrasts_to, find_baseline
from synthsweep.compare.grid import Grid
from synthsweep.compare.primary_metric import metric_of
from synthsweep.compare.read.assemble import assemble
from synthsweep.compare.read.placed_runs import place_runs
from synthsweep.compare.read.runs import read_studies
from synthsweep.compare.read.scored_runs import read_scores
from synthsweep.compare.result.effects import Effect
from synthsweep.compare.result.supplements import ExcludedRun
from synthsweep.compare.stats.effects import analyse
from synthsweep.compare.stats.seed_growth import look_at
from synthsweep.errors import StudyError
from synthsweep.pages.numbers import counted
from synthsweep.progress import silent
from synthsweep.study.design.seed_rule import Look, SeedRule
from synthsweep.track.reader import RunReader

# It draws the sign flips, which no rule looks at.
_SEED = 0


def take_look(
    rule: SeedRule, objectives: Sequence[str], reader: RunReader, study: str, seeds: Sequence[int], earlier: Sequence[Look]
) -> Look:
    """Looks at the runs of these seeds, which are all finished.

    Raises:
        StudyError: the store lacks runs of them, or they cannot be compared.
        TrackingError: the store does not answer.
    """
    metric = metric_of(objectives)
    return look_at(rule, metric, _effects(reader, study, seeds, metric), len(seeds), earlier)


def _effects(reader: RunReader, study: str, seeds: Sequence[int], metric: str) -> Sequence[Effect]:
    found, wanted = read_studies(reader, [study]), set(map(str, seeds))
    runs = [run for run in found.runs if run.params.get("seed") in wanted]
    if not runs:
        raise StudyError(f"study={study}: the tracking store has no finished run of its seeds to look at")
    placed = place_runs(runs)
    scores = read_scores(placed, reader, None, silent)
    assembled = assemble(scores.runs)
    grid = assembled.grid
    _require_all(study, grid, len(seeds), (*scores.excluded, *assembled.excluded))
    contrasts = contrasts_to(grid.cells, find_baseline(grid.cells, (), placed.trials), ())
    return analyse(grid, contrasts, primary=metric, rng=np.random.default_rng(_SEED)).effects


def _require_all(study: str, grid: Grid, seeds: int, excluded: Sequence[ExcludedRun]) -> None:
    """Raises StudyError where a run is missing: by what is there, the rule would stop too early or too late."""
    lacking = next((cell for cell in grid.cells if len(cell.runs) < seeds), None)
    if lacking is None and not excluded:
        return
    why = f"{excluded[0].name}: {excluded[0].reason}" if excluded else f"{lacking.name} lacks some" if lacking else ""
    raise StudyError(
        f"study={study}: the tracking store lacks runs of its {counted(seeds, 'seed')} ({why}): repeat the command, which runs "
        "them again and then looks"
    )
