"""Tables of effects by subgroup and by further test set; pure."""

from collections.abc import Sequence

from synthsweep.compare.report.intervals import changed
from synthsweep.compare.report.names import contrasts, title
from synthsweep.compare.result.comparison import Comparison
from synthsweep.compare.result.effects import CLASS_SCORES, Effect, PartEffects, average_of, averaged
from synthsweep.config.metrics import FEW_POSITIVES
from synthsweep.messages import listing
from synthsweep.pages.folder_name import folder_name
from synthsweep.pages.numbers import p_value, score
from synthsweep.pages.tables.table import Table, compact_table, grouped_rows


def by_part(answer: Comparison, parts: Sequence[PartEffects]) -> Table:
    """The macro average of the primary metric: one row per part, below each arm; of classes, also accuracy and macro F1."""
    scores = {
        averaged(answer.primary): (answer.primary, average_of(answer.primary)),
        **(CLASS_SCORES if answer.kind == "single" else {}),
    }
    groups = {
        f"{name}, {arm}" if len(scores) > 1 else arm: [_row(answer, part, arm, place) for part in parts]
        for arm in contrasts(answer)
        for name, place in scores.items()
    }
    return _table(answer, parts, "", listing(list(scores)), grouped_rows(groups))


def by_criterion(answer: Comparison, parts: Sequence[PartEffects]) -> Table:
    """The primary metric of each criterion: one row per part, below each arm and criterion."""
    groups = {
        f"{label}, {arm}": [_row(answer, part, arm, (answer.primary, label)) for part in parts]
        for arm in contrasts(answer)
        for label in answer.labels
    }
    return _table(answer, parts, "_criteria", f"{title(answer.primary)} by criterion", grouped_rows(groups))


def _table(answer: Comparison, parts: Sequence[PartEffects], suffix: str, what: str, rows: Sequence[Sequence[str]]) -> Table:
    column, reference = parts[0].column, parts[0].reference
    columns = {
        column or "test set": "l",
        "texts": "r",
        "positives": "r",
        "baseline": "r",
        "arm": "r",
        "change [95 %], points": "r",
        f"difference from {reference} [95 %]": "r",
        "p of the difference": "r",
    }
    name = f"subgroups_{folder_name(column)}{suffix}" if column else f"further_tests{suffix}"
    caption = f"Effect by {column or 'further test set'}: {what}, against {answer.baseline}"
    return compact_table(
        name, caption, columns, rows, *_notes(answer, parts, sum(len(row) > 1 and bool(row[-1]) for row in rows))
    )


def _row(answer: Comparison, part: PartEffects, arm: str, place: tuple[str, str]) -> tuple[str, ...]:
    """`place` is a metric and its criterion or average."""
    effect, difference = (_find(of, arm, *place) for of in (part.effects, part.differences))
    positives = part.positives.get(place[1], sum(part.positives.values()))
    sides = (score(effect.baseline), score(effect.arm)) if effect else ("", "")
    apart = (changed(difference), p_value(difference.p)) if difference else ("", "")
    return (part.value, f"{part.texts:,}", f"{positives:,}", *sides, changed(effect), *apart)


def _find(effects: Sequence[Effect], arm: str, metric: str, criterion: str) -> Effect | None:
    found = (one for one in effects if (one.contrast, one.metric, one.criterion) == (arm, metric, criterion))
    return next(found, None)


def _notes(answer: Comparison, parts: Sequence[PartEffects], compared: int) -> list[str]:
    """`compared` counts the differences in the table that have a p value."""
    few = {
        part.value: sorted(label for label, count in part.positives.items() if count < FEW_POSITIVES)
        for part in parts
        if any(count < FEW_POSITIVES for count in part.positives.values())
    }
    listed = "; ".join(
        f"{value}, {'every criterion' if len(labels) == len(answer.labels) else listing(labels, 4)}"
        for value, labels in few.items()
    )
    macro = "A macro average leaves out a criterion without a positive, so subgroups may average other criteria; a difference"
    return [
        *([f"Fewer than {FEW_POSITIVES} positives, where a score is mostly chance: {listed}."] if few else []),
        *([f"{macro} averages those that both have."] if compared else []),
        *([f"{compared} differences are tested; p is not adjusted for that."] if compared > 1 else []),
    ]
