"""The table of pooled effects, and what it says where there is none."""

from dataclasses import replace

from support import answers
from synthsweep.compare.report.tables.pooled_effects import not_pooled, pooled_effects
from synthsweep.compare.result.effects import Effect, Interval

RAW = Effect("arm", "average_precision", "A", 0.4, 0.5, 0.1, Interval(0.0, 0.2), 6)
POOLED = replace(RAW, pooled_difference=0.08, pooled_interval=Interval(0.02, 0.14))
ONE = replace(answers.EMPTY, labels=("A", "B"), positives={"A": 12}, effects=(POOLED,))


def test_a_pooled_effect_stands_beside_the_raw_one() -> None:
    """With how far it moved, and what pooling means."""

    found = pooled_effects(ONE)

    assert found is not None
    assert found.rows == (("arm",), ("A", "12", "+10.0 [0, +20.0]", "+8.0 [+2.0, +14.0]", "−2.0"))
    assert "no second finding" in found.notes[0]
    assert not_pooled(ONE) == ""


def test_what_is_left_out_is_named() -> None:
    """A criterion without an interval, and an arm with too few criteria."""

    gap, other = replace(RAW, criterion="B", difference=None, interval=None), replace(RAW, contrast="other")
    found = pooled_effects(replace(ONE, effects=(POOLED, gap, other)))

    assert found is not None
    assert len(found.rows) == 2
    assert "Left out, since they have no interval: B (arm)." in found.notes
    assert "Not pooled, with fewer than 3 criteria with an interval: other." in found.notes


def test_too_few_criteria_are_not_pooled_and_that_is_said() -> None:
    """Where nothing is compared, nothing is said."""

    few = replace(ONE, effects=(RAW,))

    assert pooled_effects(few) is None
    assert not_pooled(few) == "Effects are not pooled over criteria: that takes 3 criteria with an interval in an arm."
    assert not_pooled(answers.EMPTY) == ""
