"""The answer of a report in one sentence; pure."""

from collections.abc import Mapping, Sequence

from synthsweep.compare.report.headline import is_clear, is_macro, rank, subject_of, verb_of
from synthsweep.compare.result import TITLES, ArmScores, Effect, Power
from synthsweep.compare.stats.contrasts import partner_of
from synthsweep.compare.stats.power import detectable_of, macro_of
from synthsweep.pages.numbers import points, score, size_in_points

# So many arms are told one by one; more are counted.
ARMS_IN_WORDS = 2


def verdict(
    effects: Sequence[Effect],
    *,
    metric: str,
    power: Sequence[Power],
    arms: Sequence[ArmScores],
    baseline: str | Mapping[str, str],
) -> str:
    """The answer in one sentence: how many arms changed the macro average of the primary metric, and how far it went."""
    macro = sorted((one for one in effects if is_macro(one, metric)), key=rank)
    what = f"macro {TITLES[metric]}"
    if not macro:
        return f"No arm can be compared in {what}: it is undefined on one side of every pair."
    clear = [one for one in macro if is_clear(one)]
    if len(macro) <= ARMS_IN_WORDS:
        by_name = {arm.arm: arm for arm in arms}
        told = [_outcome(one, by_name, baseline, "it" if place else what) for place, one in enumerate(macro)]
        rest = [f"; {text[0].lower()}{text[1:]}" for text in told[1:]]
        return f"{told[0]}{''.join(rest)}{'' if clear else _missed(macro, power)}."
    if not clear:
        return f"None of {len(macro)} arms clearly changed {what}{_missed(macro, power)}."
    counts = {verb: sum(verb_of(one) == verb for one in clear) for verb in ("raised", "lowered")}
    parts = [
        f"{f'{count} of' if count < len(macro) else 'all'} {len(macro)} arms {verb}" for verb, count in counts.items() if count
    ]
    said = " and ".join(parts)
    return f"{said[0].upper()}{said[1:]} {what}, most of all {macro[0].contrast}: {points(macro[0].difference)} points."


def _outcome(effect: Effect, arms: Mapping[str, ArmScores], baseline: str | Mapping[str, str], what: str) -> str:
    """What one arm did to a score that is called `what`, with the scores on both sides."""
    subject = subject_of(effect.contrast, arms, partner_of(effect.contrast, baseline))
    scores = f"from {score(effect.baseline)} to {score(effect.arm)}"
    return (
        f"{subject} {verb_of(effect)} {what} {scores}"
        if is_clear(effect)
        else f"{subject} did not clearly change {what} ({scores})"
    )


def _missed(effects: Sequence[Effect], power: Sequence[Power]) -> str:
    """By the arm that is known least."""
    macro = macro_of(power)
    own = [detectable_of(one, macro.power) for one in effects] if macro else []
    detectable = max([size for size in own if size is not None], default=macro.detectable if macro else None)
    if detectable is None:
        return ""
    return f"; this study easily misses true changes below {size_in_points(detectable)} points"
