"""Factors: what is suggested for them, and when they act."""

import math
import re

import optuna
import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.studies import choice
from synthsweep.errors import StudyError
from synthsweep.study.design.space import Choice, Condition, Range, Space

NESTED = Space(
    (choice("temperature", 0.5, 1.0), choice("llm", "none", "a", "b"), choice("few_shot", 0, 2), choice("order", "x", "y")),
    {
        "temperature": (Condition("llm", ("a", "b")),),
        "few_shot": (Condition("llm", ("b",)),),
        "order": (Condition("few_shot", (2,)), Condition("temperature", (0.5, 1.0))),
    },
)


@st.composite
def spaces(draw: st.DrawFn) -> Space:
    """Up to four factors; each may depend on levels of those before it; written in any order."""

    names = "abcd"[: draw(st.integers(1, 4))]
    levels = st.lists(st.sampled_from([1, 2, 3, "x", "y", None, 0.5]), min_size=1, max_size=3, unique=True)
    factors = [choice(name, *draw(levels)) for name in names]
    conditions: dict[str, tuple[Condition, ...]] = {}
    for index, factor in enumerate(factors):
        on = draw(st.lists(st.sampled_from(factors[:index]), max_size=2, unique=True)) if index else []
        some = [Condition(other.key, (draw(st.sampled_from(other.levels)),)) for other in on]
        conditions |= {factor.key: tuple(some)} if some else {}
    return Space(tuple(draw(st.permutations(factors))), conditions)


def obeys(space: Space, assignment: dict[str, object]) -> bool:
    """Whether exactly the factors whose conditions hold have a value, and each value is one of the factor's."""

    for factor in space.factors:
        wanted = all(c.on in assignment and assignment[c.on] in c.levels for c in space.conditions.get(factor.key, ()))
        if wanted != (factor.key in assignment):
            return False
    return all(factor.holds(assignment[factor.key]) for factor in space.factors if factor.key in assignment)


@given(space=spaces())
def test_a_grid_holds_each_combination_that_acts_once(space: Space) -> None:
    """Every cell obeys the conditions, no two are the same, and none is missing."""

    cells = space.grid()

    combinations = [tuple(sorted((key, repr(value)) for key, value in cell.items())) for cell in cells]
    assert len(combinations) == len(set(combinations))
    assert all(obeys(space, cell) for cell in cells)
    assert sorted(combinations) == sorted(set(_brute_force(space)))


def _brute_force(space: Space) -> list[tuple[tuple[str, str], ...]]:
    """Every partial assignment that obeys the conditions."""

    found: list[dict[str, object]] = [{}]
    for factor in space.factors:
        assert isinstance(factor, Choice)
        found = [*found, *({**cell, factor.key: level} for cell in found for level in factor.levels)]
    return [tuple(sorted((key, repr(value)) for key, value in cell.items())) for cell in found if obeys(space, cell)]


@given(space=spaces(), seed=st.integers(0, 1000))
def test_what_is_suggested_obeys_the_conditions(space: Space, seed: int) -> None:
    """A factor that does not act is not asked for, so the sampler learns nothing from it."""

    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=seed))
    trial = study.ask()

    assignment = space.suggest(trial)

    assert obeys(space, assignment)
    assert assignment == trial.params


def test_below_a_factor_that_does_not_act_none_does() -> None:
    """`order` waits for `few_shot`, which only llm b has."""

    below_none = [cell for cell in NESTED.grid() if cell["llm"] == "none"]
    with_an_order = [cell for cell in NESTED.grid() if "order" in cell]

    assert below_none == [{"llm": "none"}]
    assert {(cell["llm"], cell["few_shot"]) for cell in with_an_order} == {("b", 2)}
    assert len(NESTED.grid()) == 1 + 2 + 2 * (1 + 2)
    assert not NESTED.acts("order", {"llm": "a", "temperature": 0.5})
    assert NESTED.acts("order", {"llm": "b", "temperature": 0.5, "few_shot": 2})


@pytest.mark.parametrize(
    ("conditions", "message"),
    [
        ({"zeal": (Condition("a", (1,)),)}, "hydra.sweeper.conditions.zeal: there is no such factor; the factors are a, b"),
        ({"b": (Condition("c", (1,)),)}, "hydra.sweeper.conditions.b: c is not a factor; the factors are a, b"),
        ({"b": (Condition("a", (1, 9)),)}, "hydra.sweeper.conditions.b: a is never 9; it is choice(1, 2)"),
        (
            {"b": (Condition("a", (1,)),), "a": (Condition("b", (3,)),)},
            "hydra.sweeper.conditions: a, b depend on one another",
        ),
        ({"b": (Condition("b", (3,)),)}, "hydra.sweeper.conditions: b depend on one another"),
    ],
)
def test_a_condition_that_cannot_be_is_refused(conditions: dict[str, tuple[Condition, ...]], message: str) -> None:
    """The message names the condition and what is allowed."""

    with pytest.raises(StudyError, match=f"^{re.escape(message)}$"):
        Space((choice("a", 1, 2), choice("b", 3)), conditions)


