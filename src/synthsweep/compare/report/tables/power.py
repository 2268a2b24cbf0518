"""Tables of power: what this study can detect, and the changes that it did not detect; pure."""

from collections.abc import Iterator
from dataclasses import replace

from synthsweep.compare.report.headline.arms import detectable_by_arm
from synthsweep.compare.report.intervals import changed
from synthsweep.compare.report.names import contrasts, primary_criteria, title
from synthsweep.compare.result.comparison import Comparison
from synthsweep.compare.result.effects import Effect, average_of
from synthsweep.compare.result.supplements import Power
from synthsweep.pages.numbers import points
from synthsweep.pages.tables.table import Table, compact_table, grouped_rows


def power(answer: Comparison) -> Table:
    """What these seeds and texts can detect, one row per criterion."""
    columns = {
        "criterion": "l",
        "positives": "r",
        "seeds": "r",
        "sd, seeds": "r",
        "sd, texts": "r",
        "detectable": "r",
        "wanted": "r",
        "seeds needed": "r",
    }
    notes = [f"Variances: {basis}." for basis in dict.fromkeys(row.basis for row in answer.power) if basis]
    caption = f"Smallest true change in {title(answer.primary)} that this study can find, in points"
    return compact_table("power", caption, columns, map(_row, answer.power), *notes)


def _row(row: Power) -> tuple[str, ...]:
    return (
        row.criterion,
        f"{row.positives:,}",
        str(row.seeds),
        f"{100 * row.seed_sd:.1f}",
        f"{100 * row.text_sd:.1f}",
        _detectable(row),
        "" if row.wanted is None else points(row.wanted),
        _seeds_needed(row),
    )


def _seeds_needed(row: Power) -> str:
    if row.seeds_needed is not None:
        return f"{row.seeds_needed:,}"
    return "" if row.wanted is None else "no number is enough"


def no_effects(answer: Comparison) -> Table:
    """Each change whose interval includes 0, next to the smallest detectable change."""
    by_criterion, by_arm = {row.criterion: row for row in answer.power}, detectable_by_arm(answer)

    def row_of(effect: Effect) -> Power | None:
        row = by_criterion.get(effect.criterion)
        is_average = row is not None and effect.criterion == average_of(answer.primary)
        return replace(row, detectable=by_arm.get(effect.contrast)) if row and is_average else row

    groups = {
        arm: [_undetected_row(effect, row_of(effect)) for effect in _undetected(answer, arm)] for arm in contrasts(answer)
    }
    columns = {"criterion": "l", "change [95 %], points": "r", "detectable, points": "r", "seeds needed": "r"}
    caption = f"No effect seen in {title(answer.primary)}, and the smallest change that would have been seen"
    several = "Of a criterion, with the variances that arms have on average; of the average, with those of the arm."
    return compact_table("no_effects", caption, columns, grouped_rows(groups), several if len(groups) > 1 else "")


def _undetected(answer: Comparison, arm: str) -> Iterator[Effect]:
    for criterion in primary_criteria(answer):
        effect = answer.effect(arm, answer.primary, criterion)
        if effect is not None and effect.interval is not None and not effect.interval.excludes_zero:
            yield effect


def _undetected_row(effect: Effect, row: Power | None) -> tuple[str, ...]:
    if row is None:
        return (effect.criterion, changed(effect), "", "")
    return (effect.criterion, changed(effect), _detectable(row), _seeds_needed(row))


def _detectable(row: Power) -> str:
    # No change of a score is larger.
    return "none" if row.detectable is not None and row.detectable >= 1 else points(row.detectable)
