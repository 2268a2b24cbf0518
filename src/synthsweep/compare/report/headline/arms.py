"""What an arm did to the macro average of the primary metric, in one sentence; pure."""

from collections.abc import Mapping

from synthsweep.compare.read.assemble import added_texts
from synthsweep.compare.report.intervals import leaves_scores, range_in_words
from synthsweep.compare.report.names import title
from synthsweep.compare.result.comparison import Comparison
from synthsweep.compare.result.effects import LOWER_IS_BETTER, Effect, average_of, averaged
from synthsweep.compare.result.supplements import ArmScores
from synthsweep.compare.stats.equivalence import excluded_bound
from synthsweep.compare.stats.power import detectable_of, macro_of
from synthsweep.pages.numbers import counted, points, size_in_points

COPIES = "duplicate_real"
# The keys that a headline puts into words.
MIX = ("mix.ratio", "mix.count", "mix.arm", "mix")
# Arms that add `mix.ratio` texts for each real one, or `mix.count`; control arms are named as they are.
ADDS = ("augment", "synthetic_only", COPIES)


def macro_effects(answer: Comparison) -> list[Effect]:
    """The defined macro effects of the primary metric: significant ones first, then by size."""
    return sorted((one for one in answer.effects if is_macro(one, answer.primary)), key=rank)


def detectable_by_arm(answer: Comparison) -> dict[str, float | None]:
    """The smallest true change of the average that each arm detects, at the level of all arms; None where it is not known."""
    effects, macro = macro_effects(answer), macro_of(answer.power)
    if macro is None:
        return {}
    # Without variances of its own, an arm is taken for one like the others.
    sizes = {one.contrast: detectable_of(one, macro, comparisons=len(effects)) for one in effects}
    return {arm: macro.detectable if size is None else size for arm, size in sizes.items()}


def is_macro(effect: Effect, metric: str) -> bool:
    """Whether an effect is a defined one of the average that stands for this metric."""
    return (effect.metric, effect.criterion) == (metric, average_of(metric)) and effect.difference is not None


def rank(effect: Effect) -> tuple[bool, float, str]:
    """Significant effects first, then by size."""
    return not effect.is_significant, -abs(effect.difference or 0.0), effect.contrast


def verb_of(effect: Effect) -> str:
    """Which way a significant effect went."""
    return "raised" if (effect.difference or 0.0) > 0 else "lowered"


def arm_line(effect: Effect, answer: Comparison) -> str:
    """The change with its interval, and what the test of all arms together allows to say."""
    subject, what = subject_in(answer, effect.contrast), averaged(effect.metric)
    change, interval = effect.difference or 0.0, effect.interval
    changed = f"{subject} changed {what} by {points(change)} points"
    if interval is None:
        return f"{changed} ({seeds_of(effect)}): without an interval, this says nothing about other seeds and texts."
    within = f"(95 % interval {range_in_words(interval)}; {seeds_of(effect)})"
    wide = "; the interval leaves the range of scores, so these texts or seeds are too few" if leaves_scores(effect) else ""
    if not interval.new_seeds:
        return f"{changed} {within}: this says nothing about other seeds; set replicates=6 or the like."
    if effect.is_significant:
        limits = f"; {_margin(effect, answer)}" if answer.equivalence else ""
        return f"{subject} {verb_of(effect)} {what} by {size_in_points(change)} points {within}{limits}{wide}."
    if effect.equivalent:
        return f"{changed} {within}: {_margin(effect, answer)}."
    return f"{changed} {within}: {_unclear(effect, answer)}; {_detectable(effect, answer)}{wide}."


def direction(answer: Comparison) -> tuple[str, ...]:
    """A sentence for a metric that is an error: a rise of it is no gain."""
    return (f"A lower {title(answer.primary)} is better.",) if answer.primary in LOWER_IS_BETTER else ()


def seeds_of(effect: Effect) -> str:
    """`6 seeds`, or `4 of 6 seeds` where a score is undefined on the others."""
    every = effect.pairs + effect.undefined
    return f"{effect.pairs} of {counted(every, 'seed')}" if effect.undefined else counted(effect.pairs, "seed")


def margin_in_words(answer: Comparison) -> str:
    """The margin that was asked for: `2 points`, `1 point`."""
    size = f"{100 * (answer.equivalence or 0.0):.6g}"
    return f"{size} point{'s' * (size != '1')}"


def subject_in(answer: Comparison, name: str) -> str:
    """Who changed a score: what the arm adds, or its name and that of its baseline."""
    return subject_of(name, {arm.arm: arm for arm in answer.arms}, answer.partners.get(name, ""))


def subject_of(name: str, arms: Mapping[str, ArmScores], baseline: str) -> str:
    """What an arm adds, or its name and that of its baseline."""
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


def _margin(effect: Effect, answer: Comparison) -> str:
    """What two one-sided tests say about the margin that was asked for."""
    within = f" (90 % interval {range_in_words(effect.tost_interval)})" if effect.tost_interval else ""
    if effect.equivalent:
        return f"no change beyond {margin_in_words(answer)}{within}"
    return f"a change beyond {margin_in_words(answer)} is not excluded{within}"


def _unclear(effect: Effect, answer: Comparison) -> str:
    """Why an effect is no finding, and which change it excludes all the same."""
    if effect.interval is not None and effect.interval.excludes_zero:
        return f"not significant after correcting for {len(macro_effects(answer))} arms"
    if answer.equivalence:
        return f"not distinguishable from no effect, and {_margin(effect, answer)}"
    bound = excluded_bound(effect)
    if bound is None or bound >= 1:
        return "not distinguishable from no effect"
    excluded = f"a change beyond {size_in_points(bound)} points either way is excluded (90 % interval)"
    return f"not distinguishable from no effect; {excluded}"


def _detectable(effect: Effect, answer: Comparison) -> str:
    macro, size = macro_of(answer.power), detectable_by_arm(answer).get(effect.contrast)
    if macro is None or size is None:
        return "how large a change this design would have found is not known"
    if size >= 1:
        return f"no true change is so large that this design finds it {macro.chance}"
    return f"this design finds a true change of {size_in_points(size)} points {macro.chance}"
