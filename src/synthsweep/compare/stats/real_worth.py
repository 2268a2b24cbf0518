"""How many real texts synthetic ones are worth: read from the learning curve of real texts alone; pure.

The score of `m` real texts is a weighted mean of the two nearest sizes of the curve, linear in the logarithm of the size. So
the difference between an arm and `m` real texts is a contrast like any other, with the same interval, and the 95 % interval
of the worth holds every `m` at which that interval includes 0.
"""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import isotonic_regression

from synthsweep.compare.grid import Cell, Contrast
from synthsweep.compare.read.assemble import SYNTHETIC, added_texts
from synthsweep.compare.read.cells import SYNTHETIC_KEYS
from synthsweep.compare.result.effects import Effect, average_of
from synthsweep.compare.result.supplements import RealWorth
from synthsweep.config.acting import below

SIZE = "data.train_size"
REAL = "train/real"
# Sizes between each pair of neighbours on the curve at which a difference is tested.
STEPS = 12
# Contrasts of this kind belong to no family of tests.
KIND = "worth"


@dataclass(frozen=True)
class LearningCurve:
    """An arm, the cells of real texts alone by rising size, and the contrasts of the arm with each size of a fine grid."""

    arm: Cell
    cells: tuple[Cell, ...]
    sizes: tuple[float, ...]
    contrasts: tuple[Contrast, ...]


def learning_curves(cells: Sequence[Cell], partners: Mapping[str, str]) -> tuple[LearningCurve, ...]:
    """A curve for each arm that adds synthetic texts to real ones, if `data.train_size` varies among cells of real texts alone.

    `partners` maps each arm to its baseline.
    """
    by_name = {cell.name: cell for cell in cells}
    real = [cell for cell in cells if not added_texts(cell.facts) and SIZE in cell.assignment]
    arms = [by_name[name] for name in partners if by_name[name].facts.get(SYNTHETIC) and by_name[name].facts.get(REAL)]
    curves = [(arm, _curve_of(by_name[partners[arm.name]], real)) for arm in arms if partners[arm.name] in by_name]
    return tuple(_learning_curve(arm, curve) for arm, curve in curves if len(curve) > 1)


def real_worth(
    curves: Sequence[LearningCurve],
    estimate: Callable[[Sequence[Contrast]], Sequence[Effect]],
    metric: str,
    scores: Mapping[str, float | None],
) -> tuple[RealWorth, ...]:
    """`estimate` gives the effects of contrasts, `scores` the average scores of cells; an undefined one leaves its arm out."""
    if not curves:
        return ()
    effects = estimate([contrast for curve in curves for contrast in curve.contrasts])
    macro = {one.contrast: one for one in effects if (one.metric, one.criterion) == (metric, average_of(metric))}
    found = [_worth(curve, [macro[one.name] for one in curve.contrasts], scores.get(curve.arm.name)) for curve in curves]
    return tuple(one for one in found if one is not None)


def _curve_of(baseline: Cell, real: Sequence[Cell]) -> tuple[Cell, ...]:
    """The cells that differ from a baseline of real texts alone in nothing but the size, by rising size."""
    alike = {cell.facts[REAL]: cell for cell in real if cell.facts.get(REAL) and _setting(cell) == _setting(baseline)}
    return tuple(alike[size] for size in sorted(alike)) if baseline in alike.values() else ()


def _setting(cell: Cell) -> dict[str, str]:
    return {key: level for key, level in cell.assignment.items() if key != SIZE and not below(key, SYNTHETIC_KEYS)}


def _learning_curve(arm: Cell, curve: tuple[Cell, ...]) -> LearningCurve:
    sizes = [float(cell.facts[REAL]) for cell in curve]
    between = [np.geomspace(low, high, STEPS + 1)[:-1] for low, high in itertools.pairwise(sizes)]
    grid = [*np.concatenate(between).tolist(), sizes[-1]]
    contrasts = tuple(
        Contrast(f"{arm.name}: {number}", KIND, {arm.name: 1.0, **_mix(curve, sizes, size)}) for number, size in enumerate(grid)
    )
    return LearningCurve(arm, curve, tuple(grid), contrasts)


def _mix(curve: Sequence[Cell], sizes: Sequence[float], size: float) -> dict[str, float]:
    """The negative weights of the two cells between which a size lies."""
    place = int(np.clip(np.searchsorted(sizes, size, side="right") - 1, 0, len(sizes) - 2))
    share = float(np.clip(np.log(size / sizes[place]) / np.log(sizes[place + 1] / sizes[place]), 0, 1))
    return {curve[place].name: share - 1, curve[place + 1].name: -share}


def _worth(curve: LearningCurve, effects: Sequence[Effect], score: float | None) -> RealWorth | None:
    gaps = [one.difference for one in effects if one.difference is not None]
    if score is None or len(gaps) < len(effects):
        return None
    real = float(curve.arm.facts[REAL])
    own = int(np.argmin(np.abs(np.array(curve.sizes) - real)))
    fits = [one.interval is None or not one.interval.excludes_zero for one in effects]
    equal, above = _crossing(curve.sizes, gaps)
    low, high = _ends(curve.sizes, fits, above=above)
    nodes = {float(cell.facts[REAL]) for cell in curve.cells}
    return RealWorth(
        arm=curve.arm.name,
        real=real,
        synthetic=float(curve.arm.facts[SYNTHETIC]),
        score=score,
        difference=effects[own].interval,
        equal=equal,
        above=above,
        low=low,
        high=high,
        curve=tuple((size, score - gap) for size, gap in zip(curve.sizes, gaps, strict=True) if size in nodes),
    )


def _crossing(sizes: Sequence[float], gaps: Sequence[float]) -> tuple[float | None, bool]:
    """The size at which a gap that only falls is 0, and whether the gap is above 0 everywhere."""
    logs = np.log(np.array(sizes))
    falling = isotonic_regression(gaps, increasing=False).x
    if falling[0] < 0 or falling[-1] > 0:
        return None, bool(falling[-1] > 0)
    return float(np.exp(np.interp(0.0, -falling, logs))), False


def _ends(sizes: Sequence[float], fits: Sequence[bool], *, above: bool) -> tuple[float | None, float | None]:
    """The sizes just outside those that fit; None where these reach an end of the curve."""
    places = [place for place, fit in enumerate(fits) if fit]
    if not places:
        return (sizes[-1], None) if above else (None, sizes[0])
    low = None if places[0] == 0 else sizes[places[0] - 1]
    high = None if places[-1] == len(sizes) - 1 else sizes[places[-1] + 1]
    return low, high
