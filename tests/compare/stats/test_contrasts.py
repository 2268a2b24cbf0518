"""Which cells are set against which."""

import itertools
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthsweep.compare.grid import Cell, Contrast
from synthsweep.compare.stats.contrasts import arm_contrasts, arms_of, interaction_contrasts, main_contrasts, trend_contrast
from synthsweep.study.queue.trial_queue import in_words

FACTORS = ("mix.ratio", "llm", "prompt")


def cell(**assignment: str) -> Cell:
    """A cell by its assignment, with two underscores for the dot of a key."""
    named = {key.replace("__", "."): value for key, value in assignment.items()}
    return Cell(in_words(named) or "control", named, (), {})


CONTROL = cell(mix__ratio="0")
CROSSED = [
    cell(mix__ratio=ratio, llm=llm, prompt=prompt)
    for ratio, llm, prompt in itertools.product(("0.5", "1"), ("recorded", "simulator"), ("plain", "attributed"))
]
CELLS = [CONTROL, *CROSSED]


def value(contrast: Contrast, cells: Sequence[Cell], scores: Sequence[float]) -> float:
    """What a contrast comes to when the cells have these scores."""
    return float(contrast.vector(cells) @ np.asarray(scores))


def names(contrasts: Sequence[Contrast]) -> list[str]:
    return [contrast.name for contrast in contrasts]


def test_every_cell_is_compared_with_the_baseline() -> None:
    """Under its own name; the baseline against itself is no contrast."""

    found = arm_contrasts(CELLS, "ratio=0")

    assert names(found) == [one.name for one in CROSSED]
    assert found[0].name == "ratio=0.5 llm=recorded prompt=plain"
    assert found[0].weights == {"ratio=0.5 llm=recorded prompt=plain": 1, "ratio=0": -1}
    assert {contrast.kind for contrast in found} == {"effect"}


def test_an_arm_of_some_factors_is_the_mean_of_its_cells() -> None:
    """Four cells at a ratio and LLM's two prompts: halves and quarters against the control."""

    found = arm_contrasts(CELLS, "ratio=0", ("mix.ratio", "llm"))

    expected = {"ratio=1 llm=simulator prompt=plain": 0.5, "ratio=1 llm=simulator prompt=attributed": 0.5, "ratio=0": -1}
    assert names(found) == [f"ratio={ratio} llm={llm}" for ratio in ("0.5", "1") for llm in ("recorded", "simulator")]
    assert found[-1].weights == expected


def test_arms_are_compared_at_the_same_settings_of_what_is_left_out() -> None:
    """Of a fractional design, the learning rate that one side lacks does not enter."""

    cells = [cell(mix__ratio=ratio, lr=lr) for ratio, lr in (("0", "a"), ("0", "b"), ("1", "b"), ("1", "c"), ("2", "c"))]

    found = arm_contrasts(cells, "ratio=0 lr=a", ("mix.ratio",))

    assert [(one.name, one.weights) for one in found] == [("ratio=1", {"ratio=1 lr=b": 1, "ratio=0 lr=b": -1})]


def test_a_baseline_of_several_cells_is_their_mean() -> None:
    """Every control of its learning rate takes part."""

    cells = [cell(mix__ratio=ratio, lr=lr) for ratio in ("0", "1") for lr in "ab"]

    found = arm_contrasts(cells, "ratio=0 lr=a", ("mix.ratio",))

    assert found[0].weights == {"ratio=1 lr=a": 0.5, "ratio=1 lr=b": 0.5, "ratio=0 lr=a": -0.5, "ratio=0 lr=b": -0.5}


def test_a_main_effect_averages_over_the_other_factors() -> None:
    """The difference of the level means of the crossed cells, without the control."""

    rng = np.random.default_rng(1)
    scores = rng.normal(size=len(CELLS))

    found = {contrast.name: contrast for contrast in main_contrasts(CELLS, "ratio=0", FACTORS)}

    by_level = {
        llm: np.mean([s for one, s in zip(CELLS, scores, strict=True) if one.assignment.get("llm") == llm])
        for llm in ("recorded", "simulator")
    }
    assert list(found) == ["ratio: 1 − 0.5", "llm: simulator − recorded", "prompt: attributed − plain"]
    llm = found["llm: simulator − recorded"]
    assert value(llm, CELLS, scores) == pytest.approx(by_level["simulator"] - by_level["recorded"])
    assert (llm.kind, llm.factor, llm.level, llm.weights.get("ratio=0", 0.0)) == ("main", "llm", "simulator", 0.0)


def test_an_unbalanced_factor_has_no_main_effect() -> None:
    """Without one cell, the levels of every factor occur with different settings of the others."""

    assert names(main_contrasts(CELLS[:-1], "ratio=0", FACTORS)) == []


def test_a_factor_with_one_level_beside_the_control_has_no_main_effect() -> None:
    """Ratio 0 and 0.5: the shared control is no level of the factorial."""

    cells = [one for one in CELLS if one.assignment["mix.ratio"] != "1"]

    assert names(main_contrasts(cells, "ratio=0", FACTORS)) == ["llm: simulator − recorded", "prompt: attributed − plain"]


