"""Tables of what the study can detect."""

from dataclasses import replace

from support import answers
from synthsweep.compare.report.tables.power import no_effects, power
from synthsweep.compare.result.effects import Effect, Interval
from synthsweep.compare.result.supplements import Power

EFFECT = Effect("arm", "average_precision", "macro", 0.4, 0.432, 0.032, Interval(-0.004, 0.068), 6)
ONE = replace(answers.EMPTY, labels=("A1",), effects=(EFFECT,))


def test_power_stands_beside_every_change_that_holds_zero() -> None:
    """And beside no other one."""
    clear = replace(EFFECT, criterion="A1", interval=Interval(0.01, 0.05))
    row = Power("macro", 20, 6, 0.01, 0.02, 0.052, 0.03, None)
    found = no_effects(replace(ONE, effects=(clear, EFFECT), power=(row,)))

    assert found.rows == (("arm",), ("macro", "+3.2 [−0.4, +6.8]", "+5.2", "no number is enough"))


def test_seeds_that_are_needed_are_a_number_or_never_enough() -> None:
    """Blank where no effect was asked for."""
    rows = [Power("A1", 20, 6, 0.01, 0.02, 0.052, *wanted) for wanted in ((0.03, 1200), (0.03, None), (None, None))]

    assert [row[-1] for row in power(replace(answers.EMPTY, power=tuple(rows))).rows] == ["1,200", "no number is enough", ""]
