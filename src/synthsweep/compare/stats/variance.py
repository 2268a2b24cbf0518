"""How much each source of randomness changes a score: variance components of a balanced crossed layout of runs; pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import prod

import numpy as np

from synthsweep.compare.grid import Grid
from synthsweep.compare.result.effects import MACRO, METRICS, MICRO, average_of
from synthsweep.compare.result.supplements import VarianceShare
from synthsweep.compare.stats.accuracy import computed_metric


def variances_of_study(grid: Grid, scores: np.ndarray, metric: str) -> tuple[VarianceShare, ...]:
    """Shares of the variance of the metric's average, a mean over the cells; empty if only one source varies.

    `scores` is (cells, blocks, metrics, criteria and macro and micro), as `score_cells` returns it.
    """
    criteria, average = (*grid.labels, MACRO, MICRO), average_of(metric)
    levels, row = _levels_of_blocks(grid.blocks), METRICS.index(computed_metric(metric))
    shown = scores[:, :, row, criteria.index(average)]
    by_cell = [variance_shares(values, levels, metric=metric, criterion=average) for values in shown]
    return tuple(_mean_share(shares) for shares in zip(*filter(None, by_cell), strict=True))


def _mean_share(shares: Sequence[VarianceShare]) -> VarianceShare:
    known = [one.share for one in shares if one.share is not None]
    variance = float(np.mean([one.variance for one in shares]))
    return replace(shares[0], variance=variance, share=float(np.mean(known)) if known else None)


def _levels_of_blocks(blocks: Sequence[str]) -> dict[str, list[str]]:
    """Maps each key to its level in each block; a block has a name such as `seeds.init=1 seeds.draw=2`."""
    levels: dict[str, list[str]] = {}
    for block in blocks:
        for word in block.split():
            key, _, level = word.partition("=")
            levels.setdefault(key, []).append(level)
    return levels


def variance_shares(
    values: np.ndarray, levels: Mapping[str, Sequence[str]], *, metric: str, criterion: str
) -> tuple[VarianceShare, ...]:
    """A share for each factor with two levels or more, then "rest": interactions, and what no factor explains.

    `values`: (runs,), one score per run; `levels`: factor to (runs,) levels. By the expected mean squares of a balanced
    random-effects analysis of variance with main effects: E[MS] = rest + runs per level x factor (Searle, Casella and
    McCulloch 1992). A negative estimate becomes 0. Empty if the layout is not balanced (each combination equally often),
    a value is undefined, or the rest has no degrees of freedom. The `levels` of the rest are its degrees of freedom.
    """
    varied = {factor: column for factor, column in levels.items() if len(set(column)) > 1}
    if not varied or np.isnan(values).any() or not _balanced(list(varied.values())):
        return ()
    sizes = {factor: len(set(column)) for factor, column in varied.items()}
    degrees = len(values) - 1 - sum(size - 1 for size in sizes.values())
    if degrees < 1:
        return ()
    squares = {factor: _between(values, column) for factor, column in varied.items()}
    rest = max(float(np.sum((values - values.mean()) ** 2)) - sum(squares.values()), 0.0) / degrees
    variances = {
        factor: max(squares[factor] / (size - 1) - rest, 0.0) * size / len(values) for factor, size in sizes.items()
    } | {"rest": rest}
    whole = sum(variances.values())
    return tuple(
        VarianceShare(source, metric, criterion, variance, variance / whole if whole else None, sizes.get(source, degrees))
        for source, variance in variances.items()
    )


def _balanced(columns: Sequence[Sequence[str]]) -> bool:
    """Each combination of levels occurs, all equally often."""
    counts = Counter(zip(*columns, strict=True))
    return len(counts) == prod(len(set(column)) for column in columns) and len(set(counts.values())) == 1


def _between(values: np.ndarray, levels: Sequence[str]) -> float:
    """The sum of squares between levels."""
    places = np.unique(np.asarray(levels), return_inverse=True)[1]
    counts = np.bincount(places)
    return float(np.sum(counts * (np.bincount(places, values) / counts - values.mean()) ** 2))
