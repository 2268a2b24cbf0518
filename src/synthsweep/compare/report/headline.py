"""The headline of a report: at most five sentences, none of which claims more than its interval; pure."""

from collections.abc import Mapping, Sequence

from synthsweep.compare.read.assemble import added_texts
from synthsweep.compare.report.intervals import range_in_words
from synthsweep.compare.result import (
    ACCURACY,
    CLASS_SCORES,
    TITLES,
    ArmScores,
    ChangeDecomposition,
    Comparison,
    Effect,
    Interval,
    Power,
    SearchResult,
    SearchTrial,
)
from synthsweep.compare.stats.contrasts import partner_of
from synthsweep.compare.stats.power import detectable_of, macro_of
from synthsweep.pages.numbers import counted, points, score, size_in_points
from synthsweep.study.queue.trial_queue import in_words

SHOWN_ARMS = 3
SHOWN_CRITERIA = 4
COPIES = "duplicate_real"
# The keys that a headline puts into words.
MIX = ("mix.ratio", "mix.count", "mix.arm", "mix")
# Arms that add `mix.ratio` texts for each real one, or `mix.count`; control arms are named as they are.
ADDS = ("augment", "synthetic_only", COPIES)


def headline(
    effects: Sequence[Effect],
    splits: Sequence[ChangeDecomposition],
    *,
    metric: str,
    power: Sequence[Power],
    arms: Sequence[ArmScores],
    baseline: str | Mapping[str, str],
) -> tuple[str, ...]:
    """The result of an effect study: its arms in the primary metric, then the parts of the change, then single criteria.

    `metric` is the primary metric. `power` has one row for macro and one per criterion. Effects with a `p_family` belong to
    the family of tests. `baseline` is the name of one of `arms`, or maps each arm to its own baseline.
    """
    macro = [one for one in effects if is_macro(one, metric)]
    ordered = sorted(macro, key=rank)
    if not ordered:
        return (f"No arm can be compared in macro {TITLES[metric]}: it is undefined in one side of every pair.",)
    by_name = {arm.arm: arm for arm in arms}
    lines = [_arm_line(one, by_name, baseline, power) for one in ordered[:SHOWN_ARMS]]
    if len(ordered) > SHOWN_ARMS:
        lines[-1] += f" {_more(len(ordered) - SHOWN_ARMS)}"
    return (*lines, *_split_line(ordered[0].contrast, splits), *_criteria_line(effects, metric, power))


def class_lines(effects: Sequence[Effect], metric: str) -> tuple[str, ...]:
    """Accuracy and macro F1 of each arm, where a text carries exactly one label; `metric` is the primary one."""
    ordered = sorted((one for one in effects if is_macro(one, metric)), key=rank)[:SHOWN_ARMS]
    by_place = {(one.contrast, one.metric, one.criterion): one for one in effects}
    lines = []
    for arm in (one.contrast for one in ordered):
        found = {name: by_place.get((arm, *place)) for name, place in CLASS_SCORES.items()}
        words = [f"{name} from {score(one.baseline)} to {score(one.arm)}{_points(one)}" for name, one in found.items() if one]
        lines.append(f"With {arm}: {', '.join(words)}.")
    return tuple(lines)


def _points(effect: Effect) -> str:
    if effect.difference is None:
        return ""
    interval = f", 95 % interval {range_in_words(effect.interval)}" if effect.interval else ""
    return f" ({points(effect.difference)} points{interval})"


def is_macro(effect: Effect, metric: str) -> bool:
    """Whether an effect is a defined one of the macro average in this metric."""
    return (effect.metric, effect.criterion) == (metric, "macro") and effect.difference is not None


def is_clear(effect: Effect) -> bool:
    """Whether the interval excludes 0."""
    return effect.interval is not None and effect.interval.excludes_zero


def verb_of(effect: Effect) -> str:
    """Which way a clear effect went."""
    return "raised" if (effect.difference or 0.0) > 0 else "lowered"


def findings(answer: Comparison) -> tuple[str, ...]:
    """Why the macro averages of the first arm changed, and which criteria stand out; without the numbers of the tables."""
    macro = sorted((one for one in answer.effects if is_macro(one, answer.primary)), key=rank)
    why = _why(macro[0].contrast, answer.decompositions, alone=len(macro) == 1) if macro else ()
    return (*why, *_criteria_line(answer.effects, answer.primary, answer.power))


