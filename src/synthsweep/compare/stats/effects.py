"""From a grid and its contrasts to effects: differences, intervals for new texts and new seeds, tests over families; pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from synthsweep.compare.grid import Contrast, Grid
from synthsweep.compare.result import METRICS, ChangeDecomposition, Effect
from synthsweep.compare.stats.inference.bootstrap import observe, resample
from synthsweep.compare.stats.inference.intervals import Estimates, estimate
from synthsweep.compare.stats.inference.multiplicity import false_discovery, holm
from synthsweep.compare.stats.inference.sign_flip import sign_flip
from synthsweep.compare.stats.scores.coordinates import Block, Coordinates, coordinates, predicted_shares
from synthsweep.compare.stats.scores.differences import sides
from synthsweep.compare.stats.scores.operating_point import METRICS as SPLIT_METRICS
from synthsweep.progress import Progress, silent

# Whose sides are means of cells: a trend's weights, or an interaction's, make no arm and no baseline.
TWO_SIDED = ("effect", "main")


@dataclass(frozen=True)
class Analysis:
    """`effects`: contrast x metric x (criteria, macro, micro); `decompositions`: of the contrasts of kind effect."""

    effects: tuple[Effect, ...]
    decompositions: tuple[ChangeDecomposition, ...]


@dataclass(frozen=True)
class Corrected:
    """(contrasts, metrics, criteria) p values over families, NaN outside of them."""

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
    """Every contrast in every metric; `primary` is the metric of the stated family.

    Texts are resampled where all blocks share them, in no more memory for more resamples; `progress` sees how many are
    done, and of how many.
    """
    if not contrasts:
        return Analysis((), ())
    text_rng, flip_rng = rng.spawn(2)
    layout = coordinates(grid, contrasts)
    blocks = [layout.block(number) for number in range(len(grid.blocks))]
    observed = observe(blocks, [block.group_count for block in blocks])
    shared = grid.texts == "shared" and len(blocks) > 1
    drawn = resample(blocks, observed, blocks[0].group_count, resamples, text_rng, progress) if shared else None
    estimates = estimate(observed, grid.texts, grid.test_share, drawn, layout.support(blocks))
    corrected = _correct(layout, estimates, layout.effects(observed), METRICS.index(primary), flip_rng)
    return Analysis(tuple(_effects(layout, blocks, estimates, corrected)), tuple(_splits(layout, estimates)))


def _correct(
    layout: Coordinates, estimates: Estimates, differences: np.ndarray, primary: int, rng: np.random.Generator
) -> Corrected:
    """`differences` is (blocks, contrasts, metrics, criteria)."""
    arms, labels = list(layout.arms), len(layout.grid.labels)
    p, corrected = layout.effects(estimates.p), np.full((3, *layout.effect_shape), np.nan)
    if arms:
        stated, shape = differences[:, arms, primary, :labels], (len(arms), labels)
        corrected[0, arms, primary, :labels] = holm(p[arms, primary, :labels].ravel()).reshape(shape)
        corrected[1, arms, primary, :labels] = sign_flip(stated.reshape(len(stated), -1), rng).reshape(shape)
        corrected[2, arms] = false_discovery(p[arms].ravel()).reshape(p[arms].shape)
    return Corrected(*corrected)


def _effects(layout: Coordinates, blocks: Sequence[Block], estimates: Estimates, corrected: Corrected) -> Iterator[Effect]:
    baseline, arm = (side.ravel() for side in sides(layout.weights, np.stack([block.scores() for block in blocks], axis=1)))
    families = [table.ravel() for table in (corrected.holm, corrected.sign_flip, corrected.false_discovery)]
    for place, (contrast, metric, criterion) in enumerate(product(layout.contrasts, METRICS, layout.criteria)):
        two_sided, pairs = contrast.kind in TWO_SIDED, int(estimates.pairs[place])
        p_family, p_sign_flip, q = (_known(table[place]) for table in families)
        yield Effect(
            contrast=contrast.name,
            metric=metric,
            criterion=criterion,
            baseline=_known(baseline[place]) if two_sided else None,
            arm=_known(arm[place]) if two_sided else None,
            difference=_known(estimates.difference[place]),
            interval=estimates.interval(place),
            pairs=pairs,
            undefined=len(blocks) - pairs,
            p=_known(estimates.p[place]),
            p_family=p_family,
            p_sign_flip=p_sign_flip,
            q=q,
            seed_variance=_known(estimates.seed_variance[place]),
            text_variance=_known(estimates.text_variance[place]),
            degrees=_known(estimates.degrees[place]),
        )


def _splits(layout: Coordinates, estimates: Estimates) -> Iterator[ChangeDecomposition]:
    shares, places = [predicted_shares(cell) for cell in layout.grid.cells], layout.split_places
    rows = product(enumerate(layout.arms), enumerate(SPLIT_METRICS), enumerate(layout.criteria))
    for (row, contrast), (column, metric), (place, criterion) in rows:
        ranking, operating = places[row, column, :, place]
        baseline, arm = (float(shares[cell][place]) for cell in layout.sides(contrast))
        yield ChangeDecomposition(
            contrast=layout.contrasts[contrast].name,
            metric=metric,
            criterion=criterion,
            change=_known(estimates.difference[ranking] + estimates.difference[operating]),
            ranking=_known(estimates.difference[ranking]),
            ranking_interval=estimates.interval(ranking),
            operating_point=_known(estimates.difference[operating]),
            operating_point_interval=estimates.interval(operating),
            predicted_share_baseline=baseline,
            predicted_share_arm=arm,
        )


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
