"""The answer in one sentence."""

from dataclasses import replace
from typing import Any

from support.headlines import effect, told
from synthsweep.compare.report.verdict import verdict
from synthsweep.compare.result.effects import Effect, Interval


def verdict_of(*effects: Effect, **more: Any) -> str:
    return verdict(told(*effects, **more))


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
    assert verdict_of(*[replace(up, contrast=name) for name in "abc"]) == (
        "All 3 arms raised macro average precision, most of all a: +3.2 points."
    )
    assert verdict_of(*[unclear] * 3, power=()) == "None of 3 arms clearly changed macro average precision."


def test_the_verdict_on_two_arms_names_both() -> None:
    """The clearer one first; the second score is the same one."""
    up = replace(effect(0.032, 0.004, 0.06), baseline=0.5, arm=0.532)
    unclear = replace(effect(0.09, -0.01, 0.19, contrast="c"), baseline=0.5, arm=0.59)

    assert verdict_of(unclear, up) == (
        "Adding 0.5 synthetic texts for each real one (llm=recorded, prompt=plain) raised macro average precision "
        "from 0.500 to 0.532; c, against ratio=0, did not clearly change it (from 0.500 to 0.590)."
    )


def test_an_interval_that_the_number_of_arms_explains_is_no_finding() -> None:
    """One of eight intervals excludes 0 by little: with eight arms that do nothing, one study in three has such an interval."""
    others = [effect(0.001, -0.02, 0.022, contrast=name) for name in "abcdefg"]

    assert (
        verdict_of(*others, effect(0.03, 0.001, 0.059), power=()) == "None of 8 arms clearly changed macro average precision."
    )


def test_with_a_margin_the_verdict_says_what_stays_within_it() -> None:
    """Rather than that nothing was found."""
    small = replace(
        effect(0.001, -0.009, 0.011), tost_interval=Interval(-0.008, 0.01), equivalent=True, baseline=0.4, arm=0.401
    )
    unknown = replace(small, equivalent=False)
    three = [replace(small, contrast=name) for name in "abc"]

    assert verdict_of(small, equivalence=0.02).endswith(
        "changed macro average precision by no more than 2 points (from 0.400 to 0.401)."
    )
    assert "by no more than" not in verdict_of(unknown, equivalence=0.02)
    assert verdict_of(*three, equivalence=0.02) == (
        "None of 3 arms clearly changed macro average precision, and none by more than 2 points."
    )
    assert "; 2 of them by no more than 2 points;" in verdict_of(*three[:2], replace(unknown, contrast="c"), equivalence=0.02)
