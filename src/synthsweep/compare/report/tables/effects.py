"""Tables of effects: the summary, one table per metric, main effects and interactions, parts of a change, doses; pure."""

from collections.abc import Callable, Sequence

from synthsweep.compare.report.intervals import change, changed, equivalence, leaves_scores, within
from synthsweep.compare.report.moved import macro_parts, moved_parts, tested_parts
from synthsweep.compare.report.names import SUMMARY, contrasts, title
from synthsweep.compare.result.comparison import Comparison
from synthsweep.compare.result.effects import ChangeDecomposition, DoseCurve, Effect
from synthsweep.messages import listing
from synthsweep.pages.numbers import DASH, p_value, points, score
from synthsweep.pages.tables.table import Table, compact_table, grouped_rows

THIS_SIZE = "Average precision on a test set of this size: where positives are few, another size gives another value."
SIMULTANEOUS = "simultaneous [95 %]"
COLUMNS = {
    "criterion": "l",
    "baseline": "r",
    "arm": "r",
    "change [95 %], points": "r",
    SIMULTANEOUS: "r",
    "90 %": "r",
    "beyond margin": "l",
    "pairs": "r",
    "p": "r",
    "p, Holm": "r",
    "q": "r",
}


def summary(answer: Comparison) -> Table:
    """One row per arm: how the macro averages changed, and whether by ranking or by predicting more or less."""
    rows = [
        (arm, *(changed(answer.effect(arm, metric, "macro")) for metric in SUMMARY), clear_parts(answer, arm))
        for arm in contrasts(answer)
    ]
    columns = {"arm": "l", **{title(metric): "r" for metric in SUMMARY}, "what moved": "l"}
    caption = f"Change against {answer.baseline}, macro averages, in points with a 95 % interval"
    return compact_table(
        "summary", caption, columns, rows, "What moved: significant after correcting for all arms, both metrics and both parts."
    )


def clear_parts(answer: Comparison, arm: str) -> str:
    """Ranking or operating point with its direction, if its macro average moved significantly."""
    macro = macro_parts(answer.decompositions, arm)
    clear = "; ".join(f"{name}: {', '.join(ways)}" for name, ways in moved_parts(macro).items())
    if clear or not macro:
        return clear
    return "neither is clear" if tested_parts(macro) else DASH


def effects(answer: Comparison, metric: str) -> Table:
    """Every arm and criterion in one metric."""
    chosen = [effect for effect in answer.effects if effect.metric == metric]
    rows = _by_contrast(chosen, lambda effect: effect.criterion)
    about = {"brier": "Lower is better.", "average_precision": THIS_SIZE}.get(metric, "")
    caption = f"Change in {title(metric)} against {answer.baseline}"
    notes = (about, _margin(answer), *_test_notes(chosen), _too_wide(chosen))
    return compact_table(f"effects_{metric}", caption, COLUMNS, rows, *notes)


def _margin(answer: Comparison) -> str:
    if not answer.equivalence:
        return ""
    size = f"{100 * answer.equivalence:.6g}"
    return (
        f"Beyond margin: a change of more than {size} points either way is excluded if the 90 % interval lies within ±{size}."
    )


def _too_wide(shown: Sequence[Effect]) -> str:
    wide = list(dict.fromkeys(one.criterion for one in shown if leaves_scores(one)))
    if not wide:
        return ""
    return f"Too few texts or seeds for {listing(wide, 6)}: an interval there holds changes for which the score has no room."


def main_effects(answer: Comparison) -> Table:
    """Each level of a factor against its reference, averaged over the other factors."""
    return _factor_effects(answer, answer.main_effects, "main_effects", "Main effects: a level against the reference level")


def interactions(answer: Comparison) -> Table:
    """Interactions: differences of differences."""
    return _factor_effects(answer, answer.interactions, "interactions", "Interactions: a difference of differences")


def _factor_effects(answer: Comparison, effects_: Sequence[Effect], name: str, caption: str) -> Table:
    kept = (effect for effect in effects_ if effect.metric == answer.primary or effect.criterion == "macro")
    chosen = sorted(kept, key=lambda effect: effect.metric != answer.primary)
    rows = _by_contrast(chosen, lambda effect: f"{effect.criterion}, {title(effect.metric)}")
    names = {"baseline": "reference", "arm": "level"}
    columns = {names.get(head, head): align for head, align in COLUMNS.items()}
    shown = "Every criterion in the primary metric, macro averages in the others; the CSV file has all."
    return compact_table(name, caption, columns, rows, shown, _margin(answer), *_test_notes(chosen))


def _by_contrast(effects_: Sequence[Effect], head: Callable[[Effect], str]) -> list[Sequence[str]]:
    groups: dict[str, list[Sequence[str]]] = {}
    for effect in effects_:
        groups.setdefault(effect.contrast, []).append((head(effect), *_cells(effect)))
    return grouped_rows(groups)


