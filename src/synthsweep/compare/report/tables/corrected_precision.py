"""The table of average precision on a test set of this size, beside that without the bias of the size; pure."""

from collections.abc import Sequence

from synthsweep.compare.report.names import contrasts
from synthsweep.compare.result.comparison import Comparison
from synthsweep.compare.result.effects import MACRO, MICRO, Effect
from synthsweep.compare.stats.scores.influence import FEW_GROUPS
from synthsweep.messages import listing
from synthsweep.pages.numbers import points, score
from synthsweep.pages.tables.table import Table, compact_table, grouped_rows

COLUMNS = {
    "criterion": "l",
    "positives": "r",
    "baseline": "r",
    "baseline, corrected": "r",
    "arm": "r",
    "arm, corrected": "r",
    "change, points": "r",
    "change, corrected": "r",
}
MEANING = (
    "Corrected by the jackknife, which estimates what the size does from the scores without each text or group. The corrected "
    "value is about what endless texts of this kind would give; it has no interval and no test of its own."
)
GROUPED = f"Groups of several texts: a criterion with more than {FEW_GROUPS} groups that have a positive is not corrected."


def corrected_precision(answer: Comparison) -> Table | None:
    """Each arm and criterion, and macro; None without a corrected value. Micro is not corrected: it has many positives."""
    chosen = [one for one in answer.effects if one.metric == "average_precision" and one.criterion != MICRO]
    if all(one.corrected_difference is None for one in chosen):
        return None
    groups = {arm: [_row(answer, one) for one in chosen if one.contrast == arm] for arm in contrasts(answer)}
    caption = f"Average precision on a test set of this size ({answer.test_texts:,} texts), and corrected for its size"
    notes = (MEANING, GROUPED if answer.grouped else "", _not_corrected(chosen))
    return compact_table("corrected_precision", caption, COLUMNS, grouped_rows(groups), *notes)


def _not_corrected(effects: Sequence[Effect]) -> str:
    known = [one for one in effects if one.difference is not None and one.corrected_difference is None]
    names = list(dict.fromkeys(one.criterion for one in known if one.criterion != MACRO))
    if not names:
        return ""
    return f"Not corrected, and not in the corrected macro, since a single positive cannot be left out: {listing(names, 6)}."


def _row(answer: Comparison, effect: Effect) -> tuple[str, ...]:
    positives = answer.positives.get(effect.criterion)
    return (
        effect.criterion,
        "" if positives is None else f"{positives:,}",
        score(effect.baseline),
        score(effect.corrected_baseline),
        score(effect.arm),
        score(effect.corrected_arm),
        points(effect.difference),
        points(effect.corrected_difference),
    )
