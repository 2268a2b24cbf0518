"""Effects along a numeric factor: which arms make a curve, and a monotone line through them; pure."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.interpolate import PchipInterpolator
from scipy.optimize import isotonic_regression

from synthsweep.compare.grid import Cell, Contrast
from synthsweep.compare.result.effects import DoseCurve, DosePoint, Effect, Interval
from synthsweep.compare.stats.contrasts import Arm, Setting, arms_of, leaf_names, trend_contrast
from synthsweep.study.queue.trial_queue import in_words

RATIO = "mix.ratio"
# The groups of keys that can be a dose; along others, such as a learning rate, effects need not be monotone.
DOSED = ("mix", "llm", "prompt", "generate")
SMOOTH_POINTS = 25
# The baseline's effect is 0 without error, so its weight is this many times that of all other points together.
CERTAIN = 1e9


@dataclass(frozen=True)
class DoseSeries:
    """The arms of one curve by rising dose; `held` names the factors that are held fixed, `trend` needs three doses."""

    factor: str
    held: str
    arms: tuple[Arm, ...]
    doses: tuple[float, ...]
    trend: Contrast | None


def dose_plan(
    cells: Sequence[Cell], control: str | None, factors: Sequence[str], *, arms_by: Sequence[str] | None = None
) -> tuple[DoseSeries, ...]:
    """A series for each numeric factor of the texts and each setting of the other factors.

    An arm at dose 0 belongs to every series whose setting it does not contradict: ratio 0 fits all LLMs. The control counts as
    dose 0 of `mix.ratio` if its assignment does not name the ratio (the arm real_only). A series needs three doses, since two
    are one difference. `arms_by`: the arms are the settings of these factors, as in `arm_contrasts`.
    """
    arms = arms_of(cells, arms_by)
    dosed = [factor for factor in factors if factor.partition(".")[0] in DOSED]
    return tuple(series for factor in dosed for series in _series_of(arms, control, factor, leaf_names(factors)[factor]))


def dose_curves(
    plan: Sequence[DoseSeries],
    effects: Sequence[Effect],
    baseline: str | Collection[str],
    metrics: Sequence[str],
    criteria: Sequence[str],
    together: Callable[[Sequence[str], str, str], Mapping[str, Interval]] = lambda *_: {},
) -> tuple[DoseCurve, ...]:
    """The curves of every series, metric and criterion, from the effects of its arms and of its trend.

    `together` gives the intervals of several arms that hold at once, in a metric and criterion.

    `baseline` names the arms that effects are compared with; their own effect is 0 by definition. Points and curves
    without an effect are left out.
    """
    by_key = {(one.contrast, one.metric, one.criterion): one for one in effects}
    bases = {baseline} if isinstance(baseline, str) else set(baseline)
    curves = (
        _curve(series, by_key, bases, together([arm.name for arm in series.arms], metric, criterion), metric, criterion)
        for series in plan
        for metric in metrics
        for criterion in criteria
    )  # fmt: skip
    return tuple(curve for curve in curves if any(point.effect.contrast not in bases for point in curve.points))


def monotone(doses: Sequence[float], differences: Sequence[float], weights: Sequence[float]) -> tuple[tuple[float, float], ...]:
    """25 points of a line that only rises or only falls, whichever fits the points better; none for fewer than three.

    Isotonic regression at the doses, monotone cubic pieces between them (Fritsch and Carlson 1980).
    """
    if len(doses) < 3:
        return ()
    fits = [isotonic_regression(differences, weights=weights, increasing=way).x for way in (True, False)]
    best = min(fits, key=lambda fit: float(np.sum(np.asarray(weights) * (fit - np.asarray(differences)) ** 2)))
    grid = np.linspace(doses[0], doses[-1], SMOOTH_POINTS)
    return tuple(zip(grid.tolist(), PchipInterpolator(doses, best)(grid).tolist(), strict=True))


def _series_of(arms: Sequence[Arm], control: str | None, factor: str, name: str) -> list[DoseSeries]:
    doses = {arm.name: _dose(arm, control, factor) for arm in arms}
    zeros = [arm for arm in arms if doses[arm.name] == 0]
    groups: dict[Setting, list[Arm]] = {}
    for arm in arms:
        # Arms in which the dose does not act, or is not a number, are left out.
        if doses[arm.name]:
            groups.setdefault(tuple(sorted(_held(arm, factor).items())), []).append(arm)
    joined = ((setting, [*_at_zero(zeros, dict(setting), factor), *members]) for setting, members in groups.items())
    return [_series(members, doses, factor, name) for _, members in joined if _enough(members, doses)]


def _series(members: Sequence[Arm], doses: Mapping[str, float | None], factor: str, name: str) -> DoseSeries:
    ordered = sorted(members, key=lambda arm: doses[arm.name] or 0.0)
    numbers = tuple(doses[arm.name] or 0.0 for arm in ordered)
    held = in_words(_held(ordered[-1], factor))
    label = f"{name} trend: {held}" if held else f"{name} trend"
    return DoseSeries(factor, held, tuple(ordered), numbers, trend_contrast(ordered, numbers, label, factor))


def _dose(arm: Arm, control: str | None, factor: str) -> float | None:
    level = arm.assignment.get(factor)
    if level is None:
        is_control = any(cell.name == control for cell in arm.cells)
        return 0.0 if factor == RATIO and is_control else None
    try:
        dose = float(level)
    except ValueError:
        return None
    return dose if np.isfinite(dose) else None


def _held(arm: Arm, factor: str) -> dict[str, str]:
    return {key: level for key, level in arm.assignment.items() if key != factor}


def _at_zero(zeros: Sequence[Arm], setting: Mapping[str, str], factor: str) -> list[Arm]:
    """The arm at dose 0 that agrees with a setting, in a list; of several, the one with the most factors."""
    agreeing = [arm for arm in zeros if all(_agrees(key, level, setting) for key, level in _held(arm, factor).items())]
    return sorted(agreeing, key=lambda arm: -len(arm.assignment))[:1]


def _agrees(key: str, level: str, setting: Mapping[str, str]) -> bool:
    # real_only and augment differ in nothing but the dose.
    return setting.get(key) == level or (key in {"mix", "mix.arm"} and level == "real_only")


def _enough(members: Sequence[Arm], doses: Mapping[str, float | None]) -> bool:
    different = {doses[arm.name] for arm in members}
    return len(different) == len(members) >= 3


def _curve(
    series: DoseSeries,
    by_key: Mapping[tuple[str, str, str], Effect],
    bases: Collection[str],
    together: Mapping[str, Interval],
    metric: str,
    criterion: str,
) -> DoseCurve:
    found = (by_key.get((arm.name, metric, criterion)) for arm in series.arms)
    known = [replace(one, simultaneous_interval=together.get(one.contrast)) for one in found if one is not None]
    effects: dict[str, Effect | None] = dict.fromkeys(arm.name for arm in series.arms)
    effects |= {one.contrast: one for one in known}
    effects |= {name: _zero_effect(name, metric, criterion, known) for name in effects if name in bases}
    placed = [(dose, effects[arm.name]) for arm, dose in zip(series.arms, series.doses, strict=True)]
    points = tuple(DosePoint(dose, one) for dose, one in placed if one is not None)
    trend = by_key.get((series.trend.name, metric, criterion)) if series.trend else None
    return DoseCurve(series.factor, series.held, metric, criterion, points, _smooth(points, bases), trend)


def _zero_effect(baseline: str, metric: str, criterion: str, others: Sequence[Effect]) -> Effect:
    """The effect of the baseline against itself, which is 0."""
    score = next((one.baseline for one in others if one.baseline is not None), None)
    return Effect(baseline, metric, criterion, score, score, 0.0, None, max((one.pairs for one in others), default=0))


def _smooth(points: Sequence[DosePoint], bases: Collection[str]) -> tuple[tuple[float, float], ...]:
    defined = [(point.dose, point.effect.difference, point.effect) for point in points if point.effect.difference is not None]
    variances = [_variance(effect) for *_, effect in defined if effect.contrast not in bases]
    # Points are weighted only if every variance is known.
    weighted = all(variance > 0 for variance in variances)
    weights = [1 / _variance(effect) if weighted and effect.contrast not in bases else 1.0 for *_, effect in defined]
    certain = CERTAIN * sum(weights)
    return monotone(
        [dose for dose, *_ in defined],
        [difference for _, difference, _ in defined],
        [certain if effect.contrast in bases else weight for weight, (*_, effect) in zip(weights, defined, strict=True)],
    )


def _variance(effect: Effect) -> float:
    return (effect.seed_variance or 0.0) + (effect.text_variance or 0.0)
