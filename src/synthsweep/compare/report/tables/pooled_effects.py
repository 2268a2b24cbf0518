"""The table of effects that are partially pooled over criteria, beside the raw ones; pure."""

from collections.abc import Sequence

from synthsweep.compare.report.intervals import change, changed
from synthsweep.compare.report.names import title
from synthsweep.compare.result.comparison import Comparison
from synthsweep.compare.result.effects import Effect
from synthsweep.compare.stats.pooling import FEWEST_CRITERIA
from synthsweep.messages import listing
from synthsweep.pages.numbers import points
from synthsweep.pages.tables.table import Table, compact_table, grouped_rows

COLUMNS = {
    "criterion": "l",
    "positives": "r",
    "change [95 %], points": "r",
    "pooled [95 %], points": "r",
    "moved, points": "r",
}
MEANING = (
    "Pooled: a change drawn to the mean of all criteria, the more the less it is known and the more alike they are. It is the "
    "better guess for one criterion, as long as criteria are of one kind. It is no second finding: tests take the raw change."
)


def pooled_effects(answer: Comparison) -> Table | None:
    """Each arm and criterion in the primary metric; None if no arm has enough criteria."""
    chosen = _of_criteria(answer)
    pooled = {one.contrast: None for one in chosen if one.pooled_difference is not None}
    if not pooled:
        return None
    groups = {arm: [_row(answer, one) for one in chosen if one.contrast == arm and one.pooled_interval] for arm in pooled}
    caption = f"Change in {title(answer.primary)} by criterion, raw and partially pooled over the criteria of an arm"
    return compact_table("pooled", caption, COLUMNS, grouped_rows(groups), MEANING, *_left_out(chosen, list(pooled)))


def not_pooled(answer: Comparison) -> str:
    """Why there is no such table; blank if there is one."""
    if not answer.effects or any(one.pooled_difference is not None for one in _of_criteria(answer)):
        return ""
    return f"Effects are not pooled over criteria: that takes {FEWEST_CRITERIA} criteria with an interval in an arm."


def _of_criteria(answer: Comparison) -> list[Effect]:
    return [one for one in answer.effects if one.metric == answer.primary and one.criterion in answer.labels]


def _left_out(effects: Sequence[Effect], pooled: Sequence[str]) -> list[str]:
    """The criteria without an interval, and the arms with too few criteria."""
    criteria = [f"{one.criterion} ({one.contrast})" for one in effects if one.contrast in pooled and not one.pooled_interval]
    arms = list(dict.fromkeys(one.contrast for one in effects if one.contrast not in pooled))
    left = [f"Left out, since they have no interval: {listing(criteria, 6)}."] if criteria else []
    few = [f"Not pooled, with fewer than {FEWEST_CRITERIA} criteria with an interval: {listing(arms, 6)}."] if arms else []
    return [*left, *few]


def _row(answer: Comparison, effect: Effect) -> tuple[str, ...]:
    moved = (effect.pooled_difference or 0.0) - (effect.difference or 0.0)
    positives = answer.positives.get(effect.criterion)
    return (
        effect.criterion,
        "" if positives is None else f"{positives:,}",
        changed(effect),
        change(effect.pooled_difference, effect.pooled_interval),
        points(moved),
    )
