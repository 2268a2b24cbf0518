"""A comparison on one screen: runs -> scores -> grid -> contrasts -> effects -> answer."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from synthsweep.compare.baseline import Baseline, contrasts_to, find_baseline
from synthsweep.compare.grid import Contrast, Grid
from synthsweep.compare.read.assemble import Assembled, assemble
from synthsweep.compare.read.background import demo, label_names, provenance, tfidf_baseline_of
from synthsweep.compare.read.cells import levels_of
from synthsweep.compare.read.runs import Found, Reader
from synthsweep.compare.read.scored_runs import Scores, score_runs
from synthsweep.compare.report.headline import headline
from synthsweep.compare.result import METRICS, ArmScores, Comparison, DoseCurve, Effect, VarianceShare
from synthsweep.compare.search.search_report import answer_search
from synthsweep.compare.stats.associations import associations
from synthsweep.compare.stats.contrasts import interaction_contrasts, main_contrasts
from synthsweep.compare.stats.cost import costs
from synthsweep.compare.stats.dose import DoseSeries, dose_curves, dose_plan
from synthsweep.compare.stats.effects import Analysis, analyse
from synthsweep.compare.stats.power import power_of_study
from synthsweep.compare.stats.scores.kernel import score_cells
from synthsweep.compare.stats.variance import variance_shares
from synthsweep.config.roots import CompareConfig
from synthsweep.errors import StudyError
from synthsweep.progress import Progress, Stage

MACRO, MICRO = "macro", "micro"
DEFAULT_METRIC = "average_precision"
# With fewer, all flips that there are cannot reach 0.05.
ENOUGH_SEEDS = 6


def compare_studies(config: CompareConfig, reader: Reader, progress: Progress, command: str) -> Comparison:
    """The answer of one or more studies; `command` is how to ask again.

    Raises:
        StudyError: there is nothing that could be compared, with the reason.
        TrackingError: the store does not answer.
    """
    found = reader.find(config.words("study"), config.compare.filter or "")
    if any(head.design == "search" for head in found.heads):
        return answer_search(config, reader, found, progress, command)
    if not found.runs:
        raise StudyError(_nothing_finished(found))
    progress(Stage(f"reading the predictions of {len(found.runs)} runs"))
    scores = score_runs(found.runs, reader, config.compare.threshold, progress)
    assembled = assemble(scores.runs)
    plan, question = _plan(config, assembled.grid, scores), _question(config, found)
    progress(Stage(f"computing effects of {len(plan.arms)} arms over {len(assembled.grid.blocks)} seeds"))
    analysis = analyse(
        assembled.grid, plan.contrasts, primary=question.metric, resamples=config.compare.resamples,
        rng=np.random.default_rng(config.compare.seed), progress=progress,
    )  # fmt: skip
    progress(Stage("looking at doses, costs and the baseline"))
    return _answer(config, reader, _Compared(found, scores, assembled, plan, question, analysis), command)


@dataclass(frozen=True)
class _Question:
    """The metric of the family, and whether it was stated before the study ran: as its objective."""

    metric: str
    stated: bool


@dataclass(frozen=True)
class _Plan:
    """What is held against what; `doses` are the curves that can be drawn."""

    baseline: Baseline
    factors: tuple[str, ...]
    arms: tuple[Contrast, ...]
    main: tuple[Contrast, ...]
    interactions: tuple[Contrast, ...]
    doses: tuple[DoseSeries, ...]

    @property
    def contrasts(self) -> tuple[Contrast, ...]:
        trends = tuple(series.trend for series in self.doses if series.trend is not None)
        return (*self.arms, *self.main, *self.interactions, *trends)


def _plan(config: CompareConfig, grid: Grid, scores: Scores) -> _Plan:
    cells = grid.cells
    baseline = find_baseline(cells, config.words("baseline"), scores.trials)
    chosen = config.words("factors")
    factors = chosen or tuple(levels_of(cell.assignment for cell in cells))
    control = baseline.cells[0]
    return _Plan(
        baseline,
        factors,
        contrasts_to(cells, baseline, chosen),
        main_contrasts(cells, control, factors) if len(cells) > 2 else (),
        interaction_contrasts(cells, control, factors),
        dose_plan(cells, control, factors, arms_by=chosen or None),
    )


def _question(config: CompareConfig, found: Found) -> _Question:
    stated = next((word.split("/")[1] for head in found.heads for word in head.objectives.split() if "/" in word), "")
    metric = config.compare.metric or (stated if stated in METRICS else DEFAULT_METRIC)
    return _Question(metric, metric == stated)


@dataclass(frozen=True)
class _Compared:
    """Everything that an answer is told from."""

    found: Found
    scores: Scores
    assembled: Assembled
    plan: _Plan
    question: _Question
    analysis: Analysis

    @property
    def grid(self) -> Grid:
        return self.assembled.grid


def _answer(config: CompareConfig, reader: Reader, known: _Compared, command: str) -> Comparison:
    grid, plan, metric = known.grid, known.plan, known.question.metric
    by_kind, table = _by_kind(plan, known.analysis.effects), score_cells(grid)
    effects, base, arms = by_kind["effect"], plan.baseline.cells[0], _arm_scores(grid, table)
    chosen = config.words("factors") or None
    power = power_of_study(effects, grid, metric, config.compare.power)
    decompositions = known.analysis.decompositions
    against = base if chosen or len(plan.baseline.cells) == 1 else plan.baseline.partners
    message = headline(effects, decompositions, metric=metric, power=power, arms=arms, baseline=against)
    return Comparison(
        studies=tuple(dict.fromkeys(run.study for run in known.found.runs)),
        design="factorial",
        labels=grid.labels,
        label_names=label_names(known.found.runs[0]),
        positives=_positives(grid),
        test_texts=len(grid.tests[0].ids),
        test_groups=grid.tests[0].group_count,
        grouped=grid.tests[0].group_count < len(grid.tests[0].ids),
        texts=grid.texts,
        blocks=grid.blocks,
        baseline=plan.baseline.title,
        primary=metric,
        primary_stated=known.question.stated,
        factors=levels_of(cell.assignment for cell in grid.cells),
        arms=arms,
        effects=effects,
        main_effects=by_kind["main"],
        interactions=by_kind["interaction"],
        decompositions=decompositions,
        doses=_doses(plan, known.analysis.effects, metric, grid.labels),
        associations=associations(grid.cells, plan.baseline.cells, effects),
        variances=_variances(grid, table, metric),
        power=power,
        costs=costs(grid.cells, against, effects, arms_by=chosen),
        tfidf_baseline=tfidf_baseline_of(config, reader, grid, base, table),
        excluded=(*known.found.left, *known.scores.left, *known.assembled.left),
        warnings=_warnings(known),
        headline=message,
        provenance=provenance(config, reader, known.found, command),
        demo=demo(known.found.runs),
    )


def _by_kind(plan: _Plan, effects: Sequence[Effect]) -> dict[str, tuple[Effect, ...]]:
    kinds = {contrast.name: contrast.kind for contrast in plan.contrasts}
    return {kind: tuple(e for e in effects if kinds[e.contrast] == kind) for kind in ("effect", "main", "interaction", "trend")}


def _positives(grid: Grid) -> dict[str, int]:
    counts = np.mean([test.truth.sum(axis=0) for test in grid.tests], axis=0)
    return {label: round(float(count)) for label, count in zip(grid.labels, counts, strict=True)}


def _arm_scores(grid: Grid, table: np.ndarray) -> tuple[ArmScores, ...]:
    criteria = (*grid.labels, MACRO, MICRO)
    return tuple(
        ArmScores(
            arm=cell.name,
            assignment=dict(cell.assignment),
            runs=len(cell.outputs),
            scores={
                f"{metric}/{criterion}": _mean_and_spread(table[place, :, m, c])
                for m, metric in enumerate(METRICS)
                for c, criterion in enumerate(criteria)
            },
            facts=cell.facts,
        )
        for place, cell in enumerate(grid.cells)
    )


def _mean_and_spread(values: np.ndarray) -> tuple[float | None, float | None]:
    defined = values[~np.isnan(values)]
    if not len(defined):
        return None, None
    return float(defined.mean()), float(defined.std(ddof=1)) if len(defined) > 1 else None


def _doses(plan: _Plan, effects: Sequence[Effect], metric: str, labels: Sequence[str]) -> tuple[DoseCurve, ...]:
    metrics = dict.fromkeys((metric, "average_precision", "precision", "recall"))
    return dose_curves(plan.doses, effects, plan.baseline.cells, tuple(metrics), (MACRO, *labels))


def _variances(grid: Grid, table: np.ndarray, metric: str) -> tuple[VarianceShare, ...]:
    """Of the macro average in the primary metric, where several sources vary: means of the variances within the cells."""
    levels, place = _levels_of_blocks(grid.blocks), (METRICS.index(metric), len(grid.labels))
    shares = [variance_shares(scores, levels, metric=metric, criterion=MACRO) for scores in table[:, :, *place]]
    defined = [found for found in shares if found]
    return tuple(_pooled(of_one_source) for of_one_source in zip(*defined, strict=True))


def _pooled(shares: Sequence[VarianceShare]) -> VarianceShare:
    known = [one.share for one in shares if one.share is not None]
    variance = float(np.mean([one.variance for one in shares]))
    return replace(shares[0], variance=variance, share=float(np.mean(known)) if known else None)


def _levels_of_blocks(blocks: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for block in blocks:
        for word in block.split():
            key, _, level = word.partition("=")
            found.setdefault(key, []).append(level)
    return found


def _warnings(known: _Compared) -> tuple[str, ...]:
    found, grid, message = known.found, known.grid, []
    studies = dict.fromkeys(run.study for run in found.runs)
    if known.scores.unmodelled_differences:
        where = f"studies {' and '.join(studies)}" if len(studies) > 1 else "runs"
        more = "; ".join(known.scores.unmodelled_differences)
        message.append(f"{where} differ in more than the factors, which no number here takes apart: {more}")
    if found.left:
        message.append(f"{len(found.left)} run{'s' * (len(found.left) != 1)} failed or did not finish: see the runs left out")
    if len(grid.blocks) < ENOUGH_SEEDS:
        message.append(f"with {len(grid.blocks)} seeds the joint sign-flip test cannot reach p < 0.05, and intervals are wide")
    lacking = [label for label, count in _positives(grid).items() if not count]
    if lacking:
        message.append(f"no test text carries {', '.join(lacking)}: recall, F1 and average precision are undefined there")
    return tuple(message)


def _nothing_finished(found: Found) -> str:
    if not found.left:
        return "the study has no run yet: the command that began it goes on with it"
    first = found.left[0]
    return f"none of {len(found.left)} runs finished: {first.name} is {first.status}: {first.reason}"
