"""The score of a trial: values, constraints, and what a goal may name."""

import math
import re
import statistics
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from support.studies import AP
from synthsweep.errors import StudyError
from synthsweep.study.design.objective import (
    Constraint,
    Goal,
    TrialScore,
    make_goal,
    parse_constraint,
    require_defined,
    require_known,
)

F1, TIME = "dev/f1/macro", "time/train"
VALUES = st.floats(0, 1)


@given(values=st.lists(VALUES, min_size=1, max_size=8))
def test_the_mean_is_taken_over_the_replicates(values: list[float]) -> None:
    """In whichever order they ended."""

    goal = Goal((AP,), ("maximize",))

    assert TrialScore((statistics.fmean(values),)) == goal.evaluate([{AP: value} for value in values])


@given(values=st.lists(VALUES, min_size=2, max_size=8))
def test_the_lower_bound_is_that_of_a_one_sided_t_interval(values: list[float]) -> None:
    """Reference: scipy's interval at 90 %, of which 5 % lie beyond each end; minimised, it is the upper end."""

    assume(statistics.stdev(values) > 1e-9)
    replicates = [{AP: value} for value in values]

    low = Goal((AP,), ("maximize",), aggregate="lower_bound").evaluate(replicates).values
    high = Goal((AP,), ("minimize",), aggregate="lower_bound").evaluate(replicates).values

    wanted = stats.ttest_1samp(values, 0.0).confidence_interval(0.9)
    assert low == pytest.approx((wanted.low,), abs=1e-12)
    assert high == pytest.approx((wanted.high,), abs=1e-12)


def test_without_spread_the_lower_bound_is_the_mean() -> None:
    """The interval of two equal values has no width."""

    assert Goal((AP,), ("maximize",), aggregate="lower_bound").evaluate([{AP: 0.25}, {AP: 0.25}]).values == (0.25,)


@pytest.mark.parametrize("metrics", [{AP: 0.5, TIME: None}, {AP: 0.5}, {AP: None, TIME: 1.0}])
def test_a_metric_that_one_replicate_lacks_leaves_the_trial_without_a_value(metrics: dict[str, float | None]) -> None:
    """Objective or constraint, undefined or never measured: the trial has no value, never 0."""

    goal = Goal((AP,), ("maximize",), (parse_constraint("time/train <= 5"),))

    score = goal.evaluate([{AP: 0.5, TIME: 1.0}, metrics])

    assert score.values is None
    assert not score.feasible
    assert score.reason in {f"{AP} is undefined", f"{TIME} is undefined"}


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_value_that_is_not_finite_leaves_the_trial_without_one(value: float) -> None:
    """A diverged run must not reach the sampler."""

    score = Goal((AP,), ("maximize",)).evaluate([{AP: 0.5}, {AP: value}])

    assert score == TrialScore(None, {}, f"{AP} is not a finite number")


def test_an_average_that_excludes_a_criterion_is_infeasible_but_has_its_value() -> None:
    """The violation is the largest count of any replicate, once per averaged metric of the goal."""

    goal = Goal((F1, "dev/f1/weighted"), ("maximize",) * 2, (parse_constraint("dev/recall/A1 >= 0"),))
    complete = {F1: 0.5, "dev/f1/weighted": 0.5, "dev/recall/A1": 1.0, "dev/f1/undefined": 0.0, "dev/recall/undefined": 7.0}

    whole = goal.evaluate([complete])
    partial = goal.evaluate([complete, {**complete, "dev/f1/undefined": 2.0}, {**complete, "dev/f1/undefined": None}])

    assert whole.feasible
    assert (partial.values, partial.feasible) == ((0.5, 0.5), False)
    assert dict(partial.violations) == {"dev/recall/A1 >= 0": -1.0, "dev/f1: undefined criteria": 2.0}


@given(value=VALUES, bound=st.floats(-1, 2), at_least=st.booleans())
def test_a_constraint_is_violated_exactly_on_its_wrong_side(value: float, bound: float, at_least: bool) -> None:
    """On the bound it holds."""

    holds = value >= bound if at_least else value <= bound

    assert (Constraint(F1, at_least, bound).violation(value) <= 0) == holds


