"""Effects from a grid and its contrasts: differences, intervals for new texts and new seeds, tests over families; pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

import numpy as np

from synthsweep.compare.grid import Cell, Contrast, Grid
from synthsweep.compare.result.effects import METRICS, ChangeDecomposition, Effect, Interval
from synthsweep.compare.stats.accuracy import computed_metric, with_accuracy
from synthsweep.compare.stats.families import CriteriaTogether, EffectFamilies
from synthsweep.compare.stats.inference.effective_draws import EffectiveDraws
from synthsweep.compare.stats.inference.intervals import Estimates, estimate
from synthsweep.compare.stats.inference.multiplicity import false_discovery, holm
from synthsweep.compare.stats.inference.seed_variance import flip_units, seed_clusters
from synthsweep.compare.stats.inference.sign_flip import sign_flip
from synthsweep.compare.stats.inference.simultaneous import JointErrors
from synthsweep.compare.stats.inference.text_variance import ObservedBlocks, observe_blocks
from synthsweep.compare.stats.scores.bias_corrected import corrected_effects
from synthsweep.compare.stats.scores.differences import BlockRow, baseline_and_arm
from synthsweep.compare.stats.scores.estimands import Estimands, estimands, predicted_shares
from synthsweep.compare.stats.scores.kernel import mean_defined
from synthsweep.compare.stats.scores.operating_point import DECOMPOSED_METRICS
from synthsweep.config.metrics import ACCURACY
from synthsweep.progress import Advance, Progress, silent

# Kinds of contrasts between a baseline and an arm, each with a score; trends and interactions have neither.
WITH_ARM = ("effect", "main", "pool")


@dataclass(frozen=True)
class Analysis:
    """`effects`: contrasts x metrics x (criteria, macro, micro); `decompositions`: of the contrasts of kind effect.

    `families` says what several of the effects say together. `corrected` maps each compared cell to its average precision
    without the bias of the test set's size, (blocks, criteria and macro and micro); `scores` maps it to its scores as they are,
    (blocks, metrics, criteria and macro and micro).
    """

    effects: tuple[Effect, ...]
    decompositions: tuple[ChangeDecomposition, ...]
    families: EffectFamilies | None = field(default=None, compare=False)
    corrected: Mapping[str, np.ndarray] = field(default_factory=dict, compare=False)
    scores: Mapping[str, np.ndarray] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class AdjustedP:
    """p values adjusted over a family, (contrasts, metrics, criteria); NaN outside it."""

    holm: np.ndarray
    sign_flip: np.ndarray
    false_discovery: np.ndarray


def analyse(
    grid: Grid,
    contrasts: Sequence[Contrast],
    *,
    primary: str,
    rng: np.random.Generator,
    progress: Progress = silent,
) -> Analysis:
    """Estimates every contrast in every metric; `primary` is the metric of the stated family.

    `rng` draws the sign flips of many seeds; `progress` counts the blocks.
    """
    if not contrasts:
        return Analysis((), ())
    row = estimands(grid, contrasts)
    found = estimate_row(grid, row, progress)
    families = EffectFamilies(row, JointErrors(found.observed, found.estimates))
    adjusted = _adjust(row, found, METRICS.index(computed_metric(primary)), rng)
    effects = tuple(_effects(row, found, adjusted, families.over_criteria()))
    corrected, scores = (_by_cell(row.grid.cells, table) for table in (found.corrected, found.scores))
    shown = with_accuracy(effects) if primary == ACCURACY else effects
    return Analysis(shown, tuple(_decompositions(row, found.estimates)), families, corrected, scores)


def _by_cell(cells: Sequence[Cell], table: np.ndarray) -> dict[str, np.ndarray]:
    return {cell.name: values for cell, values in zip(cells, table, strict=True)}


@dataclass(frozen=True)
class EstimatedRow:
    """The blocks as observed, the estimates from them, and the draws.

    `scores` is (cells, blocks, metrics, criteria and macro and micro), `corrected` the same for corrected average precision,
    without metrics.
    """

    observed: ObservedBlocks
    estimates: Estimates
    scores: np.ndarray
    corrected: np.ndarray
    draws: EffectiveDraws


def estimate_row(grid: Grid, row: Estimands, progress: Progress = silent) -> EstimatedRow:
    """Runs through the blocks once; `progress` counts them."""
    kept: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []

    def rows() -> Iterator[BlockRow]:
        for number in range(len(grid.blocks)):
            block = row.influences(number)
            kept.append((block.scores, block.corrected, block.predicted))
            progress(Advance(number + 1, len(grid.blocks)))
            yield block.row

    observed = observe_blocks(rows(), shared=grid.texts == "shared")
    scores, corrected, predicted = (np.stack(values, axis=1) for values in zip(*kept, strict=True))
    draws = row.effective_draws(mean_defined(predicted, axis=1))
    estimates = estimate(observed, grid.texts, grid.test_share, draws, seed_clusters(grid.blocks), row.families)
    return EstimatedRow(observed, estimates, scores, corrected, draws)


def unadjusted_effects(row: Estimands, found: EstimatedRow) -> tuple[Effect, ...]:
    """Effects that belong to no family of tests, and are not pooled."""
    outside, nothing = np.full(row.effect_shape, np.nan), np.full(found.estimates.difference.shape, np.nan)
    together = CriteriaTogether(nothing, nothing, nothing)
    return tuple(_effects(row, found, AdjustedP(outside, outside, outside), together))


def _adjust(row: Estimands, found: EstimatedRow, primary: int, rng: np.random.Generator) -> AdjustedP:
    arms, labels = list(row.arms), len(row.grid.labels)
    differences = row.effects(found.observed.values)
    p, adjusted = row.effects(found.estimates.p), np.full((3, *row.effect_shape), np.nan)
    if arms:
        stated, shape = differences[:, arms, primary, :labels], (len(arms), labels)
        adjusted[0, arms, primary, :labels] = holm(p[arms, primary, :labels].ravel()).reshape(shape)
        units = flip_units(len(stated), seed_clusters(row.grid.blocks))
        if units is not None:
            # Runs that are copies of one another are no blocks to flip.
            drawn = np.array([not all(map(row.grid.repeats, _cells_of(row.contrasts[arm], row.grid))) for arm in arms])
            flipped = np.where(drawn[:, None], stated, np.nan).reshape(len(stated), -1)
            adjusted[1, arms, primary, :labels] = sign_flip(flipped, rng, units).reshape(shape)
        adjusted[2, arms] = false_discovery(p[arms].ravel()).reshape(p[arms].shape)
    return AdjustedP(*adjusted)


def _cells_of(contrast: Contrast, grid: Grid) -> list[Cell]:
    return [cell for cell in grid.cells if contrast.weights.get(cell.name)]


def _effects(row: Estimands, found: EstimatedRow, adjusted: AdjustedP, together: CriteriaTogether) -> Iterator[Effect]:
    """Long because it lists every field."""
    estimates, plain = found.estimates, found.estimates.plain
    corrected = corrected_effects(row.weights, found.corrected, row.effect_shape)
    baseline, arm = (means.ravel() for means in baseline_and_arm(row.weights, found.scores))
    contrasts = [(contrast, len(row.grid.shared_by(contrast))) for contrast in row.contrasts]
    families = [table.ravel() for table in (adjusted.holm, adjusted.sign_flip, adjusted.false_discovery)]
    for place, ((contrast, blocks), metric, criterion) in enumerate(product(contrasts, METRICS, row.criteria)):
        with_arm, pairs = contrast.kind in WITH_ARM, int(estimates.pairs[place])
        p_family, p_sign_flip, q = (_or_none(table[place]) for table in families)
        without_bias = [_or_none(value) for value in corrected[:, place]]
        yield Effect(
            contrast=contrast.name,
            metric=metric,
            criterion=criterion,
            baseline=_or_none(baseline[place]) if with_arm else None,
            arm=_or_none(arm[place]) if with_arm else None,
            difference=_or_none(estimates.difference[place]),
            interval=estimates.interval(place),
            pairs=pairs,
            undefined=max(blocks - pairs, 0),
            p=_or_none(estimates.p[place]),
            p_family=p_family,
            p_sign_flip=p_sign_flip,
            q=q,
            seed_variance=_or_none(estimates.seed_variance[place]),
            text_variance=_or_none(estimates.text_variance[place]),
            degrees=_or_none(estimates.degrees[place]),
            plain_interval=plain.interval(place),
            seed_degrees=_or_none(estimates.seed_degrees[place]),
            simultaneous_interval=_interval(estimates.difference[place], together.simultaneous[place]),
            pooled_difference=_or_none(together.pooled[place]),
            pooled_interval=_interval(together.pooled[place], together.pooled_half[place]),
            corrected_baseline=without_bias[0] if with_arm else None,
            corrected_arm=without_bias[1] if with_arm else None,
            corrected_difference=without_bias[2],
            tost_interval=estimates.tost_interval(place),
        )


def _decompositions(row: Estimands, estimates: Estimates) -> Iterator[ChangeDecomposition]:
    places = row.part_places
    shares = {contrast: _shares(row, contrast) for contrast in row.arms}
    changes = product(enumerate(row.arms), enumerate(DECOMPOSED_METRICS), enumerate(row.criteria))
    for (number, contrast), (column, metric), (place, criterion) in changes:
        ranking, operating = places[number, column, :, place]
        baseline, arm = (_or_none(share[place]) for share in shares[contrast])
        yield ChangeDecomposition(
            contrast=row.contrasts[contrast].name,
            metric=metric,
            criterion=criterion,
            change=_or_none(estimates.difference[ranking] + estimates.difference[operating]),
            ranking=_or_none(estimates.difference[ranking]),
            ranking_interval=estimates.interval(ranking),
            operating_point=_or_none(estimates.difference[operating]),
            operating_point_interval=estimates.interval(operating),
            predicted_share_baseline=baseline,
            predicted_share_arm=arm,
            ranking_p=_or_none(estimates.p[ranking]),
            operating_point_p=_or_none(estimates.p[operating]),
        )


def _shares(row: Estimands, contrast: int) -> list[np.ndarray]:
    """The predicted shares of the baseline and of the arm, in the blocks that both have."""
    shared = row.grid.shared_by(row.contrasts[contrast])
    if not shared:
        return [np.full(len(row.criteria), np.nan)] * 2
    grid = row.grid.on_blocks(shared)
    return [predicted_shares(grid.cells[cell], grid.tests) for cell in row.cells_of(contrast)]


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _interval(middle: float, half: float) -> Interval | None:
    return None if np.isnan(half) else Interval(float(middle - half), float(middle + half))
