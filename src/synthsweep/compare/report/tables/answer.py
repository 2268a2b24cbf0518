"""Tables that answer first: the primary metric, scores by criterion, counts per 100 texts, the worth in real texts; pure."""

from collections.abc import Sequence

from synthsweep.compare.report.headline.arms import detectable_by_arm
from synthsweep.compare.report.intervals import changed, equivalence
from synthsweep.compare.report.names import capital, contrasts, named, primary_criteria, title
from synthsweep.compare.result.comparison import Comparison
from synthsweep.compare.result.effects import ALL, CLASS_SCORES, Effect, average_of, averaged
from synthsweep.compare.result.supplements import CountChange, RealWorth
from synthsweep.compare.stats.power import macro_of
from synthsweep.pages.numbers import DASH, number, score, size_in_points
from synthsweep.pages.tables.table import Table, compact_table, grouped_rows

STARRED = "*: significant after the correction: a criterion over criteria and arms, an average over arms."
# More arms do not fit beside the forest, or as columns.
ARMS = 4


def primary(answer: Comparison) -> Table:
    """The macro average of the primary metric: before, after, and the change; clear changes first."""
    chosen = first_arms(answer)
    if answer.kind == "single":
        return _primary_of_classes(answer, chosen)
    rows = [(arm, *_before_and_after(answer.effect(arm, answer.primary, average_of(answer.primary)), answer)) for arm in chosen]
    more = len(contrasts(answer)) - len(chosen)
    notes = (_more(more), _found(answer))
    columns = {"arm": "l", **_columns(answer)}
    return compact_table("primary", f"{capital(averaged(answer.primary))} on test", columns, rows, *notes)


def _primary_of_classes(answer: Comparison, chosen: Sequence[str]) -> Table:
    """Accuracy and macro F1 beside the primary metric; one group of rows per arm."""
    scores = {averaged(answer.primary): (answer.primary, average_of(answer.primary)), **CLASS_SCORES}
    groups = {
        arm: [(name, *_before_and_after(answer.effect(arm, *place), answer)) for name, place in scores.items()]
        for arm in chosen
    }
    columns = {"score": "l", **_columns(answer)}
    caption = f"{capital(' and '.join((', '.join(list(scores)[:-1]), list(scores)[-1])))} on test"
    more = len(contrasts(answer)) - len(chosen)
    return compact_table("primary", caption, columns, grouped_rows(groups), _more(more), _found(answer, " in the first score"))


def _more(arms: int) -> str:
    return f"{arms} more below, in “Scores”." if arms else ""


def first_arms(answer: Comparison) -> tuple[str, ...]:
    """At most four arms: those with a clear change of the primary metric first, then by size; they keep the order of all."""
    arms = contrasts(answer)
    effects = {arm: answer.effect(arm, answer.primary, average_of(answer.primary)) for arm in arms}
    ranked = sorted(arms, key=lambda arm: _rank(effects[arm]))[:ARMS]
    return tuple(arm for arm in arms if arm in ranked)


def _rank(effect: Effect | None) -> tuple[bool, float]:
    if effect is None or effect.difference is None:
        return True, 0.0
    return not effect.is_significant, -abs(effect.difference)


def _columns(answer: Comparison) -> dict[str, str]:
    margin = {f"beyond ±{100 * answer.equivalence:.6g} points": "l"} if answer.equivalence else {}
    return {"before": "r", "after": "r", "change [95 % interval], points": "r", **margin}


def _before_and_after(effect: Effect | None, answer: Comparison) -> tuple[str, ...]:
    if effect is None:
        return (DASH,) * len(_columns(answer))
    margin = (equivalence(effect),) if answer.equivalence else ()
    return (score(effect.baseline), score(effect.arm), changed(effect), *margin)


def _found(answer: Comparison, of_what: str = "") -> str:
    macro = macro_of(answer.power)
    sizes = sorted((size, arm) for arm, size in detectable_by_arm(answer).items() if size is not None)
    if macro is None or not sizes:
        return "How large a change this study would have found is not known."
    if sizes[0][0] >= 1:
        return f"No true change{of_what} is so large that it would have been found {macro.chance}."
    return f"A true change{of_what} of {_sizes(sizes)} would have been found {macro.chance}."


def _sizes(sizes: Sequence[tuple[float, str]]) -> str:
    """`7.1 points`; where arms differ, `6.4 (mix=augment) to 7.7 (mix=target) points, by the arm`."""
    (least, easy), (most, hard) = sizes[0], sizes[-1]
    ends = [size_in_points(least), "over 100" if most >= 1 else size_in_points(most)]
    if ends[0] == ends[1]:
        return f"{ends[0]} points"
    return f"{ends[0]} ({easy}) to {ends[1]} ({hard}) points, by the arm,"


