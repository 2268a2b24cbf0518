"""Tables of effects: the summary, one per metric, interactions."""

from dataclasses import replace

from support import answers
from synthsweep.compare.report.tables.effects import doses, effects, interactions
from synthsweep.compare.report.tables.tests import sign_flips
from synthsweep.compare.result.effects import ChangeDecomposition, DoseCurve, DosePoint, Effect, Interval

AP = "average_precision"
EFFECT = Effect("arm", "average_precision", "macro", 0.4, 0.432, 0.032, Interval(-0.004, 0.068), 6)
ONE = replace(answers.EMPTY, labels=("A1",), effects=(EFFECT,))


def split(metric: str, ranking: Interval, operating_point: Interval) -> ChangeDecomposition:
    return ChangeDecomposition("arm", metric, "macro", 0.0, 0.0, ranking, 0.0, operating_point, 0.1, 0.2)


UP, DOWN, UNCLEAR = Interval(0.01, 0.02), Interval(-0.02, -0.01), Interval(-0.01, 0.01)


def test_effects_come_with_their_pairs_and_tests() -> None:
    """And with what each p means; a test outside the family is blank, as is its column where none is inside."""
    inside = replace(EFFECT, criterion="A1", p=0.02, p_family=0.04, p_sign_flip=0.0312, pairs=4, undefined=2)
    answer = replace(ONE, effects=(inside, replace(EFFECT, p=0.5)))
    found = effects(answer, "average_precision")

    assert found.heads == ("criterion", "baseline", "arm", "change [95 %], points", "pairs", "p", "p, Holm")
    assert found.rows == (
        ("arm",),
        ("A1", "0.400", "0.432", "+3.2 [−0.4, +6.8]", "4 (2 undefined)", "0.020", "0.040"),
        ("macro", "0.400", "0.432", "+3.2 [−0.4, +6.8]", "6", "0.500", ""),
    )
    assert "p, Holm: of a criterion over all criteria and arms, of an average over all arms." in found.notes


def test_the_sign_flip_stands_apart_with_its_meaning() -> None:
    """Its p speaks of these test texts; beside those of intervals it would be read as theirs."""
    inside = replace(EFFECT, criterion="A1", p=0.02, p_family=0.04, p_sign_flip=0.0312)
    found = sign_flips(replace(ONE, effects=(inside, replace(EFFECT, p=0.5))))

    assert found.rows == (("arm",), ("A1", "+3.2", "0.031"))
    assert "It says nothing about new texts" in found.notes[0]


def test_with_a_margin_the_90_percent_interval_stands_beside_the_change() -> None:
    """And whether a change beyond the margin is excluded; without one, there are no such columns."""
    small = replace(EFFECT, tost_interval=Interval(0.001, 0.019), equivalent=True)
    unknown = replace(EFFECT, criterion="A1", tost_interval=Interval(-0.03, 0.019), equivalent=False)
    found = effects(replace(ONE, effects=(small, unknown), equivalence=0.02), "average_precision")

    assert found.heads[3:6] == ("change [95 %], points", "90 %", "beyond margin")
    assert [row[4:6] for row in found.rows[1:]] == [("[+0.1, +1.9]", "excluded"), ("[−3.0, +1.9]", "not excluded")]
    assert any("more than 2 points either way" in note for note in found.notes)


def test_criteria_with_too_few_texts_are_named() -> None:
    """Where an interval holds changes for which the baseline's score has no room."""
    wide = replace(EFFECT, criterion="A1", baseline=0.05, interval=Interval(-0.2, 0.3))
    notes = effects(replace(ONE, effects=(EFFECT, wide)), "average_precision").notes

    assert [note.partition(":")[0] for note in notes] == [
        "Average precision on a test set of this size",
        "Too few texts or seeds for A1",
    ]


def test_an_interaction_has_no_sides() -> None:
    """It is a difference of differences; that is not undefined, so there are no such columns."""
    crossed = replace(EFFECT, baseline=None, arm=None)
    found = interactions(replace(ONE, interactions=(crossed,)))

    assert found.heads == ("criterion", "change [95 %], points", "pairs")


def test_intervals_that_hold_at_once_have_a_column() -> None:
    """With what that means; for criteria, and for the doses of a curve."""
    together = replace(EFFECT, criterion="A1", simultaneous_interval=Interval(-0.02, 0.084))
    curve = DoseCurve("mix.ratio", "", "average_precision", "A1", (DosePoint(1.0, together),), (), None)
    answer = replace(ONE, effects=(together, EFFECT), doses=(curve,))

    assert effects(answer, "average_precision").heads[3:5] == ("change [95 %], points", "simultaneous [95 %]")
    assert [row[4] for row in effects(answer, "average_precision").rows[1:]] == ["[−2.0, +8.4]", ""]
    assert any("all criteria of an arm" in note for note in effects(answer, "average_precision").notes)
    assert doses(answer).rows[1][:3] == ("1", "+3.2 [−0.4, +6.8]", "[−2.0, +8.4]")
    assert any("all doses of a curve" in note for note in doses(answer).notes)


def test_average_precision_says_what_it_is_about() -> None:
    """A test set of this size; other metrics do not."""
    shown = {metric: effects(replace(ONE, effects=(replace(EFFECT, metric=metric),)), metric).notes for metric in ("f1", AP)}

    assert [any("test set of this size" in note for note in notes) for notes in shown.values()] == [False, True]
