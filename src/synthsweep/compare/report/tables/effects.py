"""Tables of effects: the summary, a table a metric, main effects and interactions, the split of changes, doses; pure."""

from collections.abc import Callable, Sequence

from synthsweep.compare.report.numbers import change, changed, points, probability, score
from synthsweep.compare.report.tables.layout import grouped, table
from synthsweep.compare.result import METRICS, TITLES, ChangeDecomposition, Comparison, DoseCurve, Effect, Interval
from synthsweep.pages.numbers import DASH, counted
from synthsweep.pages.table import Table

SUMMARY = ("average_precision", "precision", "recall", "f1")
COLUMNS = {
    "criterion": "l",
    "baseline": "r",
    "arm": "r",
    "change [95 %], points": "r",
    "pairs": "r",
    "p": "r",
    "p, Holm": "r",
    "p, sign-flip": "r",
    "q": "r",
}


def contrasts(answer: Comparison) -> tuple[str, ...]:
    """The arms that are held against the baseline, in their order."""
    return tuple(dict.fromkeys(effect.contrast for effect in answer.effects))


def criteria(answer: Comparison) -> tuple[str, ...]:
    """The criteria, and behind them the averages that were computed."""
    found = {effect.criterion for effect in answer.effects}
    return (*answer.labels, *(average for average in ("macro", "micro") if average in found))


def metrics(answer: Comparison) -> tuple[str, ...]:
    """The metrics that were compared, the primary one first."""
    found = {effect.metric for effect in answer.effects}
    return tuple(sorted((metric for metric in METRICS if metric in found), key=lambda metric: metric != answer.primary))


def title(metric: str) -> str:
    """The field's word for a metric."""
    return TITLES.get(metric, metric)


def summary(answer: Comparison) -> Table:
    """One row an arm: what the macro averages did, and whether by ranking or by predicting more or less."""
    rows = [
        (arm, *(changed(answer.effect(arm, metric, "macro")) for metric in SUMMARY), clear_parts(answer, arm))
        for arm in contrasts(answer)
    ]
    columns = {"arm": "l", **{title(metric): "r" for metric in SUMMARY}, "what moved": "l"}
    caption = f"Change against {answer.baseline}, macro averages, in points with a 95 % interval"
    return table("summary", caption, columns, rows, "What moved: the parts of the change whose interval excludes 0.")


def clear_parts(answer: Comparison, arm: str) -> str:
    """Ranking or operating point, with the direction, by the intervals of the macro averages that exclude 0."""
    found = [split for split in answer.decompositions if (split.contrast, split.criterion) == (arm, "macro")]
    parts = {
        "ranking": [(split.metric, split.ranking_interval) for split in found],
        "operating point": [(split.metric, split.operating_point_interval) for split in found],
    }
    said = {
        name: ", ".join(_moved(metric, interval) for metric, interval in spans if interval and interval.excludes_zero)
        for name, spans in parts.items()
    }
    clear = "; ".join(f"{name}: {moves}" for name, moves in said.items() if moves)
    if clear or not found:
        return clear
    return "neither is clear" if any(interval for spans in parts.values() for _, interval in spans) else DASH


def _moved(metric: str, interval: Interval) -> str:
    return f"{title(metric)} {'up' if interval.low > 0 else 'down'}"


def effects(answer: Comparison, metric: str) -> Table:
    """Every arm and criterion in one metric."""
    found = [effect for effect in answer.effects if effect.metric == metric]
    rows = _by_contrast(found, lambda effect: effect.criterion)
    lower = "Lower is better." if metric == "brier" else ""
    caption = f"Change in {title(metric)} against {answer.baseline}"
    return table(f"effects_{metric}", caption, COLUMNS, rows, lower, *_test_notes(found))


def main_effects(answer: Comparison) -> Table:
    """Each level of a factor against its reference, averaged over the other factors."""
    return _factor_effects(answer, answer.main_effects, "main_effects", "Main effects: a level against the reference level")


def interactions(answer: Comparison) -> Table:
    """Differences of differences."""
    return _factor_effects(answer, answer.interactions, "interactions", "Interactions: a difference of differences")


def _factor_effects(answer: Comparison, found: Sequence[Effect], name: str, caption: str) -> Table:
    kept = (effect for effect in found if effect.metric == answer.primary or effect.criterion == "macro")
    chosen = sorted(kept, key=lambda effect: effect.metric != answer.primary)
    rows = _by_contrast(chosen, lambda effect: f"{effect.criterion}, {title(effect.metric)}")
    names = {"baseline": "reference", "arm": "level"}
    columns = {names.get(head, head): align for head, align in COLUMNS.items()}
    left = "Every criterion in the primary metric, macro averages in the others; the CSV file has all."
    return table(name, caption, columns, rows, left, *_test_notes(chosen))


def _by_contrast(found: Sequence[Effect], head: Callable[[Effect], str]) -> list[Sequence[str]]:
    groups: dict[str, list[Sequence[str]]] = {}
    for effect in found:
        groups.setdefault(effect.contrast, []).append((head(effect), *_cells(effect)))
    return grouped(groups)


