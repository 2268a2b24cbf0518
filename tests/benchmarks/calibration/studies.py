"""Simulated studies put through the product's own statistics, and through intervals that others would give."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, fields
from functools import partial

import numpy as np
from scipy.special import stdtrit

from calibration.designs import Design
from calibration.simulation import contrasts_of, simulate
from synthsweep.compare.result.effects import METRICS
from synthsweep.compare.stats.effects import EstimatedRow, estimate_row
from synthsweep.compare.stats.inference.multiplicity import holm
from synthsweep.compare.stats.power import Spread, power_of
from synthsweep.compare.stats.scores.estimands import Estimands, estimands

# The metric of the family of tests.
PRIMARY = METRICS.index("f1")
UPPER = 0.975


@dataclass(frozen=True)
class Found:
    """Each (estimands,), of one study or, (studies, estimands), of many.

    Half widths: `half` is the product's; `before` is the same with the seeds of each criterion alone, taken as independent;
    `paired` is a t interval on the differences by seed; `hillis` has one t with the degrees of Hillis (2007). `family` and
    `macro_family` are p by Holm over criteria x arms and over the arms' macro averages.
    """

    difference: np.ndarray
    half: np.ndarray
    before: np.ndarray
    paired: np.ndarray
    hillis: np.ndarray
    p: np.ndarray
    family: np.ndarray
    macro_family: np.ndarray
    seeds: np.ndarray
    texts: np.ndarray
    seed_degrees: np.ndarray
    draws: np.ndarray
    pairs: np.ndarray

    def power(self, truth: float, place: int) -> tuple[float, float]:
        """The power for a true difference by the mean variances of the studies, and the mean of what each states by its own."""
        kept, degrees = self.pairs[:, place] > 1, self.seed_degrees / np.maximum(self.pairs - 1, 1)
        columns = (self.seeds * self.pairs, self.texts, self.draws, degrees, self.pairs)
        rows = np.stack([column[kept, place] for column in columns], axis=1)
        rows = rows[np.isfinite(rows).all(axis=1)]
        stated = [_power(truth, row) for row in rows]
        return _power(truth, rows.mean(axis=0)), float(np.mean(stated))


def _power(truth: float, row: np.ndarray) -> float:
    seeds, texts, draws, degrees, pairs = row
    found = power_of(abs(truth), Spread(np.sqrt(seeds), np.sqrt(texts), draws, seed_degrees=degrees), round(pairs))
    return np.nan if found is None else found


def run(design: Design, planted: bool, studies: int, jobs: int) -> Found:
    one = partial(study, design, planted)
    seeds = range(studies * planted, studies * (1 + planted))
    if jobs == 1:
        return _many(list(map(one, seeds)))
    with ProcessPoolExecutor(jobs) as processes:
        return _many(list(processes.map(one, seeds, chunksize=5)))


def row_of(design: Design) -> Estimands:
    """The order of the estimands of any study of this design."""
    grid = simulate(design, False, np.random.default_rng(0))
    return estimands(grid, contrasts_of(design, grid))


def study(design: Design, planted: bool, seed: int) -> Found:
    grid = simulate(design, planted, np.random.default_rng(seed))
    row = estimands(grid, contrasts_of(design, grid))
    found = estimate_row(grid, row)
    estimates, p, shared = found.estimates, np.full(found.estimates.p.shape, np.nan), grid.texts == "shared"
    p[: np.prod(row.effect_shape)] = estimates.p[: np.prod(row.effect_shape)]
    # As the power of a study has it: where blocks do not share their texts, all is variance between seeds.
    seeds, texts = estimates.seed_variance, estimates.text_variance
    if not shared:
        seeds, texts = seeds + texts, np.zeros_like(texts)
    family, macro = (_holm(p, places) for places in _families(row))
    return Found(
        estimates.difference, estimates.half_width, *_others(found, shared=shared), p, family, macro,
        seeds, texts, estimates.seed_degrees, found.draws.count, estimates.pairs,
    )  # fmt: skip


def _many(studies: list[Found]) -> Found:
    return Found(*(np.stack([getattr(one, field.name) for one in studies]) for field in fields(Found)))


def _families(row: Estimands) -> Iterator[np.ndarray]:
    """The places of criteria x arms, and of the arms' macro averages; of all contrasts where none is of an arm."""
    places = np.arange(np.prod(row.effect_shape)).reshape(row.effect_shape)[:, PRIMARY]
    yield places[:, :-2].ravel()
    yield places[:, -2]


def _holm(p: np.ndarray, places: np.ndarray) -> np.ndarray:
    adjusted = np.full_like(p, np.nan)
    adjusted[places] = holm(p[places])
    return adjusted


def _others(found: EstimatedRow, *, shared: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The half widths `before`, `paired` and `hillis`."""
    values, pairs = found.observed.values, found.estimates.pairs
    degrees = np.where(pairs > 1, pairs - 1.0, np.nan)
    centred = values - found.estimates.difference
    seeds = np.nansum(centred**2, axis=0) / degrees / np.maximum(pairs, 1)
    texts, of_texts = np.nan_to_num(found.estimates.text_variance), np.maximum(found.draws.count - 1, 1) if shared else degrees
    before = np.sqrt(stdtrit(degrees, UPPER) ** 2 * seeds + stdtrit(of_texts, UPPER) ** 2 * texts)
    with np.errstate(divide="ignore", invalid="ignore"):
        hillis = degrees * (seeds + texts) ** 2 / seeds**2
    paired = stdtrit(degrees, UPPER) * np.sqrt(seeds)
    return before, paired, stdtrit(np.minimum(hillis, 1e6), UPPER) * np.sqrt(seeds + texts)