def by_criterion(answer: Comparison) -> Table:
    """The primary metric of each criterion, from baseline to arm, one column per arm."""
    arms = first_arms(answer)
    rows = [
        (named(answer, row), f"{answer.positives[row]:,}" if row in answer.positives else "", *_moves(answer, arms, row))
        for row in primary_criteria(answer)
    ]
    hidden = len(contrasts(answer)) - len(arms)
    notes = (
        STARRED if any("*" in cell for row in rows for cell in row[2:]) else "",
        f"The {hidden} other arms are in “Effect by metric”." if hidden else "",
    )
    columns = {"criterion": "l", "positives": "r", **dict.fromkeys(arms, "r")}
    caption = f"{capital(title(answer.primary))} on test, from the baseline to each arm"
    return compact_table("by_criterion", caption, columns, rows, *notes)


def _moves(answer: Comparison, arms: Sequence[str], criterion: str) -> list[str]:
    return [_move(answer.effect(arm, answer.primary, criterion)) for arm in arms]


def _move(effect: Effect | None) -> str:
    if effect is None or effect.difference is None:
        return DASH
    star = " *" if effect.is_significant else ""
    return f"{score(effect.baseline)} → {score(effect.arm)}{star}"


def counts(answer: Comparison) -> Table:
    """True and false positives per 100 test texts, one group of rows per arm."""
    groups = {
        arm: [_count_row(answer, row) for row in answer.counts if row.contrast == arm]
        for arm in dict.fromkeys(row.contrast for row in answer.counts)
    }
    return _counts("counts", "True and false positives per 100 test texts, by criterion", "criterion", grouped_rows(groups))


def count_sums(answer: Comparison) -> Table:
    """The same over all criteria, one row per arm."""
    rows = [(row.contrast, *_count_cells(row)) for row in answer.counts if row.criterion == ALL]
    return _counts("count_sums", "True and false positives per 100 test texts, all criteria together", "arm", rows)


def _counts(name: str, caption: str, head: str, rows: Sequence[Sequence[str]]) -> Table:
    columns = {
        head: "l",
        "positives": "r",
        "true positives": "r",
        "gained": "r",
        "lost": "r",
        "false positives": "r",
        "new": "r",
        "gone": "r",
    }
    note = "Means over the seeds. A text counts once per criterion; “gained” and “new” are the arm's alone."
    return compact_table(name, caption, columns, rows, note)


def _count_row(answer: Comparison, row: CountChange) -> tuple[str, ...]:
    return (named(answer, row.criterion), *_count_cells(row))


def _count_cells(row: CountChange) -> tuple[str, ...]:
    gained, lost, new, gone = ("" if value is None else number(value, 1) for value in (row.gained, row.lost, row.new, row.gone))
    return (
        number(row.positives, 1),
        f"{number(row.true_baseline, 1)} → {number(row.true_arm, 1)}",
        gained,
        lost,
        f"{number(row.false_baseline, 1)} → {number(row.false_arm, 1)}",
        new,
        gone,
    )


def worth(answer: Comparison) -> Table:
    """How many real texts reach the score of each arm."""
    columns = {
        "arm": "l",
        "real": "r",
        "synthetic": "r",
        averaged(answer.primary): "r",
        "real texts with the same score": "r",
        "95 % interval": "r",
    }
    rows = [
        (one.arm, number(one.real, 0), number(one.synthetic, 0), score(one.score), _equal(one), _span(one))
        for one in answer.worth
    ]
    return compact_table("worth", "What synthetic texts are worth in real ones", columns, rows)


def _equal(one: RealWorth) -> str:
    if one.equal is not None:
        return number(one.equal, 0)
    end = one.curve[-1][0] if one.above else one.curve[0][0]
    return f"{'over' if one.above else 'under'} {number(end, 0)}"


def _span(one: RealWorth) -> str:
    smallest, largest = number(one.curve[0][0], 0), number(one.curve[-1][0], 0)
    if one.low is None and one.high is None:
        return f"any from {smallest} to {largest}"
    low = f"under {smallest}" if one.low is None else number(one.low, 0)
    high = f"over {largest}" if one.high is None else number(one.high, 0)
    return f"{low} to {high}"


def worth_in_words(one: RealWorth) -> str:
    """Such as `200 synthetic texts beside 100 real ones are worth 60 more real texts (95 % interval 20 to 110)`."""
    texts = f"{one.arm}: {number(one.synthetic, 0)} synthetic texts beside {number(one.real, 0)} real ones"
    if one.low is None and one.high is None:
        return f"{texts}: it cannot be said how many real texts they are worth, since every number that was tried fits."
    extra = None if one.equal is None else one.equal - one.real
    low, high = (None if end is None else number(end - one.real, 0) for end in (one.low, one.high))
    if low is not None and high is not None:
        within = f"95 % interval {low} to {high}"
    else:
        within = f"95 % interval: {f'{low} or more' if low is not None else f'{high} or fewer'}"
    if extra is None and one.above and one.real >= one.curve[-1][0]:
        return f"{texts} score higher than any number of real texts that was tried, so their worth is not known."
    if extra is None:
        end = (one.curve[-1][0] if one.above else one.curve[0][0]) - one.real
        return f"{texts} are worth {'more' if one.above else 'fewer'} than {number(end, 0)} more real texts ({within})."
    return f"{texts} are worth {number(extra, 0)} more real texts ({within})."
