"""The first lines of a report: at most five plain sentences, each of which says no more than its interval; pure."""

from collections.abc import Mapping, Sequence

from synthsweep.compare.read.assemble import added_texts
from synthsweep.compare.report.numbers import points
from synthsweep.compare.result import TITLES, ArmScores, ChangeDecomposition, Effect, Interval, Power, SearchResult, SearchTrial
from synthsweep.compare.stats.contrasts import partner_of
from synthsweep.pages.numbers import MINUS, counted
from synthsweep.study.queue.trial_queue import in_words

SHOWN_ARMS = 3
SHOWN_CRITERIA = 4
# What says how a run was mixed, and is told in words.
MIX = ("mix.ratio", "mix.arm", "mix")
# Arms of which the ratio says what they add; control arms have names of their own.
ADDS = ("augment", "synthetic_only")


def headline(
    effects: Sequence[Effect],
    splits: Sequence[ChangeDecomposition],
    *,
    metric: str,
    power: Sequence[Power],
    arms: Sequence[ArmScores],
    baseline: str | Mapping[str, str],
) -> tuple[str, ...]:
    """What an effect study came to: its arms in the primary metric, then how they came about, then single criteria.

    `metric` is the primary one, in which `power` has a row `macro` and one for each criterion; its effects with a `p_family`
    are the family. `baseline` is the name of one of `arms`, or each arm's own by its name.
    """
    macro = [one for one in effects if (one.metric, one.criterion) == (metric, "macro") and one.difference is not None]
    ordered = sorted(macro, key=_interest)
    if not ordered:
        return (f"No arm can be compared in macro {TITLES[metric]}: it is undefined in one side of every pair.",)
    by_name = {arm.arm: arm for arm in arms}
    lines = [_arm_line(one, by_name, baseline, power) for one in ordered[:SHOWN_ARMS]]
    if len(ordered) > SHOWN_ARMS:
        lines[-1] += f" {_more(len(ordered) - SHOWN_ARMS)}"
    return (*lines, *_split_line(ordered[0].contrast, splits), *_criteria_line(effects, metric, power))


def search_headline(search: SearchResult) -> tuple[str, ...]:
    """What a search came to: its best trial, what that is worth on fresh seeds, and what none of it says."""
    complete = [trial for trial in search.trials if trial.state == "complete"]
    front = [trial for trial in complete if trial.front]
    if not front:
        return ("No trial of the search is complete and keeps its constraints yet.",)
    first = _best_line(search, front[0], len(complete)) if len(search.objectives) == 1 else _front_line(search, front, complete)
    warning = (
        "A search looks for a good classifier where it expects one: none of these numbers is an effect of synthetic texts, "
        "which takes a factorial study."
    )
    return (first, *_fresh_line(search), *_test_line(search), warning)


def size(share: float) -> str:
    """A share in points, without a sign."""
    return points(abs(share)).removeprefix("+")


def range_words(interval: Interval) -> str:
    """`−0.4 to +6.8`, in points."""
    return f"{points(interval.low)} to {points(interval.high)}"


def _interest(effect: Effect) -> tuple[bool, float, str]:
    """Told apart from no effect first, then by size."""
    message = effect.interval is not None and effect.interval.excludes_zero
    return not message, -abs(effect.difference or 0.0), effect.contrast


def _arm_line(effect: Effect, arms: Mapping[str, ArmScores], baseline: str | Mapping[str, str], power: Sequence[Power]) -> str:
    subject = _subject(effect.contrast, arms, partner_of(effect.contrast, baseline))
    what = f"macro {TITLES[effect.metric]}"
    change, interval = effect.difference or 0.0, effect.interval
    seeds = counted(effect.pairs, "seed")
    if interval is None:
        return (
            f"{subject} changed {what} by {points(change)} points ({seeds}): without an interval, this says nothing of others."
        )
    within = f"(95 % interval {range_words(interval)}; {seeds})"
    if interval.excludes_zero:
        verb = "raised" if change > 0 else "lowered"
        return f"{subject} {verb} {what} by {size(change)} points {within}."
    return f"{subject} changed {what} by {points(change)} points {within}: not told apart from no effect; {_reach(power)}."


def _subject(name: str, arms: Mapping[str, ArmScores], baseline: str) -> str:
    arm, base = arms.get(name), arms.get(baseline)
    if arm is None or base is None or not _only_adds(arm, base):
        return f"{name}, against {baseline}," if baseline else name
    ratio = arm.assignment["mix.ratio"]
    texts = f"synthetic text{'s' * (ratio != '1')}"
    others = [f"{key}={level}" for key, level in arm.assignment.items() if key not in MIX]
    message = f" ({', '.join(others)})" if others else ""
    if arm.facts.get("train/real") == 0:
        return f"Training on synthetic texts alone, {ratio} for each real one left out{message},"
    return f"Adding {ratio} {texts} for each real one{message}"


def _only_adds(arm: ArmScores, base: ArmScores) -> bool:
    """Whether the arm differs from the baseline by its synthetic texts alone."""
    shared = [key for key in arm.assignment if key in base.assignment and key not in MIX]
    alike = all(arm.assignment[key] == base.assignment[key] for key in shared)
    # Another setting of the training is no addition.
    message = all(key.partition(".")[0] in {"mix", "llm", "prompt", "generate"} or key in shared for key in arm.assignment)
    by_ratio = "mix.ratio" in arm.assignment and arm.assignment.get("mix", ADDS[0]) in ADDS
    return alike and message and by_ratio and added_texts(base.facts) == 0


