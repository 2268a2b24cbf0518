"""Which criteria a significant macro change comes from; pure."""

from collections.abc import Sequence

from synthsweep.compare.report.headline.arms import macro_effects
from synthsweep.compare.report.intervals import range_in_words
from synthsweep.compare.result.comparison import Comparison
from synthsweep.compare.result.effects import MICRO, TITLES, Effect
from synthsweep.pages.numbers import percent_of, points

# A macro change comes from few criteria if at most a third of them make this share of it.
MOST = 0.6
FEWEST_CRITERIA = 3
NAMED = 3


def driver_line(answer: Comparison) -> tuple[str, ...]:
    """Of the first arm: the few criteria that make most of its change, and the micro average where it says something else."""
    first = next(iter(macro_effects(answer)), None)
    # Accuracy is no mean over classes.
    if first is None or not first.is_significant or first.criterion == MICRO:
        return ()
    few = _few(first, answer)
    micro = answer.effect(first.contrast, answer.primary, MICRO)
    other = _micro(micro) if micro and (few or _differs(first, micro)) else ""
    if not few and not other:
        return ()
    of = f"the change of macro {TITLES[answer.primary]} with {first.contrast}"
    if not few:
        return (f"Frequent criteria do not follow {of}: {other}.",)
    return (f"{few} of {of}{f'; {other}' if other else ''}.",)


def _few(first: Effect, answer: Comparison) -> str:
    """`2 of 7 criteria, A1 (12 positives) and B3 (5), make 72 %`; empty if many criteria share in the change."""
    found = [answer.effect(first.contrast, answer.primary, label) for label in answer.labels]
    changes = [(one.criterion, one.difference) for one in found if one and one.difference is not None]
    whole = sum(change for _, change in changes)
    if len(changes) < FEWEST_CRITERIA or not whole:
        return ""
    by_share = sorted(((change / whole, name) for name, change in changes), reverse=True)
    sums = [sum(share for share, _ in by_share[: count + 1]) for count in range(len(by_share))]
    count = next(place + 1 for place, share in enumerate(sums) if share >= MOST)
    if count > max(1, len(changes) // 3):
        return ""
    share = "more than all" if sums[count - 1] > 1 else percent_of(sums[count - 1])
    names = _named([name for _, name in by_share[:count]], answer)
    return f"{count} of {len(changes)} criteria{names} make{'s' * (count == 1)} {share}"


def _named(names: Sequence[str], answer: Comparison) -> str:
    counts = [answer.positives.get(name) for name in names]
    if len(names) > NAMED:
        known = [count for count in counts if count is not None]
        return f", with {min(known)} to {max(known)} positives," if known else ""
    told = [name if count is None else f"{name} ({count} positives)" for name, count in zip(names, counts, strict=True)]
    return f", {' and '.join(told)},"


def _differs(macro: Effect, micro: Effect) -> bool:
    """Whether micro went the other way, or not clearly half as far."""
    one, other = macro.difference or 0.0, micro.difference
    if other is None or micro.interval is None:
        return False
    return one * other < 0 or (not micro.interval.excludes_zero and abs(other) < abs(one) / 2)


def _micro(micro: Effect) -> str:
    if micro.difference is None:
        return ""
    within = f" (95 % interval {range_in_words(micro.interval)})" if micro.interval else ""
    return f"micro {TITLES[micro.metric]} changed by {points(micro.difference)} points{within}"