def test_a_constraint_is_checked_on_the_mean() -> None:
    """One slow replicate may be balanced by a fast one."""

    goal = Goal((AP,), ("maximize",), (parse_constraint("time/train <= 5"),))

    fast = goal.evaluate([{AP: 0.5, TIME: 1.0}, {AP: 0.5, TIME: 9.0}])
    slow = goal.evaluate([{AP: 0.5, TIME: 2.0}, {AP: 0.5, TIME: 9.0}])

    assert [fast.feasible, slow.feasible] == [True, False]
    assert dict(slow.violations) == {"time/train <= 5": 0.5}


@given(
    metric=st.from_regex(r"dev/[a-z_]+/[A-Za-z0-9._\-]([A-Za-z0-9._\- ]*[A-Za-z0-9._\-])?", fullmatch=True),
    sign=st.sampled_from([">=", "<="]),
    bound=st.integers(-99999, 99999).map(lambda number: number / 1000),
    spaces=st.tuples(*[st.sampled_from(["", " ", "  "])] * 4),
)
def test_a_constraint_reads_as_it_is_written(metric: str, sign: str, bound: float, spaces: tuple[str, ...]) -> None:
    """Spaces matter only within a criterion's id; the constraint's text can be read again."""

    constraint = parse_constraint(f"{spaces[0]}{metric}{spaces[1]}{sign}{spaces[2]}{bound}{spaces[3]}")

    assert constraint == Constraint(metric, sign == ">=", bound)
    assert constraint == parse_constraint(str(constraint))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "dev/f1/macro",
        "dev/f1/macro > 0.5",
        "dev/f1/macro >= high",
        "dev/f1/macro >= nan",
        ">= 0.5",
        "  >= 1",
        "a <= b <= 1",
    ],
)
def test_a_constraint_that_cannot_be_read_is_refused(text: str) -> None:
    """With how to write one."""

    message = f"hydra.sweeper.constraints: write METRIC >= NUMBER or METRIC <= NUMBER, got {text}"
    with pytest.raises(StudyError, match=f"^{re.escape(message)}$"):
        parse_constraint(text)


def test_a_goal_takes_one_word_or_lists() -> None:
    """One direction goes for all objectives."""

    assert make_goal(AP, "maximize", [], "mean", 1) == Goal((AP,), ("maximize",))
    assert make_goal([AP, F1], "minimize", [], "mean", 1) == Goal((AP, F1), ("minimize",) * 2)
    wanted = Goal((AP, TIME), ("maximize", "minimize"), (Constraint(F1, True, 0.5),), "lower_bound")
    assert make_goal([AP, TIME], ["maximize", "minimize"], ["dev/f1/macro >= 0.5"], "lower_bound", 2) == wanted


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([], "maximize", [], "mean", 1), "hydra.sweeper.objective must name one metric or several different ones, got []"),
        (
            ([AP, AP], "maximize", [], "mean", 1),
            f"hydra.sweeper.objective must name one metric or several different ones, got {[AP, AP]}",
        ),
        (
            (AP, ["maximize", "minimize"], [], "mean", 1),
            "hydra.sweeper.direction must be one word, or one for each of 1 objectives",
        ),
        ((AP, "up", [], "mean", 1), "hydra.sweeper.direction must be maximize or minimize, got up"),
        ((AP, "maximize", [], "median", 1), "hydra.sweeper.aggregate must be mean or lower_bound, got median"),
        ((AP, "maximize", [], "lower_bound", 1), "hydra.sweeper.aggregate=lower_bound needs replicates of 2 or more, got 1"),
        (
            ("test/f1/macro", "maximize", [], "mean", 1),
            "hydra.sweeper.objective=test/f1/macro: test is scored once and selects nothing; take dev/f1/macro",
        ),
        ((AP, "maximize", ["test/f1/A1 >= 0"], "mean", 1), "hydra.sweeper.constraints=test/f1/A1: test is scored once"),
        (
            ("f1", "maximize", [], "mean", 1),
            "hydra.sweeper.objective must name a metric such as dev/f1/macro or time/train, got f1",
        ),
        (
            ("time", "maximize", [], "mean", 1),
            "hydra.sweeper.objective must name a metric such as dev/f1/macro or time/train, got time",
        ),
    ],
)
def test_a_goal_that_cannot_be_is_refused(arguments: tuple[Any, ...], message: str) -> None:
    """Key, rule, value and way out; above all, test selects nothing."""

    with pytest.raises(StudyError, match=f"^{re.escape(message)}"):
        make_goal(*arguments)


