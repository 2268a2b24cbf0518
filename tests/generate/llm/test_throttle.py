"""How fast requests are sent, on a clock that the test turns."""

import time
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthsweep.generate.llm.throttle import LONGEST_PAUSE_S, Throttle, exhausted_s, retry_after_s, span_s


class Clock:
    """Stands still until it is turned."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def throttle(limit: float = 8.0, ceiling: float = 64.0) -> tuple[Throttle, Clock]:
    clock = Clock()
    return Throttle(limit, ceiling, clock), clock


@given(
    start=st.integers(1, 64),
    events=st.lists(st.tuples(st.booleans(), st.floats(0, 5), st.floats(0, 10)), max_size=60),
    in_flight=st.integers(0, 100),
)
def test_the_limit_stays_between_one_and_the_ceiling(
    start: int, events: list[tuple[bool, float, float]], in_flight: int
) -> None:
    """Whatever the server says, and there is never room for a negative number of requests."""

    one, clock = throttle(start)
    for refused, passed, age in events:
        clock.now += passed
        if refused:
            one.refused(clock.now - age, {})
        else:
            one.succeeded({})
        assert 1.0 <= one.limit <= 64.0
        assert 0 <= one.capacity(in_flight) <= max(0, 64 - in_flight)


def test_as_many_answers_as_the_limit_raise_it_by_one() -> None:
    """Growth is additive: a round for each further request."""

    one, _ = throttle(10.0)
    for _ in range(10):
        one.succeeded({})

    assert one.limit == pytest.approx(11.0, abs=0.1)
    for _ in range(10_000):
        one.succeeded({})
    assert one.limit == 64.0


def test_refusals_of_one_round_halve_the_limit_once() -> None:
    """All that was sent before the first refusal learnt nothing from it; what is sent later halves it again."""

    one, clock = throttle(32.0)
    for _ in range(20):
        clock.now += 0.01
        one.refused(99.0, {})
    after_the_round = one.limit
    clock.now += 1
    one.refused(clock.now - 0.5, {})

    assert (after_the_round, one.limit) == (16.0, 8.0)


def test_nothing_is_sent_during_a_pause() -> None:
    """And as much as the limit allows when it is over."""

    one, clock = throttle(8.0)
    one.refused(clock.now, {"retry-after": "3"})

    during = (one.capacity(0), one.wait_s())
    clock.now += 3

    assert during == (0, 3.0)
    assert (one.capacity(0), one.capacity(5), one.wait_s()) == (4, 0, 0.0)


def test_pauses_double_until_an_answer_comes() -> None:
    """Where the server says nothing of its own, up to a longest one."""

    one, clock = throttle()
    pauses = []
    for _ in range(9):
        clock.now += 100
        one.refused(clock.now, {})
        pauses.append(one.wait_s())
    clock.now += 100
    one.succeeded({})
    one.refused(clock.now, {})

    assert pauses == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, LONGEST_PAUSE_S, LONGEST_PAUSE_S]
    assert one.wait_s() == 0.5


def test_a_longer_pause_is_not_cut_short_by_a_shorter_one() -> None:
    """Refusals of one round arrive in any order."""

    one, clock = throttle()
    one.refused(clock.now, {"retry-after": "9"})
    one.refused(clock.now, {"retry-after": "1"})

    assert one.wait_s() == 9.0


def test_an_answer_that_used_up_the_quota_pauses() -> None:
    """The server said so before it had to refuse, so the limit is not halved."""

    one, _ = throttle(8.0)
    one.succeeded({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "6m0s"})

    assert one.wait_s() == 360.0
    assert one.limit > 8.0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after-ms": "250", "retry-after": "7"}, 0.25),
        ({"retry-after-ms": "soon", "retry-after": "7"}, 7.0),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "inf"}, None),
    ],
)
def test_the_server_s_word_is_read(headers: dict[str, str], seconds: float | None) -> None:
    """Milliseconds come before seconds; what nobody can wait for says nothing."""

    assert retry_after_s(headers) == seconds


def test_a_date_is_read_as_the_seconds_until_then() -> None:
    """As HTTP allows it."""

    seconds = retry_after_s({"retry-after": formatdate(time.time() + 1000, usegmt=True)})

    assert seconds is not None
    assert 900 < seconds <= 1000


@given(value=st.text(max_size=40) | st.floats().map(str))
def test_no_header_is_too_odd(value: str) -> None:
    """A span is a finite number of seconds, or the header says nothing."""

    seconds = retry_after_s({"retry-after": value, "retry-after-ms": value})

    assert seconds is None or 0 <= seconds < float("inf")
    assert 0 <= span_s(value) < float("inf")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("6m0s", 360.0), ("20ms", 0.02), ("1h30m", 5400.0), ("1d", 86400.0), ("2.5", 2.5), ("x", 0.0), ("", 0.0)],
)
def test_spans_are_read_as_servers_write_them(text: str, seconds: float) -> None:
    """And nonsense as none at all."""

    assert span_s(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("requests", "tokens", "seconds"), [("0", "0", 6.0), ("0", "5", 2.0), ("5", "0", 6.0), ("5", "5", 0.0), (" 0 ", "", 2.0)]
)
def test_the_later_of_two_quotas_counts(requests: str, tokens: str, seconds: float) -> None:
    """Only one that is used up makes anybody wait."""

    headers = {"x-ratelimit-remaining-requests": requests, "x-ratelimit-remaining-tokens": tokens}
    resets = {"x-ratelimit-reset-requests": "2s", "x-ratelimit-reset-tokens": "6s"}

    assert exhausted_s(headers | resets) == seconds
    assert exhausted_s(headers) == 0.0