def test_a_grid_cannot_hold_an_interval() -> None:
    """The message says how to name levels, or to search."""

    space = Space((Range("training.learning_rate", 1e-5, 1e-3, log=True),))

    with pytest.raises(StudyError, match=r"^training\.learning_rate=interval\(1e-05, 0\.001, log\): an interval has no levels"):
        space.grid()


@pytest.mark.parametrize(
    ("interval", "inside", "outside"),
    [
        (Range("x", 0.1, 0.9), [0.1, 0.5, 0.9], [0.09, 0.91, "0.5", None, True, math.nan]),
        (Range("x", 0, 3), [0, 1, 2.5], [-1, 4]),
        (Range("x", 1, 9, whole=True), [1, 9, 3.0], [0, 10, 2.5]),
        (Range("x", 1, 9, whole=True, step=4), [1, 5, 9], [3, 4]),
        (Range("x", 0.0, 1.0, step=0.1), [0.0, 0.3, 0.7, 1.0], [0.25]),
    ],
)
def test_an_interval_holds_what_a_sampler_could_propose(interval: Range, inside: list[object], outside: list[object]) -> None:
    """Bounds included; between them whole numbers, or steps."""

    assert [interval.holds(value) for value in (*inside, *outside)] == [*[True] * len(inside), *[False] * len(outside)]


@given(low=st.integers(1, 20), width=st.integers(0, 30), whole=st.booleans(), log=st.booleans(), seed=st.integers(0, 99))
def test_an_interval_holds_whatever_is_suggested(low: int, width: int, whole: bool, log: bool, seed: int) -> None:
    """And Hydra reads it back as the same number."""

    interval = Range("x", low, low + width, log=log, whole=whole)

    value = interval.suggest(optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=seed)).ask())

    assert interval.holds(value)
    assert (int if whole else float) is type(value)
    assert value == type(value)(interval.text(value))


def test_steps_are_suggested_as_steps() -> None:
    """Whole ones and others."""

    trial = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0)).ask()

    whole = Range("w", 2, 10, step=4, whole=True).suggest(trial)
    other = Range("o", 0.0, 1.0, step=0.5).suggest(trial)

    assert whole in {2, 6, 10}
    assert other in {0.0, 0.5, 1.0}


def test_levels_that_are_equal_in_python_keep_their_texts() -> None:
    """1, 1.0 and true are three levels in a configuration; an enqueued 1 may mean the level 1.0."""

    three = Choice("x", (1, 1.0, True), ("1", "1.0", "true"))
    ratio = Choice("mix.ratio", (0.5, 1.0), ("0.5", "1.0"))

    assert [three.text(level) for level in three.levels] == ["1", "1.0", "true"]
    assert ratio.text(1) == "1.0"


def test_an_assignment_becomes_overrides() -> None:
    """Levels as the grammar writes them, numbers with every digit, and nothing for a factor that does not act."""

    space = Space((Choice("labels", ("null one",), ("'null one'",)), Range("lr", 0, 1), choice("llm", "a")))

    assert space.overrides({"lr": 0.1234567890123, "labels": "null one"}) == ["labels='null one'", "lr=0.1234567890123"]


def test_values_that_the_space_does_not_have_are_refused() -> None:
    """With the key that they came from, and what is allowed."""

    space = Space((choice("llm", "a", "b"), Range("epochs", 1, 5, whole=True)))

    space.require({"llm": "a", "epochs": 5}, "enqueue[0]")
    with pytest.raises(StudyError, match=r"^enqueue\[0\]: prompt is not a factor of this study; the factors are llm, epochs$"):
        space.require({"prompt": "plain"}, "enqueue[0]")
    with pytest.raises(StudyError, match=r"^enqueue\[1\]: epochs is never 6; it is int interval\(1, 5\)$"):
        space.require({"epochs": 6}, "enqueue[1]")


def test_a_space_describes_itself() -> None:
    """A second command is compared with the first by these texts."""

    space = Space(
        (choice("llm", "a", "b"), Range("lr", 1e-5, 1e-3, log=True), Range("n", 0, 8, step=2, whole=True)),
        {"n": (Condition("llm", ("a", "b")), Condition("lr", (1e-4,)))},
    )

    assert space.describe() == {
        "llm": "choice(a, b)",
        "lr": "interval(1e-05, 0.001, log)",
        "n": "int interval(0, 8, step 2) if llm is a or b if lr is 0.0001",
    }


def test_a_condition_acts_on_the_level_that_a_stepped_range_proposes() -> None:
    """Optuna computes it as low + 3 * step."""
    ratio, rate = Range("mix.ratio", 0.0, 0.5, step=0.1), Range("training.dropout", 0.0, 0.5)
    space = Space((ratio, rate), {"training.dropout": (Condition("mix.ratio", (0.3,)),)})

    assert space.acts("training.dropout", {"mix.ratio": 0.1 + 0.2})
    assert ratio.suggest(optuna.trial.FixedTrial({"mix.ratio": 0.1 * 3})) == 0.3
    assert ratio.text(0.1 + 0.2) == "0.3"
