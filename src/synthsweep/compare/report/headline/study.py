"""The headline of an effect study: which pool, its arms, where the change comes from, and what limits its reading; pure."""

from synthsweep.compare.report.headline.arms import arm_line, direction, macro_effects
from synthsweep.compare.report.headline.criteria import criteria_line
from synthsweep.compare.report.headline.drivers import driver_line
from synthsweep.compare.report.headline.obstacles import steps_line, told_arms, undefined_line
from synthsweep.compare.report.headline.parts import parts_line, why_line
from synthsweep.compare.report.headline.pools import pool_lines
from synthsweep.compare.report.intervals import range_in_words
from synthsweep.compare.report.tables.answer import worth_in_words
from synthsweep.compare.report.tables.use import use_lines
from synthsweep.compare.result.comparison import Comparison
from synthsweep.compare.result.effects import CLASS_SCORES, Effect, averaged
from synthsweep.pages.numbers import counted, points, score

SHOWN_ARMS = 3


def headline(answer: Comparison) -> tuple[str, ...]:
    """The sentences to quote, each with its metric, its part and its interval; the last ones only where they apply."""
    ordered = macro_effects(answer)
    if not ordered:
        nothing = f"No arm can be compared in {averaged(answer.primary)}: it is undefined in one side of every pair."
        return (nothing, *undefined_line(answer, tuple(answer.partners)))
    lines = [arm_line(one, answer) for one in ordered[:SHOWN_ARMS]]
    if len(ordered) > SHOWN_ARMS:
        lines[-1] += f" {_more(len(ordered) - SHOWN_ARMS)}"
    classes = class_lines(answer) if answer.kind == "single" else ()
    limits = (*undefined_line(answer, told_arms(answer, SHOWN_ARMS)), *steps_line(answer))
    found = (*driver_line(answer), *parts_line(answer), *criteria_line(answer))
    worth = tuple(f"With {line}" for line in map(worth_in_words, answer.worth[:SHOWN_ARMS]))
    return (*pool_lines(answer), *lines, *direction(answer), *worth, *found, *classes, *use_lines(answer), *limits)


def findings(answer: Comparison) -> tuple[str, ...]:
    """Why the macro averages of the first arm changed, and which criteria stand out; without the numbers of the tables."""
    limits = (*undefined_line(answer, told_arms(answer, SHOWN_ARMS)), *steps_line(answer))
    return (*why_line(answer), *driver_line(answer), *criteria_line(answer), *use_lines(answer), *limits)


def class_lines(answer: Comparison) -> tuple[str, ...]:
    """Accuracy and macro F1 of each arm that is told, where a text carries exactly one label."""
    lines = []
    for arm in told_arms(answer, SHOWN_ARMS):
        found = {name: answer.effect(arm, *place) for name, place in CLASS_SCORES.items()}
        words = [f"{name} from {score(one.baseline)} to {score(one.arm)}{_points(one)}" for name, one in found.items() if one]
        lines.append(f"With {arm}: {', '.join(words)}.")
    return tuple(lines)


def _points(effect: Effect) -> str:
    if effect.difference is None:
        return ""
    interval = f", 95 % interval {range_in_words(effect.interval)}" if effect.interval else ""
    return f" ({points(effect.difference)} points{interval})"


def _more(count: int) -> str:
    return (
        f"({counted(count, 'more arm')} in the table. “Raised” and “lowered” allow for the number of arms; intervals do not.)"
    )
