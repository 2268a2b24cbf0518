"""Comparisons of a few effects, for tests of sentences."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from support import answers
from synthsweep.compare.result.comparison import Comparison
from synthsweep.compare.result.effects import Effect, Interval
from synthsweep.compare.result.supplements import ArmScores, Power
from synthsweep.compare.stats.over_arms import over_arms

AP = "average_precision"
BASE = ArmScores("ratio=0", {"mix.ratio": "0"}, 6, {}, {"train/synthetic": 0.0, "train/real": 200.0})
NAME = "ratio=0.5 llm=recorded prompt=plain"
ARM = ArmScores(
    NAME, {"mix.ratio": "0.5", "llm": "recorded", "prompt": "plain"}, 6, {}, {"train/synthetic": 100.0, "train/real": 200.0}
)
POWER = (Power("macro", 300, 6, 0.02, 0.01, 0.0412),)


def effect(difference: float | None, low: float | None = None, high: float | None = None, **more: Any) -> Effect:
    """Its p is below 0.05 if its interval excludes 0; 0.001 if it does so by far."""
    interval = None if low is None or high is None else Interval(low, high)
    clear = interval is not None and interval.excludes_zero
    p = (
        None
        if interval is None
        else 0.5
        if not clear
        else 0.001
        if min(abs(interval.low), abs(interval.high)) > 0.003
        else 0.03
    )
    given = {"contrast": NAME, "metric": AP, "criterion": "macro", "pairs": 6, "baseline": None, "arm": None, "p": p, **more}
    return Effect(difference=difference, interval=interval, **given)


def told(*effects: Effect, arms: Sequence[ArmScores] = (BASE, ARM), **more: Any) -> Comparison:
    """A comparison with these effects, corrected over arms, all against one baseline."""
    partners = {one.contrast: "ratio=0" for one in effects}
    given = {"arms": tuple(arms), "power": POWER, "partners": partners, **more}
    return replace(answers.EMPTY, effects=over_arms(effects), **given)