def _cells(effect: Effect) -> tuple[str, ...]:
    pairs = f"{effect.pairs} ({effect.undefined} undefined)" if effect.undefined else str(effect.pairs)
    tests = (effect.p, effect.p_family, effect.p_sign_flip, effect.q)
    sides = (effect.baseline, effect.arm)
    # A difference of differences has no sides, which is not undefined.
    scores = ("", "") if effect.difference is not None and sides == (None, None) else map(score, sides)
    return (*scores, changed(effect), pairs, *map(probability, tests))


def _test_notes(found: Sequence[Effect]) -> list[str]:
    said = {
        "p belongs to the interval: new texts and new seeds.": any(e.p is not None for e in found),
        "p, Holm: over the family that was tested; macro and micro averages are outside it.": any(
            e.p_family is not None for e in found
        ),
        "p, sign-flip: joint over the family; training variation on this test set only.": any(
            e.p_sign_flip is not None for e in found
        ),
        "q: false discovery rate over the whole screening table.": any(e.q is not None for e in found),
    }
    return [note for note, holds in said.items() if holds]


def splits(answer: Comparison) -> Table:
    """Ranking and operating point: two parts that add up to the change."""
    return _splits(answer.decompositions, "splits", "Changes taken apart, in points")


def macro_splits(answer: Comparison) -> Table:
    """The same of the macro averages alone, which fit on one screen."""
    found = [split for split in answer.decompositions if split.criterion == "macro"]
    return _splits(found, "splits_macro", "Changes of the macro averages taken apart, in points")


def _splits(found: Sequence[ChangeDecomposition], name: str, caption: str) -> Table:
    groups: dict[str, list[Sequence[str]]] = {}
    for split in found:
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
    return table(name, caption, columns, grouped(groups), note)


def _split_cells(split: ChangeDecomposition) -> tuple[str, ...]:
    return (
        points(split.change),
        change(split.ranking, split.ranking_interval),
        change(split.operating_point, split.operating_point_interval),
        score(split.predicted_share_baseline),
        score(split.predicted_share_arm),
    )


def doses(answer: Comparison) -> Table:
    """The effect at each dose, one group a curve."""
    groups = {
        f"{curve.criterion}, {_curve_name(curve)}": [_dose_row(point.dose, point.effect) for point in curve.points]
        for curve in answer.doses
    }
    columns = {"dose": "l", "change [95 %], points": "r", "pairs": "r", "p": "r"}
    return table("doses", f"Effects by dose, against {answer.baseline}", columns, grouped(groups))


def trends(answer: Comparison) -> Table:
    """The slope of each curve with its interval."""
    groups: dict[str, list[Sequence[str]]] = {}
    for curve in answer.doses:
        groups.setdefault(_curve_name(curve), []).append((curve.criterion, changed(curve.trend), *_trend_test(curve)))
    columns = {"criterion": "l", "points a unit of dose [95 %]": "r", "doses": "r", "p": "r"}
    return table("trends", "Trend along the dose", columns, grouped(groups), "A trend takes three doses or more.")


def _trend_test(curve: DoseCurve) -> tuple[str, str]:
    return str(len(curve.points)), probability(curve.trend.p if curve.trend else None)


def _curve_name(curve: DoseCurve) -> str:
    held = f" ({curve.held})" if curve.held else ""
    return f"{title(curve.metric)} by {curve.factor}{held}"


def _dose_row(dose: float, effect: Effect) -> tuple[str, ...]:
    return (f"{dose:g}", changed(effect), str(effect.pairs), probability(effect.p))


def shares_of_variance(answer: Comparison) -> Table:
    """Which part of an effect's variance more seeds would lower, and which part more test texts."""
    found = [effect for effect in answer.effects if effect.metric == answer.primary and effect.seed_variance is not None]
    groups: dict[str, list[Sequence[str]]] = {}
    for effect in found:
        groups.setdefault(effect.contrast, []).append((effect.criterion, *_variance_cells(effect)))
    columns = {
        "criterion": "l",
        "from seeds": "r",
        "from texts": "r",
        "sd of the difference, points": "r",
        "degrees of freedom": "r",
    }
    caption = f"Where the uncertainty of a change in {title(answer.primary)} comes from"
    notes = ("More seeds lower the first part, more test texts the second.", f"Blocks: {counted(len(answer.blocks), 'seed')}.")
    return table("effect_variance", caption, columns, grouped(groups), *notes)


def _variance_cells(effect: Effect) -> tuple[str, ...]:
    seeds, texts = effect.seed_variance or 0.0, effect.text_variance or 0.0
    whole = seeds + texts
    degrees = "" if effect.degrees is None else f"{effect.degrees:.1f}"
    parts = (f"{100 * seeds / whole:.0f} %", f"{100 * texts / whole:.0f} %") if whole else (DASH, DASH)
    return (*parts, f"{100 * whole**0.5:.1f}", degrees)
