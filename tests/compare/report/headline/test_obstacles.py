"""What stands between a change and its reading."""

from dataclasses import replace

from support.headlines import ARM, BASE, NAME, effect, told
from synthsweep.compare.report.headline.obstacles import steps_line, undefined_line
from synthsweep.compare.report.headline.study import headline


def test_undefined_seeds_and_criteria_are_named() -> None:
    """By metric and criterion; those of other metrics than the headline's are not."""
    partly = effect(0.02, 0.01, 0.03, criterion="B2", pairs=4, undefined=2)
    never = effect(None, criterion="B3", pairs=0, undefined=6)
    other = effect(0.02, 0.01, 0.03, criterion="B2", metric="recall", pairs=1, undefined=5)
    answer = told(effect(0.02, 0.01, 0.03), partly, never, other, positives={"A3": 0, "B2": 5, "B3": 5})

    assert undefined_line(answer, [NAME]) == (
        "Undefined, so left out of the averages: no test text shows A3; average precision of B3 is defined on no seed; average "
        "precision of B2 is defined on 4 of 6 seeds.",
    )
    assert undefined_line(told(effect(0.02, 0.01, 0.03)), [NAME]) == ()


def test_a_macro_average_of_fewer_seeds_says_so() -> None:
    """Beside its interval."""
    found = headline(told(effect(0.02, 0.01, 0.03, pairs=4, undefined=2)))

    assert "(95 % interval +1.0 to +3.0; 4 of 6 seeds)" in found[0]


def test_unequal_steps_are_a_sentence_with_the_way_to_equal_ones() -> None:
    """Of the arm that is furthest away; steps within 5 % are equal."""
    base, arm, far = (
        replace(one, facts={**one.facts, "train/steps": steps}) for one, steps in ((BASE, 100.0), (ARM, 125.0), (ARM, 1300.0))
    )
    far = replace(far, arm="far")
    effects = (effect(0.02, 0.01, 0.03), effect(0.02, 0.01, 0.03, contrast="far"))

    assert steps_line(told(*effects, arms=(base, arm, far))) == (
        "Training differs, too: far took 1,300 optimiser steps and its baseline 100, the furthest of 2 arms, so part of its "
        "change may come from the steps; training.match_steps=true gives all arms the same.",
    )
    assert steps_line(told(*effects, arms=(base, replace(arm, facts={"train/steps": 104.0})))) == ()
    # No key of training gives a regression other steps.
    assert steps_line(told(*effects, arms=(base, replace(arm, facts={"train/steps": 300.0, "train/features": 384.0})))) == ()