def _reach(power: Sequence[Power]) -> str:
    found = next((one.detectable for one in power if one.criterion == "macro"), None)
    if found is None:
        return "how large a change this design would have found is not known"
    return f"this design finds a true change of {size(found)} points four times in five"


def _more(count: int) -> str:
    return (
        f"({counted(count, 'more arm')} in the table; "
        "the arms told apart from no effect, then the largest changes, stand first, and no interval allows for that choice.)"
    )


def _split_line(arm: str, splits: Sequence[ChangeDecomposition]) -> tuple[str, ...]:
    """Whether recall and precision moved because the texts are ranked otherwise, or because more of them are predicted."""
    found = {one.metric: one for one in splits if (one.contrast, one.criterion) == (arm, "macro")}
    message = [(found[name], words) for name in ("recall", "precision") if name in found and (words := _parts(found[name]))]
    if not message:
        return ()
    parts = "; ".join(words for _, words in message)
    return (f"In {arm}, {parts}{_which_part([one for one, _ in message])}.",)


def _parts(split: ChangeDecomposition) -> str:
    if split.change is None or split.ranking is None or split.operating_point is None:
        return ""
    ranking = points(split.ranking) + _within(split.ranking_interval)
    operating = points(split.operating_point) + _within(split.operating_point_interval)
    change = f"macro {split.metric} changed by {points(split.change)} points"
    return f"{change}: {ranking} by ranking, {operating} by the operating point"


def _within(interval: Interval | None) -> str:
    return f" ({range_words(interval)})" if interval else ""


def _which_part(splits: Sequence[ChangeDecomposition]) -> str:
    parts = {
        "ranking": [one.ranking_interval for one in splits],
        "the operating point": [one.operating_point_interval for one in splits],
    }
    if any(interval is None for intervals in parts.values() for interval in intervals):
        return ""
    moved = [name for name, intervals in parts.items() if any(one is not None and one.excludes_zero for one in intervals)]
    if len(moved) == 1:
        return f"; of the two, {moved[0]} alone is told apart from no change"
    return f"; {'both are' if moved else 'neither is'} told apart from no change"


def _criteria_line(effects: Sequence[Effect], metric: str, power: Sequence[Power]) -> tuple[str, ...]:
    family = [one for one in effects if one.metric == metric and one.p_family is not None and one.criterion != "macro"]
    if not family:
        return ()
    corrected = f"after correcting for {counted(len(family), 'comparison')}"
    found = sorted(
        (one for one in family if (one.p_family or 0.0) < 0.05), key=lambda one: (one.p_family or 0.0, one.criterion)
    )
    if not found:
        return (f"No single criterion stands out {corrected}{_criteria_reach(power)}.",)
    message = [
        f"{one.criterion} ({points(one.difference or 0.0)} points with {one.contrast})" for one in found[:SHOWN_CRITERIA]
    ]
    more = f" and {len(found) - SHOWN_CRITERIA} more" if len(found) > SHOWN_CRITERIA else ""
    return (f"{', '.join(message)}{more} stand{'s' * (len(found) == 1)} out {corrected}, in {TITLES[metric]}.",)


def _criteria_reach(power: Sequence[Power]) -> str:
    known = sorted((one.detectable, one.criterion) for one in power if one.criterion != "macro" and one.detectable is not None)
    if not known:
        return "; how large a change in one this design would have found is not known"
    (least, easy), (most, hard) = known[0], known[-1]
    range_ = f"{size(least)} ({easy})"
    range_ += f" to {size(most)} ({hard})" if len(known) > 1 else ""
    return f"; this design finds a true change of {range_} points in one four times in five"


def _best_line(search: SearchResult, best: SearchTrial, complete: int) -> str:
    name, value = search.objectives[0], best.values[0]
    reached = "no value" if value is None else f"{value:.3f}".replace("-", MINUS)
    way = "highest" if search.directions[0] == "maximize" else "lowest"
    return (
        f"The best of {counted(complete, 'complete trial')} is number {best.number} ({in_words(best.assignment)}), "
        f"with the {way} {name}, {reached}: the value that it was chosen by, and so too good."
    )


def _front_line(search: SearchResult, front: Sequence[SearchTrial], complete: Sequence[SearchTrial]) -> str:
    numbers = ", ".join(str(trial.number) for trial in front)
    names = ", ".join(search.objectives)
    message = f"Of {len(complete)} complete trials, no other beats these in all of {names}: {numbers}"
    return f"{message}; they were chosen by these values."


def _fresh_line(search: SearchResult) -> tuple[str, ...]:
    fresh = search.confirmation
    if fresh is None:
        return ()
    interval = fresh.fresh_interval
    within = f" (95 % interval {interval.low:.3f} to {interval.high:.3f})".replace("-", MINUS) if interval else ""
    count = counted(len(fresh.seeds), "seed")
    found = f"{fresh.fresh:.3f}, where it was chosen by {fresh.selected:.3f}".replace("-", MINUS)
    return (f"On {count} that chose nothing, trial {fresh.trial} has a {fresh.objective} of {found}{within}.",)


def _test_line(search: SearchResult) -> tuple[str, ...]:
    found = [(title, search.test_scores.get(f"{metric}/macro")) for metric, title in TITLES.items()]
    message = [f"{title} {value:.3f}" for title, value in found if value is not None]
    return (f"On test, its macro scores are: {', '.join(message)}.",) if message else ()
