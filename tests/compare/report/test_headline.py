"""The first lines of a report."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from support import answers
from synthsweep.compare.report.headline import findings, headline, search_headline
from synthsweep.compare.report.verdict import verdict
from synthsweep.compare.result import (
    ArmScores,
    ChangeDecomposition,
    Confirmation,
    Effect,
    Interval,
    Power,
    SearchResult,
    SearchTrial,
)

AP = "average_precision"
BASE = ArmScores("ratio=0", {"mix.ratio": "0"}, 6, {}, {"train/synthetic": 0.0, "train/real": 200.0})
NAME = "ratio=0.5 llm=recorded prompt=plain"
ARM = ArmScores(
    NAME, {"mix.ratio": "0.5", "llm": "recorded", "prompt": "plain"}, 6, {}, {"train/synthetic": 100.0, "train/real": 200.0}
)
POWER = (Power("macro", 300, 6, 0.02, 0.01, 0.0412),)


def effect(difference: float | None, low: float | None = None, high: float | None = None, **more: Any) -> Effect:
    interval = None if low is None or high is None else Interval(low, high)
    given = {"contrast": NAME, "metric": AP, "criterion": "macro", "pairs": 6, **more}
    return Effect(baseline=None, arm=None, difference=difference, interval=interval, **given)


def lines_of(
    *effects: Effect,
    arms: Sequence[ArmScores] = (BASE, ARM),
    splits: Sequence[ChangeDecomposition] = (),
    power: Sequence[Power] = POWER,
    metric: str = AP,
) -> tuple[str, ...]:
    return headline(effects, splits, metric=metric, power=power, arms=arms, baseline="ratio=0")


def test_an_interval_that_holds_0_is_no_effect_with_what_could_have_been_found() -> None:
    """A sentence that a paper can quote, with a real minus sign."""

    assert lines_of(effect(0.032, -0.004, 0.068)) == (
        "Adding 0.5 synthetic texts for each real one (llm=recorded, prompt=plain) changed macro average precision by +3.2 "
        "points (95 % interval −0.4 to +6.8; 6 seeds): not distinguishable from no effect; this design finds a true change of "
        "4.1 points four times in five.",
    )


@pytest.mark.parametrize(
    ("effect_", "words"),
    [
        (effect(0.032, 0.004, 0.06), "raised macro average precision by 3.2 points (95 % interval +0.4 to +6.0; 6 seeds)."),
        (effect(-0.032, -0.06, -0.004), "lowered macro average precision by 3.2 points (95 % interval −6.0 to −0.4; 6 seeds)."),
    ],
)
def test_an_interval_without_0_is_a_change(effect_: Effect, words: str) -> None:
    """The verb has the direction, the interval its signs."""

    assert lines_of(effect_)[0].endswith(words)


def verdict_of(*effects: Effect, power: Sequence[Power] = POWER) -> str:
    return verdict(effects, metric=AP, power=power, arms=(BASE, ARM), baseline="ratio=0")


def test_the_verdict_is_one_sentence_that_claims_no_more_than_its_interval() -> None:
    """From which score to which, or what would have been missed."""
    scores = {"baseline": 0.412, "arm": 0.444}
    adding = "Adding 0.5 synthetic texts for each real one (llm=recorded, prompt=plain)"

    assert verdict_of(replace(effect(0.032, 0.004, 0.06), **scores)) == (
        f"{adding} raised macro average precision from 0.412 to 0.444."
    )
    assert verdict_of(replace(effect(0.032, -0.004, 0.068), **scores)) == (
        f"{adding} did not clearly change macro average precision (from 0.412 to 0.444); this study easily misses true changes "
        "below 4.1 points."
    )
    assert verdict_of(effect(None)) == (
        "No arm can be compared in macro average precision: it is undefined on one side of every pair."
    )


def test_the_verdict_on_several_arms_counts_them() -> None:
    """And names the one that is most clearly changed."""
    up, down = effect(0.032, 0.004, 0.06, contrast="a"), effect(-0.05, -0.08, -0.02, contrast="b")
    unclear = effect(0.09, -0.01, 0.19, contrast="c")

    assert verdict_of(up, unclear, down) == (
        "1 of 3 arms raised and 1 of 3 arms lowered macro average precision, most of all b: −5.0 points."
    )
    assert verdict_of(up, up, up) == "All 3 arms raised macro average precision, most of all a: +3.2 points."
    assert verdict_of(*[unclear] * 3, power=()) == "None of 3 arms clearly changed macro average precision."


def test_the_verdict_on_two_arms_names_both() -> None:
    """The clearer one first; the second score is the same one."""
    up = replace(effect(0.032, 0.004, 0.06), baseline=0.5, arm=0.532)
    unclear = replace(effect(0.09, -0.01, 0.19, contrast="c"), baseline=0.5, arm=0.59)

    assert verdict_of(unclear, up) == (
        "Adding 0.5 synthetic texts for each real one (llm=recorded, prompt=plain) raised macro average precision "
        "from 0.500 to 0.532; c, against ratio=0, did not clearly change it (from 0.500 to 0.590)."
    )


def test_findings_say_why_and_where() -> None:
    """Which part of the change moved in the first arm, and which criteria stand out."""
    lines = findings(answers.of_arm(answers.factorial(), answers.ARMS[0]))

    assert lines[0] == "What moved: the operating point (precision down, recall up)."
    assert lines[1].startswith("No single criterion stands out after correcting for 7 comparisons")


def test_one_seed_has_no_interval_and_no_verdict() -> None:
    """Neither raised nor no effect."""

    (line,) = lines_of(effect(0.05, pairs=1))

    assert "changed macro average precision by +5.0 points (1 seed): without an interval" in line


def test_where_power_is_not_known_the_line_says_so() -> None:
    """Rather than leave it out."""

    (line,) = lines_of(effect(0.0, -0.1, 0.1), power=())

    assert line.endswith("not distinguishable from no effect; how large a change this design would have found is not known.")


def test_arms_that_differ_from_no_effect_come_first_and_three_are_shown() -> None:
    """Then the larger ones; the last line counts the rest."""

    found = lines_of(
        effect(0.09, -0.1, 0.3, contrast="wide"),
        effect(0.02, 0.01, 0.03, contrast="sure"),
        effect(-0.2, -0.5, 0.1, contrast="wider"),
        effect(0.01, -0.1, 0.3, contrast="small"),
        effect(None, contrast="undefined"),
    )

    assert [line.partition(",")[0] for line in found] == ["sure", "wider", "wide"]
    assert "(1 more arm in the table;" in found[2]


@pytest.mark.parametrize(
    ("assignment", "facts", "subject"),
    [
        ({"mix.ratio": "1"}, {"train/real": 200}, "Adding 1 synthetic text for each real one"),
        ({"mix": "augment", "mix.ratio": "2"}, {"train/real": 200}, "Adding 2 synthetic texts for each real one"),
        ({"mix.ratio": "1"}, {"train/real": 0}, "Training on synthetic texts alone, 1 for each real one left out,"),
        ({"mix.count": "2"}, {"train/real": 200}, "Adding 2 synthetic texts"),
        ({"mix.count": "1", "llm": "a"}, {"train/real": 200}, "Adding 1 synthetic text (llm=a)"),
        ({"mix.count": "9"}, {"train/real": 0}, "Training on synthetic texts alone, 9 of them,"),
        ({"mix": "duplicate_real", "mix.ratio": "4"}, {}, "Adding 4 copies of each real text"),
        ({"mix": "duplicate_real", "mix.count": "9", "llm": "a"}, {}, "Adding 9 copies of real texts (llm=a)"),
        ({"mix.ratio": "1", "training.learning_rate": "0.1"}, {}, "the arm, against ratio=0,"),
        ({"llm": "recorded"}, {}, "the arm, against ratio=0,"),
    ],
)
def test_an_arm_is_named_by_what_it_does(assignment: dict[str, str], facts: dict[str, float], subject: str) -> None:
    """Where more than the synthetic texts differs, by its settings and the baseline's name."""

    arm = ArmScores("the arm", assignment, 6, {}, facts)

    (line,) = lines_of(effect(0.02, 0.01, 0.03, contrast="the arm"), arms=(BASE, arm))

    assert line.startswith(f"{subject} raised")