def _why(arm: str, splits: Sequence[ChangeDecomposition], *, alone: bool) -> tuple[str, ...]:
    macro = [split for split in splits if (split.contrast, split.criterion) == (arm, "macro") and split.ranking_interval]
    if not macro:
        return ()
    parts = {
        "ranking": [(split.metric, split.ranking_interval) for split in macro],
        "the operating point": [(split.metric, split.operating_point_interval) for split in macro],
    }
    moves = {name: [_way(*one) for one in changes if one[1] and one[1].excludes_zero] for name, changes in parts.items()}
    moved = [f"{name} ({', '.join(ways)})" for name, ways in moves.items() if ways]
    where = "" if alone else f" with {arm}"
    if not moved:
        return (f"Neither the ranking nor the operating point changed clearly{where}.",)
    return (f"What moved{where}: {' and '.join(moved)}.",)


def _way(metric: str, interval: Interval | None) -> str:
    return f"{metric} {'up' if interval is not None and interval.low > 0 else 'down'}"


def search_headline(search: SearchResult) -> tuple[str, ...]:
    """The result of a search: its best trial, that trial's score on fresh seeds, and a warning."""
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


def rank(effect: Effect) -> tuple[bool, float, str]:
    """Effects whose interval excludes 0 first, then by size."""
    return not is_clear(effect), -abs(effect.difference or 0.0), effect.contrast


def _arm_line(effect: Effect, arms: Mapping[str, ArmScores], baseline: str | Mapping[str, str], power: Sequence[Power]) -> str:
    subject = subject_of(effect.contrast, arms, partner_of(effect.contrast, baseline))
    what = f"macro {TITLES[effect.metric]}"
    change, interval = effect.difference or 0.0, effect.interval
    seeds = counted(effect.pairs, "seed")
    changed = f"{subject} changed {what} by {points(change)} points"
    if interval is None:
        return f"{changed} ({seeds}): without an interval, this says nothing about other seeds and texts."
    within = f"(95 % interval {range_in_words(interval)}; {seeds})"
    if interval.excludes_zero:
        return f"{subject} {verb_of(effect)} {what} by {size_in_points(change)} points {within}."
    return f"{changed} {within}: not distinguishable from no effect; {_detectable(effect, power)}."


def subject_of(name: str, arms: Mapping[str, ArmScores], baseline: str) -> str:
    """Who changed a score: what the arm adds, or its name and that of its baseline."""
    arm, base = arms.get(name), arms.get(baseline)
    if arm is None or base is None or not _only_adds(arm, base):
        return f"{name}, against {baseline}," if baseline else name
    count, ratio = arm.assignment.get("mix.count"), arm.assignment.get("mix.ratio")
    dose = count or ratio
    others = [f"{key}={level}" for key, level in arm.assignment.items() if key not in MIX]
    settings = f" ({', '.join(others)})" if others else ""
    if arm.facts.get("train/real") == 0:
        alone = f"{count} of them" if count else f"{ratio} for each real one left out"
        return f"Training on synthetic texts alone, {alone}{settings},"
    if arm.assignment.get("mix") == COPIES:
        return f"Adding {dose} cop{'ies' if dose != '1' else 'y'} of {'real texts' if count else 'each real text'}{settings}"
    return f"Adding {dose} synthetic text{'s' * (dose != '1')}{'' if count else ' for each real one'}{settings}"


def _only_adds(arm: ArmScores, base: ArmScores) -> bool:
    """Whether the arm differs from the baseline only by its synthetic texts."""
    shared = [key for key in arm.assignment if key in base.assignment and key not in MIX]
    alike = all(arm.assignment[key] == base.assignment[key] for key in shared)
    # A changed training setting is not an addition.
    only_texts = all(key.partition(".")[0] in {"mix", "llm", "prompt", "generate"} or key in shared for key in arm.assignment)
    by_dose = len({"mix.ratio", "mix.count"} & arm.assignment.keys()) == 1 and arm.assignment.get("mix", ADDS[0]) in ADDS
    return alike and only_texts and by_dose and added_texts(base.facts) == 0


def _detectable(effect: Effect, power: Sequence[Power]) -> str:
    macro = macro_of(power)
    size = None if macro is None else detectable_of(effect, macro.power) or macro.detectable
    if macro is None or size is None:
        return "how large a change this design would have found is not known"
    return f"this design finds a true change of {size_in_points(size)} points {macro.chance}"


def _more(count: int) -> str:
    return (
        f"({counted(count, 'more arm')} in the table; "
        "arms that are distinguishable from no effect come first, then the largest changes, and no interval allows for that "
        "choice.)"
    )


def _split_line(arm: str, splits: Sequence[ChangeDecomposition]) -> tuple[str, ...]:
    """Whether recall and precision changed because of the ranking of texts, or of how many are predicted."""
    macro = {one.metric: one for one in splits if (one.contrast, one.criterion) == (arm, "macro")}
    changes = [(macro[name], words) for name in ("recall", "precision") if name in macro and (words := _parts(macro[name]))]
    if not changes:
        return ()
    parts = "; ".join(words for _, words in changes)
    return (f"In {arm}, {parts}{_which_part([one for one, _ in changes])}.",)


