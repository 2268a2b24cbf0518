"""Effects along a numeric factor."""

import itertools
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from synthsweep.compare.grid import Cell
from synthsweep.compare.result.effects import Effect, Interval
from synthsweep.compare.stats.dose import DoseSeries, dose_curves, dose_plan, monotone
from synthsweep.study.queue.trial_queue import in_words

AP = "average_precision"
FACTORS = ("mix.ratio", "llm")


def cell(assignment: dict[str, str]) -> Cell:
    return Cell(in_words(assignment), assignment, (), {})


CONTROL = cell({"mix.ratio": "0"})
# The doses are out of order on purpose, and one of them would sort wrongly as a text.
ARMS = [cell({"mix.ratio": ratio, "llm": llm}) for ratio, llm in itertools.product(("1", "0.5", "10"), ("x", "y"))]


def effect(name: str, difference: float | None, variance: float | None = 0.01, **more: object) -> Effect:
    given: dict[str, object] = {"metric": AP, "criterion": "macro", **more}
    interval = None if difference is None else Interval(difference - 0.1, difference + 0.1)
    arm = None if difference is None else 0.5 + difference
    return Effect(
        name, baseline=0.5, arm=arm, difference=difference, interval=interval, pairs=6, seed_variance=variance, **given
    )  # type: ignore[arg-type]


def shapes(plan: Sequence[DoseSeries]) -> list[tuple[str, str, tuple[float, ...], tuple[str, ...]]]:
    return [(one.factor, one.held, one.doses, tuple(arm.name for arm in one.arms)) for one in plan]


def test_a_series_holds_the_other_factors_fixed_and_begins_at_the_control() -> None:
    """The one control stands at dose 0 of the series of both LLMs; doses rise as numbers do."""

    plan = dose_plan([CONTROL, *ARMS], "ratio=0", FACTORS)

    doses = (0.0, 0.5, 1.0, 10.0)
    assert shapes(plan) == [
        ("mix.ratio", f"llm={llm}", doses, ("ratio=0", *(f"ratio={r} llm={llm}" for r in ("0.5", "1", "10")))) for llm in "xy"
    ]
    assert [one.trend.name for one in plan if one.trend] == ["ratio trend: llm=x", "ratio trend: llm=y"]


def test_two_doses_and_the_control_are_enough_and_one_is_not() -> None:
    """With one dose there is a difference, but no curve."""

    two = [arm for arm in ARMS if arm.assignment["mix.ratio"] != "10"]
    one = [arm for arm in ARMS if arm.assignment["mix.ratio"] == "1"]

    assert [series.doses for series in dose_plan([CONTROL, *two], "ratio=0", FACTORS)] == [(0.0, 0.5, 1.0)] * 2
    assert dose_plan([CONTROL, *one], "ratio=0", FACTORS) == ()
    assert dose_plan(two, None, FACTORS) == ()


def test_a_control_of_its_own_arm_counts_as_dose_0() -> None:
    """real_only has no ratio that acts, and augment at any LLM begins there."""

    control = cell({"mix": "real_only"})
    arms = [cell({"mix": "augment", "mix.ratio": ratio}) for ratio in ("0.5", "1")]

    plan = dose_plan([control, *arms], "mix=real_only", ("mix", "mix.ratio"))

    assert [(one.doses, one.held) for one in plan] == [((0.0, 0.5, 1.0), "mix=augment")]


def test_each_series_begins_at_the_control_of_its_own_setting() -> None:
    """With a control for each learning rate, the other one is none of its points; the learning rate itself is no dose."""

    controls = [cell({"mix.ratio": "0", "training.learning_rate": rate}) for rate in ("1", "2", "3")]
    arms = [cell({"mix.ratio": r, "training.learning_rate": rate}) for r in ("1", "2") for rate in ("1", "2", "3")]

    plan = dose_plan([*controls, *arms], controls[0].name, ("mix.ratio", "training.learning_rate"))

    assert [series.arms[0].name for series in plan] == [control.name for control in controls]


