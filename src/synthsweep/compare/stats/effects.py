"""Effects from a grid and its contrasts: differences, intervals for new texts and new seeds, tests over families; pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from synthsweep.compare.grid import Contrast, Grid
from synthsweep.compare.result import METRICS, ChangeDecomposition, Effect
from synthsweep.compare.stats.inference.bootstrap import Statistic, observe, resample
from synthsweep.compare.stats.inference.effective_draws import EffectiveDraws
from synthsweep.compare.stats.inference.intervals import Estimates, estimate
from synthsweep.compare.stats.inference.multiplicity import false_discovery, holm
from synthsweep.compare.stats.inference.sign_flip import sign_flip
from synthsweep.compare.stats.scores.differences import baseline_and_arm
from synthsweep.compare.stats.scores.estimands import BlockStatistic, Estimands, estimands, predicted_shares
from synthsweep.compare.stats.scores.operating_point import DECOMPOSED_METRICS
from synthsweep.progress import Progress, silent

# Kinds of contrasts between a baseline and an arm, each with a score; trends and interactions have neither.
WITH_ARM = ("effect", "main")


@dataclass(frozen=True)
class Analysis:
    """`effects`: contrasts x metrics x (criteria, macro, micro); `decompositions`: of the contrasts of kind effect."""

    effects: tuple[Effect, ...]
    decompositions: tuple[ChangeDecomposition, ...]


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
    resamples: int,
    rng: np.random.Generator,
    progress: Progress = silent,
) -> Analysis:
    """Estimates every contrast in every metric; `primary` is the metric of the stated family.

    Texts are resampled if all blocks share them; `progress` counts the finished resamples.
    """
    if not contrasts:
        return Analysis((), ())
    text_rng, flip_rng = rng.spawn(2)
    row = estimands(grid, contrasts)
    blocks = [row.block(number) for number in range(len(grid.blocks))]
    counts = [block.group_count for block in blocks]
    observed, estimates = estimate_row(grid, blocks, counts, row.effective_draws(blocks), resamples, text_rng, progress)
    adjusted = _adjust(row, estimates, row.effects(observed), METRICS.index(primary), flip_rng)
    return Analysis(tuple(_effects(row, blocks, estimates, adjusted)), tuple(_decompositions(row, estimates)))


def estimate_row(
    grid: Grid,
    statistics: Sequence[Statistic],
    group_counts: Sequence[int],
    draws: EffectiveDraws,
    resamples: int,
    rng: np.random.Generator,
    progress: Progress = silent,
) -> tuple[np.ndarray, Estimates]:
    """The statistics of the blocks as observed, (blocks, estimands), and the estimates from them."""
    observed = observe(statistics, group_counts)
    shared = grid.texts == "shared" and len(statistics) > 1
    resampled = resample(statistics, observed, group_counts[0], resamples, rng, progress) if shared else None
    return observed, estimate(observed, grid.texts, grid.test_share, resampled, draws)


def unadjusted_effects(row: Estimands, blocks: Sequence[BlockStatistic], estimates: Estimates) -> tuple[Effect, ...]:
    """Effects that belong to no family of tests."""
    outside = np.full(row.effect_shape, np.nan)
    return tuple(_effects(row, blocks, estimates, AdjustedP(outside, outside, outside)))


def _adjust(row: Estimands, estimates: Estimates, differences: np.ndarray, primary: int, rng: np.random.Generator) -> AdjustedP:
    """`differences` is (blocks, contrasts, metrics, criteria)."""
    arms, labels = list(row.arms), len(row.grid.labels)
    p, adjusted = row.effects(estimates.p), np.full((3, *row.effect_shape), np.nan)
    if arms:
        stated, shape = differences[:, arms, primary, :labels], (len(arms), labels)
        adjusted[0, arms, primary, :labels] = holm(p[arms, primary, :labels].ravel()).reshape(shape)
        adjusted[1, arms, primary, :labels] = sign_flip(stated.reshape(len(stated), -1), rng).reshape(shape)
        adjusted[2, arms] = false_discovery(p[arms].ravel()).reshape(p[arms].shape)
    return AdjustedP(*adjusted)


def _effects(row: Estimands, blocks: Sequence[BlockStatistic], estimates: Estimates, adjusted: AdjustedP) -> Iterator[Effect]:
    scores = np.stack([block.scores() for block in blocks], axis=1)
    baseline, arm = (means.ravel() for means in baseline_and_arm(row.weights, scores))
    families = [table.ravel() for table in (adjusted.holm, adjusted.sign_flip, adjusted.false_discovery)]
    for place, (contrast, metric, criterion) in enumerate(product(row.contrasts, METRICS, row.criteria)):
        with_arm, pairs = contrast.kind in WITH_ARM, int(estimates.pairs[place])
        p_family, p_sign_flip, q = (_or_none(table[place]) for table in families)
        yield Effect(
            contrast=contrast.name,
            metric=metric,
            criterion=criterion,
            baseline=_or_none(baseline[place]) if with_arm else None,
            arm=_or_none(arm[place]) if with_arm else None,
            difference=_or_none(estimates.difference[place]),
            interval=estimates.interval(place),
            pairs=pairs,
            undefined=len(blocks) - pairs,
            p=_or_none(estimates.p[place]),
            p_family=p_family,
            p_sign_flip=p_sign_flip,
            q=q,
            seed_variance=_or_none(estimates.seed_variance[place]),
            text_variance=_or_none(estimates.text_variance[place]),
            degrees=_or_none(estimates.degrees[place]),
        )


def _decompositions(row: Estimands, estimates: Estimates) -> Iterator[ChangeDecomposition]:
    shares, places = [predicted_shares(cell, row.grid.tests) for cell in row.grid.cells], row.part_places
    changes = product(enumerate(row.arms), enumerate(DECOMPOSED_METRICS), enumerate(row.criteria))
    for (number, contrast), (column, metric), (place, criterion) in changes:
        ranking, operating = places[number, column, :, place]
        baseline, arm = (float(shares[cell][place]) for cell in row.cells_of(contrast))
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
        )


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
