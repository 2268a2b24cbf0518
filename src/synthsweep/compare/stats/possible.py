"""Where a contrast of scores can lie: intervals that leave this range are cut off, all of them, where they are made; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any, TypeVar

from synthsweep.compare.grid import Contrast
from synthsweep.compare.result.effects import ChangeDecomposition, Effect, Interval

Ranged = TypeVar("Ranged", Effect, ChangeDecomposition)


def possible(found: Sequence[Ranged], contrasts: Sequence[Contrast], differences: int = 1) -> tuple[Ranged, ...]:
    """With each interval cut off where its contrast of scores in [0, 1] ends: at -1 and 1 for an arm against a baseline.

    It loses no coverage, and whether an interval excludes 0 stays. The seen score of the baseline, b, is no bound: where an arm
    finds nothing at all, [-b, 1 - b] would miss the truth in every second study, in which b is below its expectation. With
    `differences` of 2, each number is the difference of two such contrasts.
    """
    ranges = {one.name: _range(one.weights, differences) for one in contrasts}
    return tuple(_cut(one, ranges[one.contrast]) for one in found)


def _range(weights: Mapping[str, float], differences: int) -> tuple[float, float]:
    down, up = (sum(max(sign * weight, 0.0) for weight in weights.values()) for sign in (-1, 1))
    return (-down, up) if differences == 1 else (-down - up, down + up)


def _cut(one: Ranged, ends: tuple[float, float]) -> Ranged:
    values: dict[str, Any] = {item.name: getattr(one, item.name) for item in fields(one)}
    cut: dict[str, Any] = {name: _inside(value, *ends) for name, value in values.items() if isinstance(value, Interval)}
    changed = {name: value for name, value in cut.items() if value != values[name]}
    return replace(one, **changed) if changed else one


def _inside(interval: Interval, low: float, high: float) -> Interval:
    return replace(interval, low=max(interval.low, low), high=min(interval.high, high))
