"""The sections on a search: what it found, where it looked, and its best trial on fresh seeds."""

from synthsweep.compare.report.figures.bars import importance_bars
from synthsweep.compare.report.figures.fronts import fronts
from synthsweep.compare.report.intervals import bracketed
from synthsweep.compare.report.section import ReportSection
from synthsweep.compare.report.tables import search
from synthsweep.compare.result.search import Confirmation, SearchResult
from synthsweep.pages.numbers import points, score


def search_sections(result: SearchResult) -> tuple[ReportSection, ...]:
    """Best trials, importances, confirmation; none of them is an effect."""
    box = "These are not effects. A search finds a good classifier; it says nothing about what a factor does."
    goals = ", ".join(f"{name} ({way})" for name, way in zip(result.objectives, result.directions, strict=True))
    on_test = [search.best_on_test(result)] * bool(result.test_scores)
    best = ReportSection(
        "search",
        "What the search found",
        (f"Objective, on dev: {goals}.", *result.notes),
        box=(box,),
        pictures=tuple(fronts(result)),
        tables=(search.trials(result), *on_test),
    )
    importance = ReportSection("importances", "Importances", pictures=tuple(importance_bars(result)))
    shown = (best, importance) if importance.pictures else (best,)
    return (*shown, confirmation(result.confirmation)) if result.confirmation else shown


def confirmation(confirmed: Confirmation) -> ReportSection:
    """The best trial on seeds that did not select it."""
    text = (
        f"Trial {confirmed.trial} was selected with {confirmed.objective} {score(confirmed.selected)}. "
        f"On seeds that chose nothing ({', '.join(map(str, confirmed.seeds))}) "
        f"it scores {score(confirmed.fresh)}{bracketed(confirmed.fresh_interval, 3)}. "
        f"Optimism of the selection: {points(confirmed.optimism)} points."
    )
    return ReportSection("confirmation", "The best trial on fresh seeds", (text,))