def test_a_baseline_with_synthetic_texts_is_named() -> None:
    """Half a text more than a quarter is not half a text."""

    base = ArmScores("ratio=0", {"mix.ratio": "0.25"}, 6, {}, {"train/synthetic": 50.0})

    assert lines_of(effect(0.02, 0.01, 0.03), arms=(base, ARM))[0].startswith(f"{NAME}, against ratio=0, raised")


def test_an_arm_may_have_a_baseline_of_its_own() -> None:
    """With the same learning rate, an arm with texts adds them."""

    rate = {"training.learning_rate": "1"}
    base = ArmScores("control", {"mix.ratio": "0", **rate}, 6, {}, {"train/synthetic": 0.0})
    arm = ArmScores("arm", {"mix.ratio": "0.5", **rate}, 6, {}, {})

    found = headline(
        [effect(0.02, 0.01, 0.03, contrast="arm")],
        (),
        metric=AP,
        power=POWER,
        arms=[BASE, base, arm],
        baseline={"arm": "control"},
    )

    assert found[0].startswith("Adding 0.5 synthetic texts for each real one (training.learning_rate=1) raised")


def split(metric: str, ranking: tuple[float, float, float], operating: tuple[float, float, float]) -> ChangeDecomposition:
    (a, *within), (b, *around) = ranking, operating
    return ChangeDecomposition(NAME, metric, "macro", a + b, a, Interval(*within), b, Interval(*around), 0.1, 0.2)


