"""The steps of a comparison: runs -> scores -> grid -> contrasts -> effects -> comparison."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from synthsweep.compare.asked import require_known
from synthsweep.compare.baseline import Baseline, contrasts_to, find_baseline
from synthsweep.compare.cautions import cautions, threshold_cautions
from synthsweep.compare.further_tests import further_tests
from synthsweep.compare.grid import Contrast, Grid
from synthsweep.compare.primary_metric import metric_of, stated_metric
from synthsweep.compare.read.assemble import Assembled, assemble
from synthsweep.compare.read.background import demo, label_names, provenance, tfidf_baseline_of
from synthsweep.compare.read.cells import levels_of
from synthsweep.compare.read.looks import looks_of
from synthsweep.compare.read.placed_runs import PlacedRuns, place_runs
from synthsweep.compare.read.runs import StudyRuns, read_studies
from synthsweep.compare.read.scored_runs import ScoredRuns, read_scores
from synthsweep.compare.read.setup import setup_of
from synthsweep.compare.report.headline.study import headline
from synthsweep.compare.report.verdict import verdict
from synthsweep.compare.result.comparison import Comparison
from synthsweep.compare.result.effects import MACRO, DoseCurve, Effect
from synthsweep.compare.result.supplements import ArmScores, Power, RealWorth, TfidfBaseline
from synthsweep.compare.setup import StudySetup
from synthsweep.compare.stats.arm_scores import arm_scores
from synthsweep.compare.stats.associations import associations
from synthsweep.compare.stats.contrasts import interaction_contrasts, main_contrasts, partner_of
from synthsweep.compare.stats.cost import costs
from synthsweep.compare.stats.counts import count_changes
from synthsweep.compare.stats.dose import DoseSeries, dose_curves, dose_plan
from synthsweep.compare.stats.effects import Analysis, analyse
from synthsweep.compare.stats.equivalence import parts_with_margin, with_margin
from synthsweep.compare.stats.over_arms import over_arms, over_parts
from synthsweep.compare.stats.pools import KIND as POOL
from synthsweep.compare.stats.pools import PoolContrast, pool_contrasts, pool_pairs
from synthsweep.compare.stats.possible import possible
from synthsweep.compare.stats.power import power_of_study
from synthsweep.compare.stats.real_worth import learning_curves, real_worth
from synthsweep.compare.stats.scores.observed import score_cells
from synthsweep.compare.stats.subgroups import subgroup_effects
from synthsweep.compare.stats.variance import variances_of_study
from synthsweep.config.roots import CompareConfig, CompareSettings
from synthsweep.errors import StudyError
from synthsweep.messages import listing
from synthsweep.pages.numbers import counted
from synthsweep.progress import Progress, Stage
from synthsweep.track.reader import RunReader

DOSE_METRICS = ("average_precision", "precision", "recall")


def compare_studies(config: CompareConfig, reader: RunReader, progress: Progress, command: str) -> Comparison:
    """Compares the arms of one or more studies; `command` is the command line that repeats it.

    Raises:
        StudyError: nothing can be compared, with the reason.
        TrackingError: the store does not answer.
    """
    found = read_studies(reader, config.words("study"), config.compare.filter or "")
    if any(head.design == "search" for head in found.heads):
        # Optuna, and what trains the best trial again, take seconds to import.
        from synthsweep.compare.search.search_report import compare_search

        return compare_search(config, reader, found, progress, command)
    if not found.runs:
        raise StudyError(_nothing_finished(found))
    placed = place_runs(found.runs)
    require_known(config, placed)
    progress(Stage(f"reading the predictions of {len(found.runs)} runs"))
    scores = read_scores(placed, reader, config.compare.threshold, progress)
    assembled = assemble(scores.runs)
    plan, primary = _plan_contrasts(config, assembled.grid, placed.trials), _primary_metric(config, found)
    progress(Stage(f"computing effects of {len(plan.arms)} arms over {len(assembled.grid.blocks)} seeds"))
    analysis = analyse(
        assembled.grid, plan.contrasts, primary=primary.name, rng=np.random.default_rng(config.compare.seed), progress=progress
    )
    progress(Stage("looking at doses, costs and the baseline"))
    return _comparison(
        config,
        reader,
        AnalysedStudy(found, placed, scores, assembled, plan, primary, analysis, config.compare.resamples),
        command,
    )


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


@dataclass(frozen=True)
class AnalysedStudy:
    """Everything read from the studies and computed from them, in the order of the steps."""

    found: StudyRuns
    placed: PlacedRuns
    scores: ScoredRuns
    assembled: Assembled
    plan: ContrastPlan
    primary: PrimaryMetric
    analysis: Analysis
    resamples: int


def _plan_contrasts(config: CompareConfig, grid: Grid, trials: Mapping[int, str]) -> ContrastPlan:
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


def _primary_metric(config: CompareConfig, found: StudyRuns) -> PrimaryMetric:
    objectives = [word for head in found.heads for word in head.objectives.split(", ")]
    metric = config.compare.metric or metric_of(objectives)
    return PrimaryMetric(metric, metric == stated_metric(objectives))


def _comparison(config: CompareConfig, reader: RunReader, study: AnalysedStudy, command: str) -> Comparison:
    """Long because it lists every field; the sentences are made of all others."""
    found, grid, plan, metric = study.found, study.assembled.grid, study.plan, study.primary.name
    margin = None if config.compare.equivalence is None else config.compare.equivalence / 100
    found_effects = with_margin(possible(study.analysis.effects, plan.contrasts), margin)
    effects, scores = _by_kind(plan, found_effects), score_cells(grid)
    arms = arm_scores(grid, scores, study.analysis.corrected)
    power = power_of_study(effects["effect"], grid, metric, config.compare.power)
    chosen, control = config.words("factors") or None, plan.baseline.cells[0]
    baseline = control if chosen or len(plan.baseline.cells) == 1 else plan.baseline.partners
    decompositions = over_parts(possible(study.analysis.decompositions, plan.arms))
    tfidf = tfidf_baseline_of(config, found.configs, grid, control, scores)
    setup = setup_of(grid, found.runs, found.configs, config.compare.threshold)
    answer = Comparison(
        studies=tuple(dict.fromkeys(run.study for run in found.runs)),
        design="factorial",
        labels=grid.labels,
        label_names=label_names(found.runs[0]),
        positives=grid.positives,
        undecided=grid.undecided,
        kind=grid.kind,
        test_texts=len(grid.tests[0].ids),
        test_groups=grid.tests[0].group_count,
        grouped=grid.tests[0].group_count < len(grid.tests[0].ids),
        texts=grid.texts,
        blocks=grid.blocks,
        baseline=plan.baseline.title,
        partners={one.name: partner_of(one.name, baseline) for one in plan.arms},
        primary=metric,
        primary_stated=study.primary.stated,
        equivalence=margin,
        factors=levels_of(cell.assignment for cell in grid.cells),
        arms=arms,
        effects=over_arms(effects["effect"]),
        main_effects=effects["main"],
        interactions=effects["interaction"],
        pools=pool_pairs(plan.pools, effects[POOL]),
        decompositions=decompositions,
        subgroups=parts_with_margin(subgroup_effects(grid, plan.arms), margin),
        further_tests=parts_with_margin(further_tests(study.scores.runs, plan.arms), margin),
        doses=_dose_curves(plan, study.analysis, found_effects, metric, grid.labels),
        counts=count_changes(grid, plan.arms),
        worth=_real_worth(config, study, arms),
        associations=associations(grid.cells, plan.baseline.cells, effects["effect"]),
        variances=variances_of_study(grid, scores, metric),
        power=power,
        costs=costs(grid.cells, baseline, effects["effect"], arms_by=chosen),
        tfidf_baseline=tfidf,
        excluded=(*found.excluded, *study.scores.excluded, *study.assembled.excluded),
        warnings=(*looks_of(reader, found.heads), *_warnings(study, tfidf, power, setup, config.compare.threshold)),
        headline=(),
        setup=setup,
        provenance=provenance(config, reader, found, command),
        demo=demo(found.runs),
    )
    return replace(answer, verdict=verdict(answer), headline=headline(answer))


def _by_kind(plan: ContrastPlan, effects: Sequence[Effect]) -> Mapping[str, tuple[Effect, ...]]:
    kinds = {contrast.name: contrast.kind for contrast in plan.contrasts}
    return {kind: tuple(e for e in effects if kinds[e.contrast] == kind) for kind in ("effect", "main", "interaction", POOL)}


def _dose_curves(
    plan: ContrastPlan, analysis: Analysis, effects: Sequence[Effect], metric: str, labels: Sequence[str]
) -> tuple[DoseCurve, ...]:
    if analysis.families is None:
        return ()
    metrics, criteria = tuple(dict.fromkeys((metric, *DOSE_METRICS))), (MACRO, *labels)
    together = analysis.families.over_contrasts
    return dose_curves(plan.doses, effects, plan.baseline.cells, metrics, criteria, together)


def _warnings(
    study: AnalysedStudy, tfidf: TfidfBaseline | None, power: Sequence[Power], setup: StudySetup, threshold: Any
) -> tuple[str, ...]:
    found, partners = study.found, study.plan.baseline.partners
    warnings = [*threshold_cautions(study.assembled.grid.cells, partners, study.primary.name, threshold)]
    studies = dict.fromkeys(run.study for run in found.runs)
    if study.placed.unmodelled_differences:
        where = f"studies {' and '.join(studies)}" if len(studies) > 1 else "runs"
        more = "; ".join(study.placed.unmodelled_differences)
        warnings.append(f"{where} differ in more than the factors, which no number here takes apart: {more}")
    if found.excluded:
        warnings.append(f"{counted(len(found.excluded), 'run')} failed or did not finish: see the excluded runs")
    if study.resamples != CompareSettings.resamples:
        warnings.append(f"compare.resamples={study.resamples} no longer acts: intervals are in closed form; leave it out")
    if notes := study.scores.threshold_notes:
        warnings.append(f"compare.threshold: {listing(list(notes), 3)}")
    found_cautions = cautions(study.assembled.grid, partners, tfidf, power, setup.encoders)
    return (*found_cautions, *warnings)


def _real_worth(config: CompareConfig, study: AnalysedStudy, arms: Sequence[ArmScores]) -> tuple[RealWorth, ...]:
    """A Brier score falls with more texts, and means over several configurations have no size: neither has a worth."""
    grid, metric = study.assembled.grid, study.primary.name
    if metric == "brier" or config.words("factors"):
        return ()

    def effects(contrasts: Sequence[Contrast]) -> Sequence[Effect]:
        rng = np.random.default_rng(config.compare.seed)
        return analyse(grid, contrasts, primary=metric, rng=rng).effects

    scores = {arm.arm: arm.scores[f"{metric}/{MACRO}"][0] for arm in arms}
    return real_worth(learning_curves(grid.cells, study.plan.baseline.partners), effects, metric, scores)


def _nothing_finished(found: StudyRuns) -> str:
    if not found.excluded:
        return "the study has no run yet: the command that began it goes on with it"
    first = found.excluded[0]
    return f"none of {len(found.excluded)} runs finished: {first.name} is {first.status}: {first.reason}"
