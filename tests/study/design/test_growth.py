"""A factorial study grows by further levels and seeds; everything else of it stays."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthsweep.study.design.growth import additions, further_levels, further_seeds

BEGUN: dict[str, Any] = {
    "design": "factorial",
    "fraction": 1.0,
    "seeds": [1, 2],
    "space": {"mix.ratio": "choice(0, 0.5)", "training": "choice(fast, slow)"},
    "levels": {"training=fast": {"training.epochs": 1}, "training=slow": {"training.epochs": 2}},
    "fixed": {"mix.arm": "augment"},
}


@pytest.mark.parametrize(
    ("before", "now", "further"),
    [
        ("choice(0, 0.5)", "choice(0, 0.5, 1)", ["1"]),
        ("choice(0, 1)", "choice(0, 0.5, 1, 2)", ["0.5", "2"]),
        ("choice([A1,A2], [B1])", "choice([A1,A2], [B1], [A1])", ["[A1]"]),
        ("choice('a, b', c)", "choice('a, b', c, 'b, c')", ["'b, c'"]),
        ("choice(0.1, 0.2) if llm is simulator", "choice(0.1, 0.2, 0.3) if llm is simulator", ["0.3"]),
        ("choice(0, 0.5)", "choice(0, 0.5)", []),
        ("choice(0, 0.5)", "choice(0, 1)", []),
        ("choice(0, 0.5)", "choice(0)", []),
        ("choice(0.1) if llm is simulator", "choice(0.1, 0.2)", []),
        ("interval(0, 1)", "interval(0, 2)", []),
        ("", "choice(0, 1)", []),
    ],
)
def test_further_levels_are_those_that_are_new_where_none_is_lost(before: str, now: str, further: list[str]) -> None:
    assert further_levels(before, now) == further


@given(st.lists(st.integers(-99, 99), unique=True, min_size=1), st.data())
def test_levels_may_be_added_anywhere_and_none_may_be_left_out(levels: list[int], data: st.DataObject) -> None:
    kept = [level for level in levels if data.draw(st.booleans())]
    before, now = (f"choice({', '.join(map(str, some))})" for some in (kept, levels))

    assert further_levels(before, now) == [str(level) for level in levels if level not in kept]
    assert further_levels(now, before) == []


@pytest.mark.parametrize(("before", "now", "count"), [([1, 2], [1, 2, 3], 1), ([1, 2], [1, 2], 0), ([1, 2], [2, 3, 4], 0)])
def test_further_seeds_follow_those_that_there_are(before: list[int], now: list[int], count: int) -> None:
    assert further_seeds(before, now) == count


def test_what_is_added_is_told_in_words() -> None:
    wanted = json.loads(json.dumps(BEGUN))
    wanted["seeds"] = [1, 2, 3]
    wanted["space"]["training"] = "choice(fast, slow, late)"
    wanted["levels"]["training=late"] = {"training.epochs": 9}

    found = additions(BEGUN, wanted)

    assert [words for words in found.values() if words] == ["1 more seed", "training=late"]
    assert set(found) == {"seeds", "hydra.sweeper.params.training", "training=late: training.epochs"}


@pytest.mark.parametrize(
    "other", [{"design": "search"}, {"fraction": 0.5}, {"fixed": {"hydra.sweeper.until": "half_width<=2"}}], ids=str
)
def test_what_draws_or_plans_its_own_trials_does_not_grow(other: dict[str, Any]) -> None:
    assert additions({**BEGUN, **other}, {**BEGUN, **other, "seeds": [1, 2, 3]}) == {}