def _cells(effect: Effect) -> tuple[str, ...]:
    pairs = f"{effect.pairs} ({effect.undefined} undefined)" if effect.undefined else str(effect.pairs)
    tests = (effect.p, effect.p_arms if effect.p_family is None else effect.p_family, effect.q)
    sides = (effect.baseline, effect.arm)
    # A difference of differences has no baseline and no arm: blank, not undefined.
    scores = ("", "") if effect.difference is not None and sides == (None, None) else map(score, sides)
    margin = ("", "") if effect.equivalent is None else (within(effect.tost_interval), equivalence(effect))
    return (*scores, changed(effect), _together(effect), *margin, pairs, *map(p_value, tests))


def _together(effect: Effect) -> str:
    return within(effect.simultaneous_interval) if effect.simultaneous_interval else ""


def _test_notes(shown: Sequence[Effect]) -> list[str]:
    notes = {
        "simultaneous: in 95 of 100 studies, all criteria of an arm lie in these intervals at once; macro and micro stand "
        "outside.": any(e.simultaneous_interval is not None for e in shown),
        "p belongs to the interval: new texts and new seeds.": any(e.p is not None for e in shown),
        "p, Holm: of a criterion over all criteria and arms, of an average over all arms.": any(
            e.p_family is not None for e in shown
        ),
        "p, Holm: of an average over all arms; criteria are tested in the primary metric alone.": all(
            e.p_family is None for e in shown
        )
        and any(e.p_arms is not None for e in shown),
        "q: false discovery rate over the whole screening table.": any(e.q is not None for e in shown),
    }
    return [note for note, holds in notes.items() if holds]


def splits(answer: Comparison) -> Table:
    """Ranking and operating point, which add up to the change."""
    return _splits(answer.decompositions, "splits", "Changes taken apart, in points")


def macro_splits(answer: Comparison) -> Table:
    """The same for the macro averages only, which fit on one screen."""
    macro = [split for split in answer.decompositions if split.criterion == "macro"]
    return _splits(macro, "splits_macro", "Changes of the macro averages taken apart, in points")


def _splits(shown: Sequence[ChangeDecomposition], name: str, caption: str) -> Table:
    groups: dict[str, list[Sequence[str]]] = {}
    for split in shown:
        groups.setdefault(split.contrast, []).append((f"{split.criterion}, {title(split.metric)}", *_split_cells(split)))
    columns = {
        "criterion": "l",
        "change": "r",
        "ranking [95 %]": "r",
        "operating point [95 %]": "r",
        "predicted, baseline": "r",
        "predicted, arm": "r",
    }
    note = "Predicted: the share of texts for which the criterion is predicted."
    return compact_table(name, caption, columns, grouped_rows(groups), note)


def _split_cells(split: ChangeDecomposition) -> tuple[str, ...]:
    return (
        points(split.change),
        change(split.ranking, split.ranking_interval),
        change(split.operating_point, split.operating_point_interval),
        score(split.predicted_share_baseline),
        score(split.predicted_share_arm),
    )


def doses(answer: Comparison) -> Table:
    """The effect at each dose, one group per curve."""
    groups = {
        f"{curve.criterion}, {_curve_name(curve)}": [_dose_row(point.dose, point.effect) for point in curve.points]
        for curve in answer.doses
    }
    columns = {"dose": "l", "change [95 %], points": "r", SIMULTANEOUS: "r", "pairs": "r", "p": "r"}
    together = any(point.effect.simultaneous_interval for curve in answer.doses for point in curve.points)
    note = "simultaneous: in 95 of 100 studies, all doses of a curve lie in these intervals at once." if together else ""
    return compact_table("doses", f"Effects by dose, against {answer.baseline}", columns, grouped_rows(groups), note)


def trends(answer: Comparison) -> Table:
    """The slope of each curve with its interval."""
    groups: dict[str, list[Sequence[str]]] = {}
    for curve in answer.doses:
        groups.setdefault(_curve_name(curve), []).append((curve.criterion, changed(curve.trend), *_trend_test(curve)))
    columns = {"criterion": "l", "points a unit of dose [95 %]": "r", "doses": "r", "p": "r"}
    return compact_table("trends", "Trend along the dose", columns, grouped_rows(groups), "A trend takes three doses or more.")


def _trend_test(curve: DoseCurve) -> tuple[str, str]:
    return str(len(curve.points)), p_value(curve.trend.p if curve.trend else None)


def _curve_name(curve: DoseCurve) -> str:
    held = f" ({curve.held})" if curve.held else ""
    return f"{title(curve.metric)} by {curve.factor}{held}"


def _dose_row(dose: float, effect: Effect) -> tuple[str, ...]:
    return (f"{dose:g}", changed(effect), _together(effect), str(effect.pairs), p_value(effect.p))
