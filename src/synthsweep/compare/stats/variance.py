"""Which sources of randomness move a score: variance components of a balanced crossed layout of runs; pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from math import prod

import numpy as np

from synthsweep.compare.result import VarianceShare


def variance_shares(
    values: np.ndarray, levels: Mapping[str, Sequence[str]], *, metric: str, criterion: str
) -> tuple[VarianceShare, ...]:
    """A share for each factor with two levels or more, then "rest": interactions and what no factor explains.

    `values`: (runs,), one score a run; `levels`: factor to (runs,) levels. By the expected mean squares of a balanced
    random-effects analysis of variance with main effects: E[MS] = rest + runs a level x factor (Searle, Casella and
    McCulloch 1992). A negative estimate is 0. Empty where the layout is not balanced (each combination equally often),
    a value is undefined, or nothing is left to estimate the rest from. `levels` of the rest are its degrees of freedom.
    """
    varied = {factor: found for factor, found in levels.items() if len(set(found)) > 1}
    if not varied or np.isnan(values).any() or not _balanced(list(varied.values())):
        return ()
    sizes = {factor: len(set(found)) for factor, found in varied.items()}
    degrees = len(values) - 1 - sum(size - 1 for size in sizes.values())
    if degrees < 1:
        return ()
    squares = {factor: _between(values, found) for factor, found in varied.items()}
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
    """Each combination of levels occurs, and as often as any other."""
    counts = Counter(zip(*columns, strict=True))
    return len(counts) == prod(len(set(column)) for column in columns) and len(set(counts.values())) == 1


def _between(values: np.ndarray, levels: Sequence[str]) -> float:
    """The sum of squares between levels."""
    places = np.unique(np.asarray(levels), return_inverse=True)[1]
    counts = np.bincount(places)
    return float(np.sum(counts * (np.bincount(places, values) / counts - values.mean()) ** 2))