def test_a_change_of_recall_and_precision_is_taken_apart() -> None:
    """Of the first arm, with both parts and their intervals."""

    splits = [
        split("precision", (-0.002, -0.01, 0.01), (-0.058, -0.07, -0.04)),
        split("recall", (0.01, -0.005, 0.025), (0.071, 0.05, 0.092)),
    ]

    line = lines_of(effect(0.032, -0.004, 0.068), splits=splits)[1]

    assert line == (
        f"In {NAME}, macro recall changed by +8.1 points: +1.0 (−0.5 to +2.5) by ranking, +7.1 (+5.0 to +9.2) by the operating "
        "point; macro precision changed by −6.0 points: −0.2 (−1.0 to +1.0) by ranking, −5.8 (−7.0 to −4.0) by the operating "
        "point; of the two, the operating point alone is distinguishable from no change."
    )


NO, YES = (0.01, -0.1, 0.1), (0.1, 0.05, 0.2)


@pytest.mark.parametrize(
    ("ranking", "operating", "words"),
    [
        (YES, NO, "of the two, ranking alone is distinguishable from no change."),
        (YES, YES, "both are distinguishable from no change."),
        (NO, NO, "neither is distinguishable from no change."),
    ],
)
def test_the_line_says_which_part_moved(
    ranking: tuple[float, float, float], operating: tuple[float, float, float], words: str
) -> None:
    """By their intervals."""

    assert lines_of(effect(0.0, -1, 1), splits=[split("recall", ranking, operating)])[1].endswith(f"; {words}")


def test_criteria_that_survive_the_correction_are_named() -> None:
    """The surest first; macro is none of the comparisons, other metrics are not either."""

    family = [
        effect(0.05, 0.01, 0.09, criterion="A1", p_family=0.04),
        effect(-0.04, -0.08, -0.01, criterion="B2", p_family=0.01),
        effect(0.05, 0.01, 0.09, criterion="A3", p_family=0.06, p=0.01),
        effect(0.05, 0.01, 0.09, criterion="A1", metric="recall", p_family=0.001),
        effect(0.02, 0.01, 0.03, p_family=0.001),
    ]

    assert lines_of(*family)[-1] == (
        f"B2 (−4.0 points with {NAME}), A1 (+5.0 points with {NAME}) stand out after correcting for 3 comparisons, "
        "in average precision."
    )


def test_no_criterion_stands_out_beside_what_could_have_been_found() -> None:
    """The easiest and the hardest criterion; one whose power is not known is none of them."""

    rows = [(name, found) for name, found in (("A1", 0.062), ("B1", 0.031), ("B4", 0.1), ("B3", None))]
    power = [*POWER, *(Power(name, 30, 6, 0.1, 0.1, found) for name, found in rows)]
    family = [effect(0.05, 0.01, 0.09, criterion=name, p_family=0.2, p=0.01) for name, _ in rows]

    assert lines_of(effect(0.02, 0.01, 0.03), *family, power=power)[-1] == (
        "No single criterion stands out after correcting for 4 comparisons; this design finds a true change of 3.1 (B1) to "
        "10.0 (B4) points in one four times in five."
    )


def test_there_are_never_more_than_five_sentences() -> None:
    """Three arms, one on recall and precision, one on criteria."""

    arms = [effect(0.1 * n, 0.01, 0.5, contrast=NAME if n == 9 else f"arm {n}") for n in range(1, 10)]
    family = [effect(0.05, 0.01, 0.09, criterion=f"A{n}", p_family=0.01) for n in range(9)]

    found = lines_of(*arms, *family, splits=[split("recall", YES, YES)])

    assert len(found) == 5
    assert " and 5 more stand out after correcting for 9 comparisons" in found[-1]


def test_nothing_to_compare_takes_one_line() -> None:
    """Undefined is not 0."""

    assert lines_of(effect(None, metric="recall"), metric="recall") == (
        "No arm can be compared in macro recall: it is undefined in one side of every pair.",
    )


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
