"""How fast requests are sent, on a clock that the test turns."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthsweep.generate.llm.throttle import LONGEST_PAUSE_S, REQUESTS, TOKENS, Throttle


class Clock:
    """Stands still until it is turned."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def throttle(ceiling: float = 8.0) -> tuple[Throttle, Clock]:
    clock = Clock()
    return Throttle(ceiling, clock), clock


@given(
    ceiling=st.integers(1, 64),
    events=st.lists(
        st.tuples(st.sampled_from(["refused", "late", "answered"]), st.floats(0, 5), st.floats(0, 10)), max_size=60
    ),
    in_flight=st.integers(0, 100),
)
def test_the_limit_stays_between_one_and_the_ceiling(
    ceiling: int, events: list[tuple[str, float, float]], in_flight: int
) -> None:
    """Whatever the server says, and there is never room for a negative number of requests."""

    one, clock = throttle(ceiling)
    for what, passed, age in events:
        clock.now += passed
        if what == "refused":
            one.refused(clock.now - age, None)
        elif what == "late":
            one.timed_out(clock.now - age)
        else:
            one.succeeded({})
        assert 1.0 <= one.limit <= ceiling
        assert 0 <= one.capacity(in_flight) <= max(0, ceiling - in_flight)


def test_a_round_of_answers_raises_the_limit_by_one_and_never_past_the_ceiling() -> None:
    """Up to just below the number that failed; from there on it takes ten rounds."""
    one, clock = throttle(32.0)
    one.timed_out(clock.now)
    for _ in range(16):
        one.succeeded({})
    after_a_round = one.limit
    for _ in range(10_000):
        one.succeeded({})

    assert after_a_round == pytest.approx(17.0, abs=0.1)
    assert one.limit == 32.0


def test_refusals_of_one_round_halve_the_limit_once() -> None:
    """All that was sent before the first refusal learnt nothing from it; what is sent later halves it again."""

    one, clock = throttle(32.0)
    for _ in range(20):
        clock.now += 0.01
        one.refused(99.0, None)
    after_the_round = one.limit
    clock.now += 1
    one.refused(clock.now - 0.5, None)

    assert (after_the_round, one.limit) == (16.0, 8.0)


def test_nothing_is_sent_during_a_pause() -> None:
    """When it is over, one request finds out whether the server answers; then as much as the limit allows."""

    one, clock = throttle(8.0)
    one.refused(clock.now, 3.0)

    during = (one.capacity(0), one.wait_s())
    clock.now += 3

    assert during == (0, 3.0)
    assert (one.capacity(0), one.capacity(1), one.wait_s()) == (1, 0, 0.0)
    one.succeeded({})
    assert (one.capacity(0), one.capacity(5)) == (4, 0)


def test_pauses_double_until_an_answer_comes() -> None:
    """Where the server says nothing of its own, up to a longest one."""
    one, clock = throttle()
    pauses = []
    for _ in range(9):
        clock.now += 100
        one.refused(clock.now, None)
        pauses.append(one.wait_s())

    assert pauses == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, LONGEST_PAUSE_S, LONGEST_PAUSE_S]


def test_the_next_pause_begins_where_the_last_one_was_nearly_long_enough() -> None:
    """A limit per minute is met by one or two requests a minute, not by eight."""
    one, clock = throttle()
    for _ in range(4):
        one.refused(clock.now, None)
        clock.now += one.wait_s()
    one.succeeded({})
    pauses = []
    for _ in range(3):
        one.refused(clock.now, None)
        pauses.append(one.wait_s())
        clock.now += pauses[-1]

    assert pauses == [0.9 * 7.5, 0.5, 1.0]


def test_a_server_that_says_now_each_time_is_asked_less_and_less_often() -> None:
    """`Retry-After: 0` on every refusal would else be thousands of requests; a short wait that helps is believed."""
    one, clock = throttle()
    pauses = []
    for _ in range(7):
        clock.now += 0.01
        one.refused(clock.now, 0.0)
        pauses.append(one.wait_s())
        clock.now += pauses[-1]

    assert pauses == [0.0, 0.0, 0.5, 1.0, 2.0, 4.0, 8.0]


def test_a_longer_pause_is_not_cut_short_by_a_shorter_one() -> None:
    """Refusals of one round arrive in any order."""

    one, clock = throttle()
    one.refused(clock.now, 9.0)
    one.refused(clock.now, 1.0)

    assert one.wait_s() == 9.0


@pytest.mark.parametrize(("what", "reason"), [("requests", REQUESTS), ("tokens", TOKENS)])
def test_an_answer_that_used_up_a_limit_pauses(what: str, reason: str) -> None:
    """The server said so before it had to refuse, so the number of requests at once is not halved."""
    one, _ = throttle(8.0)
    one.succeeded({f"x-ratelimit-remaining-{what}": "0", f"x-ratelimit-reset-{what}": "6m0s"})

    assert (one.wait_s(), one.reason, one.limit) == (360.0, reason, 8.0)


def test_no_more_is_sent_than_the_server_says_is_left() -> None:
    """What is under way may be counted already, or not."""
    one, _ = throttle(8.0)
    one.succeeded({"x-ratelimit-remaining-requests": "3", "x-ratelimit-reset-requests": "10s"})

    assert [one.capacity(flying) for flying in range(5)] == [3, 2, 1, 0, 0]
    one.succeeded({})
    assert one.capacity(0) == 8


def test_a_limit_that_is_used_up_without_a_time_stops_nothing() -> None:
    """Nobody would know when to go on."""
    one, _ = throttle(8.0)
    one.succeeded({"x-ratelimit-remaining-requests": "0"})

    assert one.capacity(0) == 8