def test_a_fault_of_the_simulator_is_a_dose_without_the_control() -> None:
    """Label noise 0 is a setting of the simulator; the texts of ratio 0 have none."""

    noisy = [cell({"mix.ratio": "1", "llm.simulator.label_noise": noise}) for noise in ("0", "0.2", "0.4")]

    plan = dose_plan([CONTROL, *noisy], "ratio=0", ("mix.ratio", "llm.simulator.label_noise"))

    assert [(s.factor, s.held, s.doses) for s in plan] == [("llm.simulator.label_noise", "ratio=1", (0.0, 0.2, 0.4))]


def test_arms_may_be_settings_of_some_factors() -> None:
    """Averaged over the LLM there is one series."""

    plan = dose_plan([CONTROL, *ARMS], "ratio=0", FACTORS, arms_by=("mix.ratio",))

    assert [(one.held, shapes([one])[0][3]) for one in plan] == [("", ("ratio=0", "ratio=0.5", "ratio=1", "ratio=10"))]


def test_a_curve_has_the_effects_of_its_arms_and_of_its_trend() -> None:
    """The control is 0 by definition; what was not computed is left out."""

    plan = dose_plan([CONTROL, *ARMS], "ratio=0", FACTORS)
    effects = [
        effect("ratio=0.5 llm=x", 0.1),
        effect("ratio=1 llm=x", None),
        effect("ratio=10 llm=x", 0.3),
        effect("ratio trend: llm=x", 0.02),
        effect("ratio=0.5 llm=x", 0.7, metric="recall"),
        effect("ratio=0.5 llm=y", 0.6, criterion="A"),
    ]

    curves = dose_curves(plan, effects, "ratio=0", (AP, "recall"), ("macro", "A"))

    first = curves[0]
    assert [(one.held, one.metric, one.criterion) for one in curves] == [
        ("llm=x", AP, "macro"),
        ("llm=x", "recall", "macro"),
        ("llm=y", AP, "A"),
    ]
    assert [(p.dose, p.effect.difference) for p in first.points] == [(0.0, 0.0), (0.5, 0.1), (1.0, None), (10.0, 0.3)]
    assert (first.points[0].effect.baseline, first.points[0].effect.arm) == (0.5, 0.5)
    assert effects[3] is first.trend
    assert len(first.smooth) == 25
    assert curves[1].smooth == ()


def test_the_line_begins_at_nothing_and_trusts_sure_points_more() -> None:
    """The control is 0 by definition; of two points that contradict each other, weights 1/variance give the mean."""

    arms = [cell({"mix.ratio": ratio}) for ratio in ("1", "2", "3")]
    plan = dose_plan([CONTROL, *arms], "ratio=0", ("mix.ratio",))
    effects = [effect("ratio=1", 0.4, 0.01), effect("ratio=2", 0.1, 0.03), effect("ratio=3", 0.9, 0.01)]

    (curve,) = dose_curves(plan, effects, "ratio=0", (AP,), ("macro",))

    line = dict(curve.smooth)
    pooled = (0.4 / 0.01 + 0.1 / 0.03) / (1 / 0.01 + 1 / 0.03)
    assert [line[dose] for dose in (0.0, 1.0, 2.0, 3.0)] == pytest.approx([0, pooled, pooled, 0.9], abs=1e-7)


def test_no_point_moves_the_beginning() -> None:
    """A fall before a rise is levelled at nothing, which the baseline against itself is for certain."""

    arms = [cell({"mix.ratio": ratio}) for ratio in ("1", "2")]
    plan = dose_plan([CONTROL, *arms], "ratio=0", ("mix.ratio",))

    (curve,) = dose_curves(plan, [effect("ratio=1", -0.1), effect("ratio=2", 0.5)], "ratio=0", (AP,), ("macro",))

    line = dict(curve.smooth)
    assert pytest.approx([line[dose] for dose in (0.0, 1.0, 2.0)], abs=1e-7) == [0, 0, 0.5]


