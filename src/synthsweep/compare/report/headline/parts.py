"""Whether recall and precision changed because of the ranking of texts, or of how many are predicted; pure."""

from collections.abc import Sequence

from synthsweep.compare.report.headline.arms import macro_effects
from synthsweep.compare.report.intervals import range_in_words
from synthsweep.compare.report.moved import macro_parts, moved_parts, tested_parts
from synthsweep.compare.result.comparison import Comparison
from synthsweep.compare.result.effects import ChangeDecomposition, Interval
from synthsweep.pages.numbers import counted, points


def parts_line(answer: Comparison) -> tuple[str, ...]:
    """The parts of the changes of the first arm with their intervals, and which of them are significant."""
    arm = macro_effects(answer)[0].contrast
    macro = {one.metric: one for one in macro_parts(answer.decompositions, arm)}
    changes = [macro[name] for name in ("recall", "precision") if name in macro and _is_known(macro[name])]
    if not changes:
        return ()
    return (f"In {arm}, {'; '.join(map(_parts, changes))}{_significant(changes, tested_parts(answer.decompositions))}.",)


def why_line(answer: Comparison) -> tuple[str, ...]:
    """The same of the first arm without the numbers of the tables."""
    macro = macro_effects(answer)
    if not macro:
        return ()
    parts = macro_parts(answer.decompositions, macro[0].contrast)
    if not tested_parts(parts):
        return ()
    moved = [f"{name} ({', '.join(ways)})" for name, ways in moved_parts(parts).items()]
    where = "" if len(macro) == 1 else f" with {macro[0].contrast}"
    if not moved:
        return (f"Neither the ranking nor the operating point changed clearly{where}.",)
    return (f"What moved{where}, on the average over criteria: {' and '.join(moved)}.",)


def _is_known(split: ChangeDecomposition) -> bool:
    return split.change is not None and split.ranking is not None and split.operating_point is not None


def _parts(split: ChangeDecomposition) -> str:
    ranking = points(split.ranking) + _within(split.ranking_interval)
    operating = points(split.operating_point) + _within(split.operating_point_interval)
    change = f"macro {split.metric} changed by {points(split.change)} points"
    return f"{change}: {ranking} by ranking, {operating} by the operating point"


def _within(interval: Interval | None) -> str:
    return f" ({range_in_words(interval)})" if interval else ""


def _significant(changes: Sequence[ChangeDecomposition], tested: int) -> str:
    if not tested_parts(changes):
        return ""
    corrected = f"after correcting for {counted(tested, 'comparison')}"
    moved = [f"{name} ({', '.join(ways)})" for name, ways in moved_parts(changes).items()]
    return f"; {corrected}, {' and '.join(moved) if moved else 'none of these parts'} changed significantly"
