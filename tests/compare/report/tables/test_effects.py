"""Tables of effects: the summary, one per metric, interactions."""

from dataclasses import replace

from support import answers
from synthsweep.compare.report.tables.effects import effects, interactions
from synthsweep.compare.result import ChangeDecomposition, Effect, Interval

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

    assert found.heads == ("criterion", "baseline", "arm", "change [95 %], points", "pairs", "p", "p, Holm", "p, sign-flip")
    assert found.rows == (
        ("arm",),
        ("A1", "0.400", "0.432", "+3.2 [−0.4, +6.8]", "4 (2 undefined)", "0.020", "0.040", "0.031"),
        ("macro", "0.400", "0.432", "+3.2 [−0.4, +6.8]", "6", "0.500", "", ""),
    )
    assert "p, sign-flip: joint over the family; training variation on this test set only." in found.notes


def test_an_interaction_has_no_sides() -> None:
    """It is a difference of differences; that is not undefined, so there are no such columns."""
    crossed = replace(EFFECT, baseline=None, arm=None)
    found = interactions(replace(ONE, interactions=(crossed,)))

    assert found.heads == ("criterion", "change [95 %], points", "pairs")
