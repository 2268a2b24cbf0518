"""Which cells of a study are compared with which, and in which metric it is judged; pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from synthsweep.compare.baseline import Baseline, contrasts_to, find_baseline
from synthsweep.compare.grid import Contrast, Grid
from synthsweep.compare.primary_metric import metric_of, stated_metric
from synthsweep.compare.read.cells import levels_of
from synthsweep.compare.read.runs import StudyRuns
from synthsweep.compare.stats.contrasts import interaction_contrasts, main_contrasts
from synthsweep.compare.stats.dose import DoseSeries, dose_plan
from synthsweep.compare.stats.pools import PoolContrast, pool_contrasts
from synthsweep.config.metrics import ACCURACY
from synthsweep.config.roots import CompareConfig
from synthsweep.errors import StudyError


@dataclass(frozen=True)
class PrimaryMetric:
    """The metric of the family of tests; `stated` is True if the study named it as its objective before it ran."""

    name: str
    stated: bool


@dataclass(frozen=True)
class ContrastPlan:
    """Which cells are compared with which; `doses` holds the arms of each dose-response curve."""

    baseline: Baseline
    arms: tuple[Contrast, ...]
    main: tuple[Contrast, ...]
    interactions: tuple[Contrast, ...]
    pools: tuple[PoolContrast, ...]
    doses: tuple[DoseSeries, ...]

    @property
    def contrasts(self) -> tuple[Contrast, ...]:
        trends = tuple(series.trend for series in self.doses if series.trend is not None)
        return (*self.arms, *self.main, *self.interactions, *(one.contrast for one in self.pools), *trends)


def plan_contrasts(config: CompareConfig, grid: Grid, trials: Mapping[int, str]) -> ContrastPlan:
    """Arms against the baseline that was asked for, and what the factors of the study allow beside them."""
    cells, chosen = grid.cells, config.words("factors")
    baseline = find_baseline(cells, config.words("baseline"), trials)
    factors = chosen or tuple(levels_of(cell.assignment for cell in cells))
    control = baseline.cells[0]
    return ContrastPlan(
        baseline=baseline,
        arms=contrasts_to(cells, baseline, chosen),
        main=main_contrasts(cells, control, factors) if len(cells) > 2 else (),
        interactions=interaction_contrasts(cells, control, factors),
        pools=pool_contrasts(cells),
        doses=dose_plan(cells, control, factors, arms_by=chosen or None),
    )


def primary_metric(config: CompareConfig, found: StudyRuns, kind: str) -> PrimaryMetric:
    """The metric that was asked for, or that the study stated; `kind` is that of the label set.

    Raises:
        StudyError: accuracy is asked for where texts carry several labels.
    """
    objectives = [word for head in found.heads for word in head.objectives.split(", ")]
    metric = config.compare.metric or metric_of(objectives)
    if metric == ACCURACY and kind != "single":
        raise StudyError(
            "compare.metric=accuracy is for labels.kind=single; here a text may carry several labels, and most are absent, so "
            "predicting none would score high: take f1, precision or recall"
        )
    return PrimaryMetric(metric, metric == stated_metric(objectives))