@pytest.mark.parametrize("name", ["dev/f1/macro", "dev/recall/A1", "time/anything"])
def test_metrics_that_runs_have_are_known(name: str) -> None:
    """Averages, criteria, and anything outside dev."""

    require_known(Goal((name,), ("maximize",)), ["A1", "B1"])
    require_known(Goal((name,), ("maximize",)), None)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("dev/f2/macro", "dev/f2/macro: there is no such metric; dev has "),
        ("dev/f1/C1", "dev/f1/C1: there is no such criterion; write dev/f1/NAME with one of A1, B1, macro, micro, weighted"),
        ("dev/f1", "dev/f1: there is no such criterion; write dev/f1/NAME with one of A1, B1, macro, micro, weighted"),
    ],
)
def test_a_metric_that_no_run_has_is_refused(name: str, message: str) -> None:
    """Before anything is trained for it; a constraint's, too."""

    with pytest.raises(StudyError, match=f"^{re.escape(message)}"):
        require_known(Goal((name,), ("maximize",)), ["A1", "B1"])
    with pytest.raises(StudyError, match=f"^{re.escape(message)}"):
        require_known(Goal((F1,), ("maximize",), (Constraint(name, True, 0.5),)), ["A1", "B1"])


def test_any_criterion_passes_before_the_data_are_read() -> None:
    """The criteria of a data set from the hub are not known yet."""

    require_known(Goal(("dev/f1/joy",), ("maximize",)), None)
    with pytest.raises(StudyError, match="there is no such criterion"):
        require_known(Goal(("dev/f1",), ("maximize",)), None)


def test_an_average_over_the_defined_criteria_is_feasible_where_undefined_ones_are_skipped() -> None:
    """The value is the same; only what it counts for changes."""

    replicates = [{AP: 0.5, "dev/average_precision/undefined": 2.0}]

    refusing, skipping = (Goal((AP,), ("maximize",), skips_undefined=skips).evaluate(replicates) for skips in (False, True))

    assert (refusing.values, refusing.feasible) == ((0.5,), False)
    assert (skipping.values, skipping.feasible) == ((0.5,), True)


@pytest.mark.parametrize(
    ("metrics", "constraints", "skips", "without", "message"),
    [
        (
            [AP],
            [],
            False,
            ["C"],
            f"{AP} would leave out C, which no dev text carries, in every trial: set objective.undefined=skip",
        ),
        ([F1, AP], [], False, ["B", "C"], f"{F1} would leave out B, C, "),
        (["dev/recall/C"], [], True, ["C"], "dev/recall/C is undefined in every trial: no dev text carries C; take another"),
        ([AP], [], True, ["A", "B", "C"], f"{AP} is undefined in every trial: no dev text carries A, B, C; "),
        (["dev/f1/micro"], [], True, ["A", "B", "C"], "dev/f1/micro is undefined in every trial: "),
        (["dev/f1/A"], ["dev/recall/macro >= 0.5"], False, ["C"], "dev/recall/macro would leave out C"),
        (["dev/f1/A"], ["dev/recall/C >= 0.5"], True, ["C"], "dev/recall/C is undefined in every trial"),
    ],
)
def test_a_goal_that_no_trial_can_meet_is_refused(
    metrics: list[str], constraints: list[str], skips: bool, without: list[str], message: str
) -> None:
    """Before a night of trials, each of them infeasible."""

    goal = make_goal(metrics, "maximize", constraints, "mean", 1, skips_undefined=skips)

    with pytest.raises(StudyError, match=f"^{re.escape(message)}"):
        require_defined(goal, ("A", "B", "C"), without)


def test_a_goal_that_is_defined_says_what_it_leaves_out() -> None:
    """Precision, Brier and pooled scores need no positive of each label."""

    goal = make_goal([AP, "dev/f1/A"], "maximize", [], "mean", 1, skips_undefined=True)
    others = make_goal(["dev/precision/macro", "dev/brier/C", "dev/f1/micro", TIME], "maximize", [], "mean", 1)

    assert require_defined(goal, ("A", "C"), ["C"]) == f"{AP}: without C, which no dev text carries"
    assert require_defined(goal, ("A", "C"), []) == ""
    assert require_defined(others, ("A", "C"), ["C"]) == ""
