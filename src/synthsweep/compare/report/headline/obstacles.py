"""What stands between a change and its reading: scores that are undefined, and training that was longer; pure."""

from collections.abc import Iterator, Sequence

from synthsweep.compare.cautions import differ, steps_of
from synthsweep.compare.report.headline.arms import macro_effects
from synthsweep.compare.report.moved import macro_parts
from synthsweep.compare.result.comparison import Comparison
from synthsweep.compare.result.effects import TITLES, Effect
from synthsweep.messages import listing
from synthsweep.pages.numbers import counted

SHOWN = 4
ORDER = tuple(TITLES)
# A score that needs no positive.
ALWAYS_DEFINED = "brier"


def undefined_line(answer: Comparison, told: Sequence[str]) -> tuple[str, ...]:
    """The criteria and seeds that are in no average of the `told` arms, in the metrics that the headline speaks of."""
    metrics = [answer.primary, *(split.metric for arm in told[:1] for split in macro_parts(answer.decompositions, arm))]
    metrics = [metric for metric in dict.fromkeys(metrics) if metric != ALWAYS_DEFINED]
    lacking = [label for label, count in answer.positives.items() if not count] if metrics else []
    parts = [f"no test text shows {listing(lacking, SHOWN)}"] if lacking else []
    effects = [one for one in answer.effects if one.contrast in told and one.metric in metrics and one.criterion not in lacking]
    parts += _by_place(effects, single=len(told) == 1)
    if not parts:
        return ()
    more = f"; and {len(parts) - SHOWN} more, in the table of each metric" if len(parts) > SHOWN else ""
    return (f"Undefined, so left out of the averages: {'; '.join(parts[:SHOWN])}{more}.",)


def _by_place(effects: Sequence[Effect], *, single: bool) -> Iterator[str]:
    """`precision of B2 is defined on 4 of 6 seeds with ratio=1`; the most undefined first, in the order of the metrics."""
    partly = [one for one in effects if one.undefined]
    for one in sorted(partly, key=lambda one: (ORDER.index(one.metric), -one.undefined, one.criterion)):
        where = "" if single else f" with {one.contrast}"
        seeds = f"{one.pairs} of {counted(one.pairs + one.undefined, 'seed')}" if one.pairs else "no seed"
        yield f"{TITLES[one.metric]} of {one.criterion} is defined on {seeds}{where}"


def steps_line(answer: Comparison) -> tuple[str, ...]:
    """The arm whose number of optimiser steps is furthest from its baseline's, and the way to equal steps."""
    steps = {arm.arm: steps_of(arm.facts) for arm in answer.arms}
    pairs = [(arm, steps.get(arm, 0.0), steps.get(base, 0.0)) for arm, base in answer.partners.items()]
    unequal = [(arm, own, of_base) for arm, own, of_base in pairs if own and of_base and differ(own, of_base)]
    if not unequal:
        return ()
    arm, own, of_base = max(unequal, key=lambda one: abs(one[1] - one[2]))
    others = f", the furthest of {len(unequal)} arms" if len(unequal) > 1 else ""
    return (
        f"Training differs, too: {arm} took {own:,.0f} optimiser steps and its baseline {of_base:,.0f}{others}, so part of its "
        "change may come from the steps; training.match_steps=true gives all arms the same.",
    )


def told_arms(answer: Comparison, count: int) -> list[str]:
    """The arms that the headline tells one by one."""
    return [one.contrast for one in macro_effects(answer)[:count]]
