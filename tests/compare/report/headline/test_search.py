"""The first lines on a search."""

from dataclasses import replace

from synthsweep.compare.report.headline.search import search_headline
from synthsweep.compare.result.effects import Interval
from synthsweep.compare.result.search import Confirmation, SearchResult, SearchTrial

TRIALS = (
    SearchTrial(4, {"mix.ratio": "0.5", "llm": "recorded"}, (0.4123,), "complete", True),
    SearchTrial(2, {"mix.ratio": "1"}, (0.4,), "complete"),
    SearchTrial(3, {"mix.ratio": "1"}, (None,), "failed: no value"),
)


def test_a_search_names_its_best_trial_and_claims_no_effect() -> None:
    """With what it is worth on fresh seeds and on test, where that is known."""

    fresh = Confirmation(4, "dev/f1/macro", 0.4123, 0.3951, Interval(0.38, 0.41), (7, 8, 9))
    answer = SearchResult(("dev/f1/macro",), ("maximize",), TRIALS, {}, {"f1/macro": 0.39, "recall/macro": None}, fresh)

    lines = search_headline(answer)

    assert lines[:3] == (
        "The best of 2 complete trials is number 4 (ratio=0.5 llm=recorded), with the highest dev/f1/macro, 0.412: the value "
        "that it was chosen by, and so too good.",
        "On 3 seeds that chose nothing, trial 4 has a dev/f1/macro of 0.395, where it was chosen by 0.412 (95 % interval 0.380 "
        "to 0.410).",
        "On test, its macro scores are: F1 0.390.",
    )
    assert "none of these numbers is an effect" in lines[3]
    of_classes = replace(answer, test_scores={"f1/macro": 0.39, "accuracy/micro": 0.5})
    assert search_headline(of_classes)[2] == "On test, its macro scores are: F1 0.390. Its accuracy is 0.500."


def test_a_search_for_two_goals_has_a_front() -> None:
    """And no best trial."""

    trials = tuple(SearchTrial(n, {"mix.ratio": "1"}, (0.1, 0.2), "complete", n != 1) for n in range(3))

    lines = search_headline(SearchResult(("dev/precision/macro", "dev/recall/macro"), ("maximize",) * 2, trials, {}))

    assert lines[0] == (
        "Of 3 complete trials, no other beats these in all of dev/precision/macro, dev/recall/macro: 0, 2; they were chosen by "
        "these values."
    )
    assert len(lines) == 2


def test_a_search_without_a_feasible_trial_says_so() -> None:
    """And nothing else."""

    assert len(search_headline(SearchResult(("dev/f1/macro",), ("maximize",), TRIALS[1:], {}))) == 1