def test_without_variances_all_points_weigh_alike() -> None:
    arms = [cell({"mix.ratio": ratio}) for ratio in ("1", "2", "3")]
    plan = dose_plan([CONTROL, *arms], "ratio=0", ("mix.ratio",))
    effects = [effect("ratio=1", 0.4, 0.01), effect("ratio=2", 0.1, None), effect("ratio=3", 0.9, 0.01)]

    (curve,) = dose_curves(plan, effects, "ratio=0", (AP,), ("macro",))

    assert pytest.approx(dict(curve.smooth)[1.0], abs=1e-7) == 0.25


POINTS = st.lists(st.tuples(st.integers(-5, 5), st.integers(1, 9)), min_size=3, max_size=6)


@given(points=POINTS)
def test_the_line_only_rises_or_only_falls(points: list[tuple[int, int]]) -> None:
    """It stays between the lowest and the highest point."""

    heights = [float(height) for height, _ in points]

    line = np.array(monotone(list(range(len(points))), heights, [float(weight) for _, weight in points]))

    steps = np.diff(line[:, 1])
    assert line.shape == (25, 2)
    assert np.all(steps >= -1e-9) or np.all(steps <= 1e-9)
    assert min(heights) - 1e-9 <= line[:, 1].min() <= line[:, 1].max() <= max(heights) + 1e-9


@pytest.mark.parametrize("seed", range(5))
def test_the_line_is_the_nearest_one_at_the_doses(seed: int) -> None:
    """A general minimiser over heights in order, upwards and downwards, finds no better one."""

    rng = np.random.default_rng(seed)
    # Every dose is one of the line's 25 points.
    doses, heights, weights = [0.0, 1.0, 2.0, 3.0, 4.0], rng.normal(size=5), rng.uniform(0.5, 2, size=5)

    def loss(found: np.ndarray) -> float:
        return float(np.sum(weights * (found - heights) ** 2))

    best = [
        minimize(
            loss,
            np.zeros(5),
            method="SLSQP",
            constraints={"type": "ineq", "fun": lambda found, sign=sign: sign * np.diff(found)},
            options={"ftol": 1e-12},
        )
        for sign in (1, -1)
    ]
    line = dict(monotone(doses, heights.tolist(), weights.tolist()))

    expected = min(best, key=lambda one: one.fun).x
    assert [line[dose] for dose in doses] == pytest.approx(expected.tolist(), abs=1e-4)


def test_two_points_have_no_line() -> None:
    """Any straight line would say more than they do."""

    assert monotone([0, 1], [0, 1], [1, 1]) == ()


def test_every_baseline_is_the_beginning_of_its_own_curve() -> None:
    """With a control for each prompt, both curves begin at 0."""

    cells = [cell({"mix.ratio": ratio, "prompt": prompt}) for ratio in ("0", "1", "2") for prompt in ("x", "y")]
    plan = dose_plan(cells, None, ("mix.ratio", "prompt"))
    effects = [effect(one.name, 0.1) for one in cells[2:]]

    curves = dose_curves(plan, effects, [one.name for one in cells[:2]], (AP,), ("macro",))

    assert [(curve.points[0].effect.contrast, pytest.approx(curve.smooth[0][1], abs=1e-7)) for curve in curves] == [
        ("ratio=0 prompt=x", 0.0),
        ("ratio=0 prompt=y", 0.0),
    ]


def test_points_have_the_intervals_that_hold_for_all_doses_at_once() -> None:
    """Asked for once per curve, with its arms, metric and criterion; not those over criteria, and none at the baseline."""

    plan, asked = dose_plan([CONTROL, *ARMS], "ratio=0", FACTORS), []
    over_criteria = Interval(-9.0, 9.0)
    effects = [effect(arm.name, 0.1, simultaneous_interval=over_criteria) for arm in ARMS]

    def together(arms: Sequence[str], metric: str, criterion: str) -> dict[str, Interval]:
        asked.append((len(arms), metric, criterion))
        return {arm: Interval(-1.0, 1.0) for arm in arms if "10" not in arm}

    curve = dose_curves(plan, effects, "ratio=0", (AP,), ("macro",), together)[0]

    assert asked == [(4, AP, "macro")] * 2
    assert [point.effect.simultaneous_interval for point in curve.points] == [None, *[Interval(-1.0, 1.0)] * 2, None]
