"""The headline of a search: its best trial, what that is worth on fresh seeds, and a warning; pure."""

from collections.abc import Sequence

from synthsweep.compare.result.effects import ACCURACY, TITLES
from synthsweep.compare.result.search import SearchResult, SearchTrial
from synthsweep.pages.numbers import counted, score
from synthsweep.study.queue.trial_queue import in_words


def search_headline(search: SearchResult) -> tuple[str, ...]:
    """The result of a search: its best trial, that trial's score on fresh seeds, and a warning."""
    complete = [trial for trial in search.trials if trial.state == "complete"]
    front = [trial for trial in complete if trial.front]
    if not front:
        return ("No trial of the search is complete and keeps its constraints yet.",)
    first = _best_line(search, front[0], len(complete)) if len(search.objectives) == 1 else _front_line(search, front, complete)
    warning = (
        "A search looks for a good classifier where it expects one: none of these numbers is an effect of synthetic texts, "
        "which takes a factorial study."
    )
    return (first, *_fresh_line(search), *_test_line(search), warning)


def _best_line(search: SearchResult, best: SearchTrial, complete: int) -> str:
    name, value = search.objectives[0], best.values[0]
    reached = "no value" if value is None else score(value)
    way = "highest" if search.directions[0] == "maximize" else "lowest"
    return (
        f"The best of {counted(complete, 'complete trial')} is number {best.number} ({in_words(best.assignment)}), "
        f"with the {way} {name}, {reached}: the value that it was chosen by, and so too good."
    )


def _front_line(search: SearchResult, front: Sequence[SearchTrial], complete: Sequence[SearchTrial]) -> str:
    numbers = ", ".join(str(trial.number) for trial in front)
    names = ", ".join(search.objectives)
    return (
        f"Of {len(complete)} complete trials, no other beats these in all of {names}: {numbers}; "
        "they were chosen by these values."
    )


def _fresh_line(search: SearchResult) -> tuple[str, ...]:
    fresh = search.confirmation
    if fresh is None:
        return ()
    interval = fresh.fresh_interval
    within = f" (95 % interval {score(interval.low)} to {score(interval.high)})" if interval else ""
    scores = f"{score(fresh.fresh)}, where it was chosen by {score(fresh.selected)}"
    seeds = counted(len(fresh.seeds), "seed")
    return (f"On {seeds} that chose nothing, trial {fresh.trial} has a {fresh.objective} of {scores}{within}.",)


def _test_line(search: SearchResult) -> tuple[str, ...]:
    values = [(title, search.test_scores.get(f"{metric}/macro")) for metric, title in TITLES.items()]
    scores = [f"{title} {score(value)}" for title, value in values if value is not None]
    accuracy = search.test_scores.get(ACCURACY)
    of_classes = "" if accuracy is None else f" Its accuracy is {score(accuracy)}."
    return (f"On test, its macro scores are: {', '.join(scores)}.{of_classes}",) if scores else ()
