"""The answer of a report in a sentence, after which LLM or prompt is ahead where a study varies them; pure."""

from collections.abc import Sequence

from synthsweep.compare.report.headline.arms import (
    detectable_by_arm,
    direction,
    macro_effects,
    margin_in_words,
    subject_in,
    verb_of,
)
from synthsweep.compare.report.headline.pools import pool_lines
from synthsweep.compare.result.comparison import Comparison
from synthsweep.compare.result.effects import Effect, averaged
from synthsweep.pages.numbers import points, score, size_in_points

# So many arms are told one by one; more are counted.
ARMS_IN_WORDS = 2


def verdict(answer: Comparison) -> str:
    """How many arms changed the macro average of the primary metric, and how far it went."""
    return " ".join((*pool_lines(answer), _of_arms(answer), *direction(answer)))


def _of_arms(answer: Comparison) -> str:
    macro, what = macro_effects(answer), averaged(answer.primary)
    if not macro:
        return f"No arm can be compared in {what}: it is undefined on one side of every pair."
    clear = [one for one in macro if one.is_significant]
    if len(macro) <= ARMS_IN_WORDS:
        told = [_outcome(one, answer, "it" if place else what) for place, one in enumerate(macro)]
        rest = [f"; {text[0].lower()}{text[1:]}" for text in told[1:]]
        return f"{told[0]}{''.join(rest)}{'' if clear else _missed(macro, answer)}."
    if not clear:
        return f"None of {len(macro)} arms clearly changed {what}{_missed(macro, answer)}."
    counts = {verb: sum(verb_of(one) == verb for one in clear) for verb in ("raised", "lowered")}
    parts = [
        f"{f'{count} of' if count < len(macro) else 'all'} {len(macro)} arms {verb}" for verb, count in counts.items() if count
    ]
    said = " and ".join(parts)
    return f"{said[0].upper()}{said[1:]} {what}, most of all {macro[0].contrast}: {points(macro[0].difference)} points."


def _outcome(effect: Effect, answer: Comparison, what: str) -> str:
    """What one arm did to a score that is called `what`, with the scores on both sides."""
    subject, scores = subject_in(answer, effect.contrast), f"from {score(effect.baseline)} to {score(effect.arm)}"
    if effect.is_significant:
        within = f", by no more than {margin_in_words(answer)}" if effect.equivalent else ""
        return f"{subject} {verb_of(effect)} {what} {scores}{within}"
    if effect.equivalent:
        return f"{subject} changed {what} by no more than {margin_in_words(answer)} ({scores})"
    return f"{subject} did not clearly change {what} ({scores})"


def _missed(effects: Sequence[Effect], answer: Comparison) -> str:
    """What the study cannot say, by the arm that is known least; with a margin, which arms stay within it."""
    within = sum(bool(one.equivalent) for one in effects)
    if within == len(effects):
        return "" if within <= ARMS_IN_WORDS else f", and none by more than {margin_in_words(answer)}"
    some = f"; {within} of them by no more than {margin_in_words(answer)}" if within and len(effects) > ARMS_IN_WORDS else ""
    detectable = max((size for size in detectable_by_arm(answer).values() if size is not None), default=None)
    if detectable is None:
        return some
    easily = "any true change" if detectable >= 1 else f"true changes below {size_in_points(detectable)} points"
    return f"{some}; this study easily misses {easily}"
