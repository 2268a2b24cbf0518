"""Intervals end where scores do."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from support.headlines import effect
from synthsweep.compare.grid import Contrast
from synthsweep.compare.result.effects import ChangeDecomposition, Interval
from synthsweep.compare.stats.possible import possible

ARM = Contrast("arm", "effect", {"arm": 1.0, "base": -1.0})
CROSSED = Contrast("arm", "interaction", {"a": 1.0, "b": -1.0, "c": -1.0, "d": 1.0})


@given(st.floats(-1, 1), st.floats(0.001, 3))
def test_an_arm_changes_by_no_more_than_a_score(difference: float, half: float) -> None:
    """All intervals of an effect; what they exclude stays excluded, and the estimate stays inside."""
    whole = Interval(difference - half, difference + half)
    one = replace(effect(difference, contrast="arm"), interval=whole, plain_interval=whole, tost_interval=whole)
    (found,) = possible([one], [ARM])

    assert found.interval == found.plain_interval == found.tost_interval
    assert found.interval is not None
    assert (found.interval.low >= -1, found.interval.high <= 1) == (True, True)
    assert found.interval.low <= difference <= found.interval.high
    assert found.interval.excludes_zero == whole.excludes_zero


def test_an_interaction_has_twice_the_room() -> None:
    """As has the difference of an effect between two subgroups; parts of a change have that of the change."""
    wide, narrow = effect(0.1, -3.0, 3.0, contrast="arm"), effect(0.1, -0.5, 0.7, contrast="arm")
    split = ChangeDecomposition("arm", "recall", "A", 0.1, 0.1, Interval(-1.24, 1.4), 0.0, Interval(-0.1, 0.1), 0.1, 0.2)

    assert [one.interval for one in possible([wide, narrow], [CROSSED])] == [Interval(-2, 2), narrow.interval]
    assert [one.interval for one in possible([wide], [ARM], differences=2)] == [Interval(-2, 2)]
    assert possible([split], [ARM]) == (replace(split, ranking_interval=Interval(-1, 1)),)
