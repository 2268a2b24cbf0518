"""What is said of an arm."""

from support.headlines import AP, effect, told
from synthsweep.compare.report.headline.study import headline
from synthsweep.compare.result.effects import Effect, Interval
from synthsweep.compare.result.supplements import Power


def line(found: Effect, **more: object) -> str:
    return headline(told(found, **more))[0]


def test_without_a_margin_the_bound_that_is_excluded_is_said() -> None:
    """By two one-sided tests at 5 %."""
    found = line(effect(0.01, -0.02, 0.04, tost_interval=Interval(-0.014, 0.031)))

    assert (
        ": not distinguishable from no effect; a change beyond 3.1 points either way is excluded (90 % interval); this design"
        in found
    )


def test_a_margin_that_is_kept_replaces_not_distinguishable() -> None:
    """And one that is not kept is said beside it; a found change has it, too."""
    small = Interval(-0.008, 0.016)

    assert line(effect(0.004, -0.01, 0.018, tost_interval=small, equivalent=True), equivalence=0.02).endswith(
        "6 seeds): no change beyond 2 points (90 % interval −0.8 to +1.6)."
    )
    assert "and a change beyond 1 point is not excluded (90 % interval −0.8 to +1.6); this design" in line(
        effect(0.004, -0.01, 0.018, tost_interval=small, equivalent=False), equivalence=0.01
    )
    assert line(effect(0.01, 0.004, 0.016, tost_interval=Interval(0.005, 0.015), equivalent=True), equivalence=0.02).endswith(
        "6 seeds); no change beyond 2 points (90 % interval +0.5 to +1.5)."
    )


def test_an_interval_that_excludes_0_among_many_arms_is_not_called_a_change() -> None:
    """It says why, so that the interval beside it is no riddle."""
    others = [effect(0.0, -0.02, 0.02, contrast=name) for name in "abcdefg"]
    found = headline(told(*others, effect(0.03, 0.001, 0.059, contrast="h")))

    assert (
        "changed macro average precision by +3.0 points (95 % interval +0.1 to +5.9; 6 seeds): not significant after "
        in found[0]
    )
    assert not any(" raised " in one or " lowered " in one for one in found)


def test_what_no_score_can_do_is_not_promised() -> None:
    """A detectable change of more than 100 points, an interval that leaves the scores."""
    found = line(effect(0.1, -0.4, 0.6, baseline=0.05, arm=0.15), power=(Power("macro", 3, 2, 0.6, 0.2, 1.24),))

    assert "no true change is so large that this design finds it four times in five" in found
    assert found.endswith("; the interval leaves the range of scores, so these texts or seeds are too few.")
    assert AP not in found
