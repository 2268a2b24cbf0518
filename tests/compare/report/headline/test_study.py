"""The first lines of a report."""

from dataclasses import replace
from typing import Any

import pytest

from support import answers
from support.headlines import ARM, BASE, NAME, POWER, effect, told
from synthsweep.compare.report.headline.study import findings, headline
from synthsweep.compare.result.effects import ChangeDecomposition, Effect, Interval
from synthsweep.compare.result.supplements import ArmScores, Power


def lines_of(*effects: Effect, **more: Any) -> tuple[str, ...]:
    return headline(told(*effects, **more))


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


def test_findings_say_why_and_where() -> None:
    """Which part of the change moved in the first arm, and which criteria stand out."""
    lines = findings(answers.of_arm(answers.factorial(), answers.ARMS[0]))

    assert lines[0] == "What moved, on the average over criteria: operating point (precision down, recall up)."
    assert lines[1].startswith("No single criterion stands out in average precision after correcting for 7 comparisons")


def test_one_seed_has_no_interval_and_no_verdict() -> None:
    """Neither raised nor no effect."""

    (line,) = lines_of(effect(0.05, pairs=1))

    assert "changed macro average precision by +5.0 points (1 seed): without an interval" in line


def test_one_seed_with_an_interval_for_new_texts_claims_nothing() -> None:
    """Though 0 lies outside of it: another seed may do anything."""

    found = effect(0.05, 0.01, 0.09, pairs=1)
    (line,) = lines_of(replace(found, interval=Interval(0.01, 0.09, new_seeds=False)))

    assert "changed macro average precision by +5.0 points (95 % interval +1.0 to +9.0 for new texts alone; 1 seed)" in line
    assert "this says nothing about other seeds" in line


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
    assert "(1 more arm in the table." in found[2]


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

    found = lines_of(effect(0.02, 0.01, 0.03, contrast="arm"), arms=[BASE, base, arm], partners={"arm": "control"})

    assert found[0].startswith("Adding 0.5 synthetic texts for each real one (training.learning_rate=1) raised")


def split(metric: str, ranking: tuple[float, float, float], operating: tuple[float, float, float]) -> ChangeDecomposition:
    (a, *within), (b, *around) = ranking, operating
    p = [0.001 if one.excludes_zero else 0.5 for one in (Interval(*within), Interval(*around))]
    return ChangeDecomposition(NAME, metric, "macro", a + b, a, Interval(*within), b, Interval(*around), 0.1, 0.2, *p)


def test_a_change_of_recall_and_precision_is_taken_apart() -> None:
    """Of the first arm, with both parts and their intervals."""

    splits = [
        split("precision", (-0.002, -0.01, 0.01), (-0.058, -0.07, -0.04)),
        split("recall", (0.01, -0.005, 0.025), (0.071, 0.05, 0.092)),
    ]

    line = lines_of(effect(0.032, -0.004, 0.068), decompositions=tuple(splits))[1]

    assert line == (
        f"In {NAME}, macro recall changed by +8.1 points: +1.0 (−0.5 to +2.5) by ranking, +7.1 (+5.0 to +9.2) by the operating "
        "point; macro precision changed by −6.0 points: −0.2 (−1.0 to +1.0) by ranking, −5.8 (−7.0 to −4.0) by the operating "
        "point; after correcting for 4 comparisons, operating point (recall up, precision down) changed significantly."
    )


NO, YES = (0.01, -0.1, 0.1), (0.1, 0.05, 0.2)


@pytest.mark.parametrize(
    ("ranking", "operating", "words"),
    [
        (YES, NO, "ranking (recall up) changed significantly."),
        (YES, YES, "ranking (recall up) and operating point (recall up) changed significantly."),
        (NO, NO, "none of these parts changed significantly."),
    ],
)
def test_the_line_says_which_part_moved(
    ranking: tuple[float, float, float], operating: tuple[float, float, float], words: str
) -> None:
    """By their intervals."""

    assert lines_of(effect(0.0, -1, 1), decompositions=(split("recall", ranking, operating),))[1].endswith(f", {words}")


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
        f"B2 (−4.0 points with {NAME}), A1 (+5.0 points with {NAME}) stand out in average precision "
        "after correcting for 3 comparisons."
    )


def test_no_criterion_stands_out_beside_what_could_have_been_found() -> None:
    """The easiest and the hardest criterion; one whose power is not known is none of them."""

    rows = [(name, found) for name, found in (("A1", 0.062), ("B1", 0.031), ("B4", 0.1), ("B3", None))]
    power = [*POWER, *(Power(name, 30, 6, 0.1, 0.1, found) for name, found in rows)]
    family = [effect(0.05, 0.01, 0.09, criterion=name, p_family=0.2, p=0.01) for name, _ in rows]

    assert lines_of(effect(0.02, 0.01, 0.03), *family, power=power)[-1] == (
        "No single criterion stands out in average precision after correcting for 4 comparisons; this design finds a true "
        "change of 3.1 (B1) to "
        "10.0 (B4) points in one four times in five."
    )


def test_there_are_never_more_than_five_sentences() -> None:
    """Three arms, one on recall and precision, one on criteria."""

    arms = [effect(0.1 * n, 0.01, 0.5, contrast=NAME if n == 9 else f"arm {n}") for n in range(1, 10)]
    family = [effect(0.05, 0.01, 0.09, criterion=f"A{n}", p_family=0.01) for n in range(9)]

    found = lines_of(*arms, *family, decompositions=(split("recall", YES, YES),))

    assert len(found) == 5
    assert " and 5 more stand out in average precision after correcting for 9 comparisons" in found[-1]


def test_nothing_to_compare_takes_one_line() -> None:
    """Undefined is not 0."""

    assert lines_of(effect(None, metric="recall"), primary="recall") == (
        "No arm can be compared in macro recall: it is undefined in one side of every pair.",
    )


def test_what_synthetic_texts_are_worth_and_what_a_classifier_takes_are_sentences() -> None:
    """Where the study has a learning curve; where its arms are different classifiers."""
    asked = replace(ARM, facts={**ARM.facts, "time/s_per_1000": 53.2, "cost/usd_per_1000": 0.5})
    lines = lines_of(effect(0.032, 0.004, 0.06), worth=(answers.WORTH,), arms=(BASE, asked))

    worth = "200 synthetic texts beside 400 real ones are worth 70 more real texts (95 % interval: 10 or more)."
    assert f"With {answers.WORTH.arm}: {worth}" in lines
    assert f"To classify 1,000 texts takes $0.50 and 53 s with {NAME}." in lines
