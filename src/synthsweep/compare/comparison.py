"""The steps of a comparison: runs -> scores -> grid -> contrasts -> effects -> comparison."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from synthsweep.compare.asked import require_known
from synthsweep.compare.cautions import cautions, spread_cautions, threshold_cautions
from synthsweep.compare.contrast_plan import ContrastPlan, PrimaryMetric, plan_contrasts, primary_metric
from synthsweep.compare.further_tests import further_tests
from synthsweep.compare.grid import Contrast
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
from synthsweep.compare.result.effects import MACRO, MICRO, DoseCurve, Effect, average_of
from synthsweep.compare.result.supplements import ArmScores, Power, RealWorth, TfidfBaseline
from synthsweep.compare.setup import StudySetup
from synthsweep.compare.stats.accuracy import computed_metric, parts_with_accuracy
from synthsweep.compare.stats.arm_scores import arm_scores
from synthsweep.compare.stats.associations import associations
from synthsweep.compare.stats.contrasts import partner_of
from synthsweep.compare.stats.cost import costs
from synthsweep.compare.stats.counts import count_changes
from synthsweep.compare.stats.dose import dose_curves
from synthsweep.compare.stats.effects import Analysis, analyse
from synthsweep.compare.stats.equivalence import parts_with_margin, with_margin
from synthsweep.compare.stats.over_arms import over_arms, over_parts
from synthsweep.compare.stats.pools import KIND as POOL
from synthsweep.compare.stats.pools import pool_pairs
from synthsweep.compare.stats.possible import possible
from synthsweep.compare.stats.power import power_of_study
from synthsweep.compare.stats.real_worth import learning_curves, real_worth
from synthsweep.compare.stats.scores.observed import score_cells
from synthsweep.compare.stats.subgroups import subgroup_effects
from synthsweep.compare.stats.variance import variances_of_study
from synthsweep.config.metrics import ACCURACY
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
    primary = primary_metric(config, found, assembled.grid.kind)
    plan = plan_contrasts(config, assembled.grid, placed.trials)
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


@dataclass(frozen=True)
class JudgedEffects:
    """The effects of a study, cut off where scores end and held against the margin, and what is read off all of them.

    `every` has the trends of doses beside the kinds of contrasts.
    """

    every: tuple[Effect, ...]
    by_kind: Mapping[str, tuple[Effect, ...]]
    power: tuple[Power, ...]
    margin: float | None


def _judged(config: CompareConfig, study: AnalysedStudy) -> JudgedEffects:
    margin = None if config.compare.equivalence is None else config.compare.equivalence / 100
    every = with_margin(possible(study.analysis.effects, study.plan.contrasts), margin)
    by_kind = _by_kind(study.plan, every)
    power = power_of_study(by_kind["effect"], study.assembled.grid, study.primary.name, config.compare.power)
    return JudgedEffects(every, by_kind, power, margin)


def _comparison(config: CompareConfig, reader: RunReader, study: AnalysedStudy, command: str) -> Comparison:
    """All that is known of a study; the sentences are made of all others."""
    judged = _judged(config, study)
    answer = _described(config, reader, study, command)
    answer = _with_texts(answer, study, judged.margin)
    answer = _with_arms(_with_effects(answer, study, judged), config, study, judged)
    return replace(answer, verdict=verdict(answer), headline=headline(answer))


def _described(config: CompareConfig, reader: RunReader, study: AnalysedStudy, command: str) -> Comparison:
    """What was compared; nothing is computed yet."""
    found, grid = study.found, study.assembled.grid
    return Comparison(
        studies=tuple(dict.fromkeys(run.study for run in found.runs)),
        design="factorial",
        labels=grid.labels,
        label_names=label_names(found.runs[0]),
        kind=grid.kind,
        test_texts=len(grid.tests[0].ids),
        blocks=grid.blocks,
        baseline=study.plan.baseline.title,
        primary=study.primary.name,
        primary_stated=study.primary.stated,
        factors=levels_of(cell.assignment for cell in grid.cells),
        excluded=(*found.excluded, *study.scores.excluded, *study.assembled.excluded),
        headline=(),
        setup=setup_of(grid, found.runs, found.configs, config.compare.threshold),
        provenance=provenance(config, reader, found, command),
        demo=demo(found.runs),
        every_arm_drawn=config.compare.figures == "all",
        warnings=looks_of(reader, found.heads),
    )


def _with_texts(answer: Comparison, study: AnalysedStudy, margin: float | None) -> Comparison:
    """The test texts and their labels, and the effects on some of them and on further test sets."""
    grid, arms = study.assembled.grid, study.plan.arms
    first = grid.tests[0]
    parts = [subgroup_effects(grid, arms), further_tests(study.scores.runs, arms)]
    if study.primary.name == ACCURACY:
        parts = [parts_with_accuracy(found) for found in parts]
    subgroups, further = (parts_with_margin(found, margin) for found in parts)
    return replace(
        answer,
        positives=grid.positives,
        undecided=grid.undecided,
        test_groups=first.group_count,
        grouped=first.group_count < len(first.ids),
        texts=grid.texts,
        counts=count_changes(grid, arms),
        subgroups=subgroups,
        further_tests=further,
    )


def _with_effects(answer: Comparison, study: AnalysedStudy, judged: JudgedEffects) -> Comparison:
    """The effects, and what the study could find."""
    plan, by_kind = study.plan, judged.by_kind
    return replace(
        answer,
        equivalence=judged.margin,
        effects=over_arms(by_kind["effect"]),
        main_effects=by_kind["main"],
        interactions=by_kind["interaction"],
        pools=pool_pairs(plan.pools, by_kind[POOL]),
        decompositions=over_parts(possible(study.analysis.decompositions, plan.arms)),
        doses=_dose_curves(plan, study.analysis, judged.every, study.primary.name, answer.labels),
        power=judged.power,
    )


def _with_arms(answer: Comparison, config: CompareConfig, study: AnalysedStudy, judged: JudgedEffects) -> Comparison:
    """The arms beside what they are compared with: scores, costs, TF-IDF, and what warns of them."""
    grid, found, effects = study.assembled.grid, study.plan.baseline, judged.by_kind["effect"]
    chosen = config.words("factors") or None
    baseline = found.cells[0] if chosen or len(found.cells) == 1 else found.partners
    scores = score_cells(grid, study.analysis.scores)
    arms = arm_scores(grid, scores, study.analysis.corrected)
    tfidf = tfidf_baseline_of(config, study.found.configs, grid, found.cells[0], scores)
    warnings = _warnings(study, tfidf, judged.power, answer.setup, config.compare.threshold)
    return replace(
        answer,
        arms=arms,
        worth=_real_worth(config, study, arms),
        variances=variances_of_study(grid, scores, study.primary.name),
        tfidf_baseline=tfidf,
        warnings=(*answer.warnings, *warnings),
        partners={one.name: partner_of(one.name, baseline) for one in study.plan.arms},
        associations=associations(grid.cells, found.cells, effects),
        costs=costs(grid.cells, baseline, effects, arms_by=chosen),
    )


def _by_kind(plan: ContrastPlan, effects: Sequence[Effect]) -> Mapping[str, tuple[Effect, ...]]:
    kinds = {contrast.name: contrast.kind for contrast in plan.contrasts}
    return {kind: tuple(e for e in effects if kinds[e.contrast] == kind) for kind in ("effect", "main", "interaction", POOL)}


def _dose_curves(
    plan: ContrastPlan, analysis: Analysis, effects: Sequence[Effect], metric: str, labels: Sequence[str]
) -> tuple[DoseCurve, ...]:
    if analysis.families is None:
        return ()
    cells, together = plan.baseline.cells, analysis.families.over_contrasts
    of_classes = dose_curves(plan.doses, effects, cells, (ACCURACY,), (MICRO, *labels), together) if metric == ACCURACY else ()
    metrics = tuple(name for name in dict.fromkeys((metric, *DOSE_METRICS)) if name != ACCURACY)
    return (*of_classes, *dose_curves(plan.doses, effects, cells, metrics, (MACRO, *labels), together))


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
    return (*found_cautions, *spread_cautions(study.analysis.families, study.primary.name), *warnings)


def _real_worth(config: CompareConfig, study: AnalysedStudy, arms: Sequence[ArmScores]) -> tuple[RealWorth, ...]:
    """A Brier score falls with more texts, and means over several configurations have no size: neither has a worth."""
    grid, metric = study.assembled.grid, study.primary.name
    if metric == "brier" or config.words("factors"):
        return ()

    def effects(contrasts: Sequence[Contrast]) -> Sequence[Effect]:
        rng = np.random.default_rng(config.compare.seed)
        return analyse(grid, contrasts, primary=metric, rng=rng).effects

    place = f"{computed_metric(metric)}/{average_of(metric)}"
    scores = {arm.arm: arm.scores[place][0] for arm in arms}
    return real_worth(learning_curves(grid.cells, study.plan.baseline.partners), effects, metric, scores)


def _nothing_finished(found: StudyRuns) -> str:
    if not found.excluded:
        return "the study has no run yet: the command that began it goes on with it"
    first = found.excluded[0]
    return f"none of {len(found.excluded)} runs finished: {first.name} is {first.status}: {first.reason}"