def test_a_control_that_other_cells_share_every_level_with_stays_inside() -> None:
    """Where the ratio is crossed with the learning rate alone, ratio 0 is a level like any other."""

    cells = [cell(mix__ratio=ratio, lr=lr) for ratio in ("0", "1") for lr in "ab"]

    found = main_contrasts(cells, "ratio=0 lr=a", ("mix.ratio", "lr"))

    assert names(found) == ["ratio: 1 − 0", "lr: b − a"]


def test_several_controls_stand_outside_together() -> None:
    """One for each learning rate: none of them is in the effect of the LLM."""

    controls = [cell(mix__ratio="0", lr=lr) for lr in "ab"]
    arms = [cell(mix__ratio="1", llm=llm, lr=lr) for llm in ("x", "y") for lr in "ab"]

    found = main_contrasts([*controls, *arms], controls[0].name, ("mix.ratio", "llm", "lr"))

    assert names(found) == ["llm: y − x", "lr: b − a"]
    assert not {control.name for control in controls} & {name for one in found for name in one.weights}


def test_a_factor_that_acts_under_one_level_is_compared_there() -> None:
    """The simulator's diversity has an effect; the LLM's would be mixed with it, and so would an interaction."""

    simulated = [cell(mix__ratio=r, llm="simulator", llm__simulator__diversity=d) for r in "12" for d in ("0.5", "1")]
    cells = [CONTROL, *(cell(mix__ratio=r, llm="recorded") for r in "12"), *simulated]
    factors = ("mix.ratio", "llm", "llm.simulator.diversity")

    assert names(main_contrasts(cells, "ratio=0", factors)) == ["ratio: 2 − 1", "diversity: 1 − 0.5"]
    found = interaction_contrasts(cells, "ratio=0", factors)
    assert names(found) == ["ratio × diversity: 2 − 1, 1 − 0.5"]


def test_an_interaction_is_a_difference_of_differences() -> None:
    """Of the means over the third factor."""

    scores = np.random.default_rng(2).normal(size=len(CELLS))
    table = {tuple(one.assignment.values()): score for one, score in zip(CELLS, scores, strict=True)}

    found = {contrast.name: contrast for contrast in interaction_contrasts(CELLS, "ratio=0", FACTORS)}

    def mean(llm: str, prompt: str) -> float:
        return float(np.mean([table[ratio, llm, prompt] for ratio in ("0.5", "1")]))

    expected = mean("simulator", "attributed") - mean("simulator", "plain")
    expected -= mean("recorded", "attributed") - mean("recorded", "plain")
    one = found["llm × prompt: simulator − recorded, attributed − plain"]
    assert len(found) == 3
    assert value(one, CELLS, scores) == pytest.approx(expected)
    assert (one.kind, one.factor, one.level) == ("interaction", "llm × prompt", "simulator, attributed")


def test_a_missing_cell_leaves_no_interaction() -> None:
    """No pair of factors has all of its levels with the same settings of the third."""

    assert names(interaction_contrasts(CELLS[:-1], "ratio=0", FACTORS)) == []


@given(levels=st.lists(st.integers(1, 3), min_size=2, max_size=4))
def test_the_weights_of_every_contrast_add_up_to_nothing(levels: list[int]) -> None:
    """And a constant added to one factor's level shows in its own main effect alone."""

    keys = [f"f{index}" for index in range(len(levels))]
    cells = [
        cell(**dict(zip(keys, values, strict=True))) for values in itertools.product(*(map(str, range(n)) for n in levels))
    ]
    arms = arm_contrasts(cells, cells[0].name)
    mains, crossed = main_contrasts(cells, None, keys), interaction_contrasts(cells, None, keys)

    lifted = [float(one.assignment["f0"] == "1") for one in cells]

    assert all(sum(one.weights.values()) == pytest.approx(0) for one in (*arms, *mains, *crossed))
    assert len(mains) == sum(n - 1 for n in levels)
    assert len(crossed) == sum((a - 1) * (b - 1) for a, b in itertools.combinations(levels, 2))
    expected = [float(one.factor == "f0" and one.level == "1") for one in mains]
    assert [value(one, cells, lifted) for one in mains] == pytest.approx(expected)
    assert all(value(one, cells, lifted) == pytest.approx(0) for one in crossed)


def test_a_trend_is_the_slope_of_a_straight_line() -> None:
    """NumPy's polyfit through the same points; an arm of two cells counts by its mean."""

    cells = [CONTROL, *CROSSED]
    arms = arms_of(cells, ("mix.ratio",))
    arms = (*arms, *arms_of([cell(mix__ratio="4")]))
    everything = [*cells, arms[-1].cells[0]]
    scores = np.random.default_rng(3).normal(size=len(everything))
    doses = [0.0, 0.5, 1.0, 4.0]
    means = [np.mean([s for one, s in zip(everything, scores, strict=True) if one in arm.cells]) for arm in arms]

    found = trend_contrast(arms, doses, "ratio trend", "mix.ratio")

    assert found is not None
    assert value(found, everything, scores) == pytest.approx(np.polyfit(doses, means, 1)[0])
    assert (found.kind, pytest.approx(sum(found.weights.values()))) == ("trend", 0)


def test_two_doses_are_no_trend() -> None:
    """They are a difference, which the arms show."""

    assert trend_contrast(arms_of(CELLS[:2]), [0.0, 0.5], "ratio trend") is None
