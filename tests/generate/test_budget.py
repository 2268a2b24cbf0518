"""Dollars of a budget: held before a request is sent, then paid, settled or lost."""

import sqlite3
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthsweep.generate import budget
from synthsweep.generate.budget import Spending, Surprise
from synthsweep.generate.replies.tables import SCHEMA


def connected() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.executescript(SCHEMA)
    return connection


@pytest.fixture
def execute() -> Iterator[budget.Execute]:
    connection = connected()
    yield connection.execute
    connection.close()


def test_what_is_held_counts_towards_the_limit(execute: budget.Execute) -> None:
    assert budget.hold(execute, "mine", 0.75, 1.0) == 1
    assert budget.hold(execute, "mine", 0.5, 1.0) is None
    assert budget.hold(execute, "other", 0.5, 1.0) == 2
    assert budget.spending(execute, "mine") == Spending(held=0.75)


def test_a_request_without_an_answer_may_have_been_billed(execute: budget.Execute) -> None:
    entry = budget.hold(execute, "mine", 0.5, None)
    assert entry is not None

    budget.settle(execute, entry, None)

    assert budget.spending(execute, "mine") == Spending(lost=0.5)


def test_a_request_that_cost_nothing_leaves_nothing(execute: budget.Execute) -> None:
    entry = budget.hold(execute, "mine", 0.5, None)
    assert entry is not None

    budget.settle(execute, entry, 0.0)

    assert budget.spending(execute, "mine") == Spending()


def paid_for(execute: budget.Execute, times: int, surprise: Surprise) -> None:
    for _ in range(times):
        entry = budget.hold(execute, "mine", 0.5, None)
        assert entry is not None
        budget.pay(execute, entry, 0.25, surprise)


@pytest.mark.parametrize(
    ("answers", "surprise", "beside", "held"),
    [
        (0, Surprise(), False, 1.0), (0, Surprise(), True, 2.0), (9, Surprise(0.25), True, 2.0),
        (10, Surprise(0.25), True, 1.0),
        (10, Surprise(0.75), True, 1.5), (10, Surprise(0.75), False, 1.0), (1, Surprise(1.5), False, 3.0),
        (10, Surprise(0.25, markup=3.0), True, 3.0), (1, Surprise(0.25, markup=3.0), False, 3.0),
    ],
    ids=["first", "first beside another", "few answers", "cheap answers", "dear answers", "alone", "beyond the most",
         "a dearer list beside", "a dearer list alone"],
)  # fmt: skip
def test_what_is_held_follows_from_the_answers_so_far(
    execute: budget.Execute, answers: int, surprise: Surprise, beside: bool, held: float
) -> None:
    """More than the most of a request where a server showed that it may bill more, or has not shown that it will not."""
    paid_for(execute, answers, surprise)
    other = budget.hold(execute, "mine", 0.0625, None) if beside else None
    before = budget.spending(execute, "mine").held

    budget.hold(execute, "mine", 1.0, None, cautious=True)

    assert (other is not None) == beside
    assert budget.spending(execute, "mine").held - before == held


@given(st.lists(st.tuples(st.integers(1, 64), st.booleans()), max_size=30), st.integers(0, 200))
def test_no_more_than_the_limit_is_ever_held_or_paid(requests: list[tuple[int, bool]], limit: int) -> None:
    """Prices are at most what was held, in 64ths of a dollar, so that sums are exact."""
    connection = connected()
    for cents, answered in requests:
        entry = budget.hold(connection.execute, "mine", cents / 64, limit / 64)
        if entry is not None and answered:
            budget.pay(connection.execute, entry, cents / 128)

        assert budget.spending(connection.execute, "mine").total <= limit / 64
    connection.close()
