"""What an arm took, beside what it gave."""

import pytest

from synthsweep.compare.grid import Cell
from synthsweep.compare.result.effects import Effect
from synthsweep.compare.stats.cost import costs

TIMES = {"time/train": 10.0, "time/dev": 2.0, "time/evaluate": 1.0, "train/synthetic": 0.0}
BASELINE = Cell("real", {"mix.ratio": "0"}, (), TIMES)


def cell(name: str, seconds: float = 20.0, **facts: float) -> Cell:
    named = {key.replace("__", "/"): value for key, value in facts.items()}
    return Cell(name, {"arm": name}, (), {**TIMES, "time/train": seconds, "train/synthetic": 100.0, **named})


def effect(arm: str, difference: float | None, metric: str = "average_precision", criterion: str = "macro") -> Effect:
    return Effect(arm, metric, criterion, None, None, difference, None, 6)


def test_an_arm_pays_for_the_texts_that_it_trained_on() -> None:
    """A hundred of a pool of 400 texts that cost 2 dollars and 8,000 tokens."""

    asked = {"synthetic/pool": 400, "cost/usd": 2, "cost/usd_per_text": 0.005, "cost/prompt_tokens": 6000}
    arm = cell("a", **asked, **{"cost/completion_tokens": 2000})

    (found,) = costs([BASELINE, arm], "real", [effect("a", 0.02), effect("a", 0.05, "f1"), effect("a", 0.9, criterion="A")])

    assert (found.arm, found.synthetic_texts, found.usd, found.tokens, found.train_s) == ("a", 100, 0.5, 2000, 23)
    assert (pytest.approx(found.f1_points), pytest.approx(found.ap_points)) == (5, 2)
    per_point = (found.usd_per_f1_point, found.usd_per_ap_point, found.extra_s_per_ap_point)
    assert tuple(pytest.approx(value) for value in per_point) == (0.1, 0.25, 5)


@pytest.mark.parametrize("gain", [0.0, -0.02, None])
def test_what_gains_nothing_has_no_price_per_point(gain: float | None) -> None:
    (found,) = costs([BASELINE, cell("a", cost__usd_per_text=0.005)], "real", [effect("a", gain), effect("a", gain, "f1")])

    assert (found.usd_per_f1_point, found.usd_per_ap_point, found.extra_s_per_ap_point) == (None, None, None)
    assert (found.usd, found.frontier) == (0.5, False)


def test_texts_without_a_price_have_no_dollars() -> None:
    """None, not 0: recorded texts did cost something, once."""

    (found,) = costs([BASELINE, cell("a", seconds=8.0)], "real", [effect("a", 0.02)])

    assert (found.usd, found.tokens, found.usd_per_ap_point) == (None, None, None)
    # It took less time than the baseline.
    assert found.extra_s_per_ap_point is None


def test_the_frontier_is_what_no_arm_beats_in_points_and_dollars() -> None:
    """Of two equal arms both stay; the dearer one that gains less does not."""

    gains = {"cheap": (0.01, 1), "good": (0.03, 4), "poor": (0.005, 2), "twin": (0.03, 4), "dear": (0.03, 5)}
    arms = [cell(name, cost__usd_per_text=dollars / 100) for name, (_, dollars) in gains.items()]

    found = costs([BASELINE, *arms], "real", [effect(name, gain) for name, (gain, _) in gains.items()])

    assert [one.arm for one in found if one.frontier] == ["cheap", "good", "twin"]


def test_without_dollars_the_frontier_counts_seconds() -> None:
    """An arm without a price is not cheaper in dollars than one with a price."""

    arms = [cell("slow", 30.0), cell("quick", 20.0), cell("paid", 40.0, cost__usd_per_text=0.01)]
    effects = [effect("slow", 0.01), effect("quick", 0.02), effect("paid", 0.03)]

    found = costs([BASELINE, *arms], "real", effects)

    assert [one.arm for one in found if one.frontier] == ["quick", "paid"]


def test_an_arm_of_several_cells_costs_their_mean() -> None:
    """Of the two ways to prompt."""

    factors = {"ratio": "1"}
    pair = [
        Cell("x", {**factors, "prompt": "x"}, (), {**TIMES, "train/synthetic": 100.0, "cost/usd_per_text": 0.01}),
        Cell("y", {**factors, "prompt": "y"}, (), {**TIMES, "train/synthetic": 200.0, "cost/usd_per_text": 0.02}),
    ]

    (found,) = costs([BASELINE, *pair], "real", [effect("ratio=1", 0.02)], arms_by=("ratio",))

    assert (found.arm, found.synthetic_texts, found.usd) == ("ratio=1", 150, 2.5)


def test_each_arm_may_have_a_baseline_of_its_own() -> None:
    """With a control for each setting of the rest, seconds count from that one; a control itself has no cost."""

    other = Cell("other", {}, (), {**TIMES, "time/train": 15.0})
    pair = [cell("a"), cell("b")]

    found = costs([BASELINE, other, *pair], {"a": "real", "b": "other"}, [effect("a", 0.01), effect("b", 0.01)])

    assert [(one.arm, pytest.approx(one.extra_s_per_ap_point)) for one in found] == [("a", 10), ("b", 5)]
