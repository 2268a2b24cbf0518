"""Which LLM, which prompt: the sentence that comes first where a study varies them; pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from synthsweep.compare.report.headline.arms import seeds_of
from synthsweep.compare.report.intervals import range_in_words
from synthsweep.compare.result.comparison import Comparison
from synthsweep.compare.result.effects import LOWER_IS_BETTER, Effect, Interval, PoolPair, averaged
from synthsweep.messages import listing
from synthsweep.pages.numbers import counted, points

NOUNS = {"llm": "LLM", "llm.name": "LLM", "llm.model": "LLM", "prompt": "prompt", "prompt.variant": "prompt"}
SHOWN = 3


def pool_lines(answer: Comparison) -> tuple[str, ...]:
    """One sentence per factor that says which of its levels is ahead, and of which others that is significant."""
    by_factor: dict[str, list[PoolPair]] = {}
    for pair in answer.pools:
        by_factor.setdefault(pair.factor, []).append(pair)
    return tuple(line for factor, pairs in by_factor.items() if (line := _line(factor, pairs, answer.primary)))


def _line(factor: str, pairs: Sequence[PoolPair], metric: str) -> str:
    noun, sign = NOUNS.get(factor, factor), -1 if metric in LOWER_IS_BETTER else 1
    ahead = _ahead(pairs, metric, sign)
    if ahead is None:
        return f"Which {noun}: not known; {averaged(metric)} is undefined on one side of every pair."
    first, gaps = ahead
    (nearest, gap), *others = list(gaps.items())[:SHOWN]
    told = [_gap(nearest, gap, f" of {averaged(metric)}"), *(_gap(*one) for one in others)]
    change = f"{', '.join(told)}{f', and {len(gaps) - SHOWN} more in the table' if len(gaps) > SHOWN else ''}"
    clear = [other for other, gap in gaps.items() if gap.is_significant and sign * (gap.difference or 0.0) > 0]
    tested = f" after correcting for {counted(len(pairs), 'pair')}" if len(pairs) > 1 else ""
    if not clear:
        return f"Which {noun}: no significant difference{tested}. {first} is ahead: {change}."
    of_whom = listing(clear, SHOWN) if len(clear) == len(gaps) else f"{listing(clear, SHOWN)} alone"
    return f"Which {noun}: {first}, significantly better than {of_whom}{tested}: {change}."


def _ahead(pairs: Sequence[PoolPair], metric: str, sign: int) -> tuple[str, dict[str, Effect]] | None:
    """The level that is ahead on the whole, and what it does against each other one, the nearest first."""
    known = [(pair, effect) for pair in pairs if (effect := pair.effect(metric)) and effect.difference is not None]
    if not known:
        return None
    lead: Counter[str] = Counter()
    for pair, effect in known:
        lead.update({pair.one: sign * (effect.difference or 0.0), pair.other: -sign * (effect.difference or 0.0)})
    first = max(lead, key=lambda level: lead[level])
    own = [(pair.other, effect) for pair, effect in known if pair.one == first]
    own += [(pair.one, _turned(effect)) for pair, effect in known if pair.other == first]
    return first, dict(sorted(own, key=lambda one: sign * (one[1].difference or 0.0)))


def _turned(effect: Effect) -> Effect:
    """The same difference the other way round."""
    interval = Interval(-effect.interval.high, -effect.interval.low) if effect.interval else None
    return replace(effect, difference=-(effect.difference or 0.0), interval=interval)


def _gap(other: str, effect: Effect, of_what: str = "") -> str:
    interval = f"95 % interval {range_in_words(effect.interval)}; " if effect.interval else "no interval; "
    return f"{points(effect.difference)} points{of_what} against {other} ({interval}{seeds_of(effect)})"