def _parts(split: ChangeDecomposition) -> str:
    if split.change is None or split.ranking is None or split.operating_point is None:
        return ""
    ranking = points(split.ranking) + _within(split.ranking_interval)
    operating = points(split.operating_point) + _within(split.operating_point_interval)
    change = f"macro {split.metric} changed by {points(split.change)} points"
    return f"{change}: {ranking} by ranking, {operating} by the operating point"


def _within(interval: Interval | None) -> str:
    return f" ({range_in_words(interval)})" if interval else ""


def _which_part(splits: Sequence[ChangeDecomposition]) -> str:
    parts = {
        "ranking": [one.ranking_interval for one in splits],
        "the operating point": [one.operating_point_interval for one in splits],
    }
    if any(interval is None for intervals in parts.values() for interval in intervals):
        return ""
    moved = [name for name, intervals in parts.items() if any(one is not None and one.excludes_zero for one in intervals)]
    if len(moved) == 1:
        return f"; of the two, {moved[0]} alone is distinguishable from no change"
    return f"; {'both are' if moved else 'neither is'} distinguishable from no change"


def _criteria_line(effects: Sequence[Effect], metric: str, power: Sequence[Power]) -> tuple[str, ...]:
    family = [one for one in effects if one.metric == metric and one.p_family is not None and one.criterion != "macro"]
    if not family:
        return ()
    corrected = f"after correcting for {counted(len(family), 'comparison')}"
    clear = sorted(
        (one for one in family if (one.p_family or 0.0) < 0.05), key=lambda one: (one.p_family or 0.0, one.criterion)
    )
    if not clear:
        return (f"No single criterion stands out {corrected}{_detectable_by_criterion(power)}.",)
    named = [f"{one.criterion} ({points(one.difference or 0.0)} points with {one.contrast})" for one in clear[:SHOWN_CRITERIA]]
    more = f" and {len(clear) - SHOWN_CRITERIA} more" if len(clear) > SHOWN_CRITERIA else ""
    return (f"{', '.join(named)}{more} stand{'s' * (len(clear) == 1)} out {corrected}, in {TITLES[metric]}.",)


def _detectable_by_criterion(power: Sequence[Power]) -> str:
    known = sorted((one.detectable, one.criterion) for one in power if one.criterion != "macro" and one.detectable is not None)
    if not known:
        return "; how large a change in one this design would have found is not known"
    (least, easy), (most, hard) = known[0], known[-1]
    range_ = f"{size_in_points(least)} ({easy})"
    range_ += f" to {size_in_points(most)} ({hard})" if len(known) > 1 else ""
    return f"; this design finds a true change of {range_} points in one {power[0].chance}"


def _best_line(search: SearchResult, best: SearchTrial, complete: int) -> str:
    name, value = search.objectives[0], best.values[0]
    reached = "no value" if value is None else score(value)
    way = "highest" if search.directions[0] == "maximize" else "lowest"
    return (
        f"The best of {counted(complete, 'complete trial')} is number {best.number} ({in_words(best.assignment)}), "
        f"with the {way} {name}, {reached}: the value that it was chosen by, and so too good."
    )


def _front_line(search: SearchResult, front: Sequence[SearchTrial], complete: Sequence[SearchTrial]) -> str:
    numbers = ", ".join(str(trial.number) for trial in front)
    names = ", ".join(search.objectives)
    return (
        f"Of {len(complete)} complete trials, no other beats these in all of {names}: {numbers}; "
        "they were chosen by these values."
    )


def _fresh_line(search: SearchResult) -> tuple[str, ...]:
    fresh = search.confirmation
    if fresh is None:
        return ()
    interval = fresh.fresh_interval
    within = f" (95 % interval {score(interval.low)} to {score(interval.high)})" if interval else ""
    scores = f"{score(fresh.fresh)}, where it was chosen by {score(fresh.selected)}"
    seeds = counted(len(fresh.seeds), "seed")
    return (f"On {seeds} that chose nothing, trial {fresh.trial} has a {fresh.objective} of {scores}{within}.",)


def _test_line(search: SearchResult) -> tuple[str, ...]:
    values = [(title, search.test_scores.get(f"{metric}/macro")) for metric, title in TITLES.items()]
    scores = [f"{title} {score(value)}" for title, value in values if value is not None]
    accuracy = search.test_scores.get(ACCURACY)
    of_classes = "" if accuracy is None else f" Its accuracy is {score(accuracy)}."
    return (f"On test, its macro scores are: {', '.join(scores)}.{of_classes}",) if scores else ()
