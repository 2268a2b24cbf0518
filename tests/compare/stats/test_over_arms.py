"""p values adjusted over arms, pairs of pools and parts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.headlines import effect
from synthsweep.compare.result.effects import ChangeDecomposition, Effect, PoolPair
from synthsweep.compare.stats.inference.multiplicity import holm
from synthsweep.compare.stats.over_arms import over_arms, over_pairs, over_parts


def arms(p: list[float], metric: str = "f1", criterion: str = "macro") -> list[Effect]:
    return [effect(0.1, contrast=str(place), metric=metric, criterion=criterion, p=one) for place, one in enumerate(p)]


@given(st.lists(st.floats(0.0001, 1), min_size=1, max_size=8), st.lists(st.floats(0.0001, 1), min_size=1, max_size=8))
def test_each_average_in_each_metric_is_a_family_of_all_arms(one: list[float], other: list[float]) -> None:
    """Holm's adjustment; criteria are in none."""
    found = over_arms([*arms(one), *arms(other, criterion="micro"), *arms(other, metric="recall"), *arms(one, criterion="A")])

    expected = [*holm(np.array(one)), *holm(np.array(other)), *holm(np.array(other))]
    assert [effect.p_arms for effect in found[: len(expected)]] == pytest.approx(expected)
    assert {effect.p_arms for effect in found[len(expected) :]} == {None}


def test_an_arm_without_a_p_is_not_counted() -> None:
    """Nor is it significant."""
    found = over_arms([*arms([0.03]), effect(None, metric="f1", contrast="undefined")])

    assert [(one.p_arms, one.is_significant) for one in found] == [(0.03, True), (None, False)]


def test_pairs_are_corrected_within_their_factor() -> None:
    """Three pairs of LLMs, one of prompts."""
    pairs = [PoolPair("llm", "a", "b", (one,)) for one in arms([0.02, 0.01, 0.5])]
    prompts = PoolPair("prompt", "x", "y", (effect(0.1, contrast="x - y", metric="f1", p=0.03),))
    found = over_pairs([*pairs, prompts])

    assert [pair.effects[0].p_arms for pair in found] == pytest.approx([0.04, 0.03, 0.5, 0.03])


def test_parts_of_macro_changes_are_one_family() -> None:
    """Over arms, metrics and both parts; a criterion's parts are not tested."""

    def split(criterion: str, ranking: float, operating: float) -> ChangeDecomposition:
        return ChangeDecomposition("a", "recall", criterion, *[None] * 7, ranking, operating)

    found = over_parts([split("macro", 0.01, 0.02), split("A", 0.001, 0.001), split("macro", 0.5, 0.02)])

    assert [(one.ranking_p, one.operating_point_p) for one in found] == [
        (pytest.approx(0.04), pytest.approx(0.06)),
        (None, None),
        (pytest.approx(0.5), pytest.approx(0.06)),
    ]
