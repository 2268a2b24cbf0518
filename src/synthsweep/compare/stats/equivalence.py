"""Whether an effect is shown to be small: two one-sided tests; pure."""

from collections.abc import Sequence
from dataclasses import replace

from synthsweep.compare.result.effects import Effect, PartEffects


def with_margin(effects: Sequence[Effect], margin: float | None) -> tuple[Effect, ...]:
    """Says of each effect whether a change beyond `margin`, a share, either way is excluded; None asks nothing.

    Two one-sided tests at 5 % (Schuirmann 1987): the 90 % interval lies inside of the margin. One arm's claim is wrong in at
    most 5 % of studies; so is the claim that all arms together stay within the margin (Berger 1982).
    """
    if margin is None:
        return tuple(effects)
    return tuple(replace(effect, equivalent=_is_within(effect, margin)) for effect in effects)


def parts_with_margin(parts: Sequence[PartEffects], margin: float | None) -> tuple[PartEffects, ...]:
    """The same for the effects on parts of the test texts."""
    return tuple(replace(part, effects=with_margin(part.effects, margin)) for part in parts)


def _is_within(effect: Effect, margin: float) -> bool | None:
    bound = excluded_bound(effect)
    return None if bound is None else bound < margin


def excluded_bound(effect: Effect) -> float | None:
    """The smallest change that is excluded either way at 5 %; None without an interval."""
    interval = effect.tost_interval
    return None if interval is None else max(abs(interval.low), abs(interval.high))
