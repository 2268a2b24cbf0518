"""Tables of a search: its trials, the importance of its factors, the best trial on test; pure."""

from collections.abc import Sequence

from synthsweep.compare.result.search import SearchResult, SearchTrial
from synthsweep.pages.numbers import number, score
from synthsweep.pages.tables.table import Table, compact_table

# A longer table is hard to read; the CSV file has all trials.
TRIALS = 20


def trials(search: SearchResult) -> Table:
    """The trials, those of the front first, then by the first objective."""
    factors = tuple(dict.fromkeys(key for trial in search.trials for key in trial.assignment))
    columns = {"trial": "r", **dict.fromkeys(search.objectives, "r"), "state": "l", "front": "l", **dict.fromkeys(factors, "l")}
    shown = ranked(search)[:TRIALS]
    rows = [_row(trial, len(search.objectives), factors) for trial in shown]
    more = len(search.trials) - len(shown)
    note = f"And {more:,} more, in the CSV file." if more else ""
    return compact_table("trials", "Trials of the search, the best first, on dev", columns, rows, note)


def ranked(search: SearchResult) -> list[SearchTrial]:
    """Front first, then the better in the first objective; trials without a value come last."""
    sign = -1 if search.directions[0] == "maximize" else 1

    def rank(trial: SearchTrial) -> tuple[bool, bool, float]:
        value = trial.values[0] if trial.values else None
        return (not trial.front, value is None, 0.0 if value is None else sign * value)

    return sorted(search.trials, key=rank)


def _row(trial: SearchTrial, objectives: int, factors: Sequence[str]) -> tuple[str, ...]:
    values = (*trial.values, *[None] * objectives)[:objectives]
    settings = (trial.assignment.get(factor, "") for factor in factors)
    return (str(trial.number), *map(score, values), trial.state, "yes" if trial.front else "", *settings)


def importances(search: SearchResult) -> Table:
    """One row per factor, one column per objective."""
    factors = dict.fromkeys(factor for of in search.importances.values() for factor in of)
    rows = [(factor, *(number(of.get(factor), 3) for of in search.importances.values())) for factor in factors]
    columns = {"factor": "l", **dict.fromkeys(search.importances, "r")}
    note = "They say where the sampler looked, too."
    return compact_table("importances", "Importance of each factor, by objective", columns, rows, note)


def best_on_test(search: SearchResult) -> Table:
    """The best trial on test."""
    rows = [(name, score(value)) for name, value in search.test_scores.items()]
    return compact_table("test_scores", "The best trial on test", {"score": "l", "value": "r"}, rows)
