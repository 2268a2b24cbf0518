"""How long a server asks to wait, in each form in which servers say it."""

import math
import time
from datetime import UTC, datetime
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthsweep.generate.llm.waits import Quota, asked_wait, quotas, wait_s

NOW = 1_800_000_000.0
GEMINI = '{"error": {"details": [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "41.5s"}]}}'


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7", 7.0), ("0.5", 0.5), ("-3", 0.0), (" 2 ", 2.0), ("6m0s", 360.0), ("20ms", 0.02), ("1h30m", 5400.0),
        ("1d", 86400.0), ("2m59.56s", 179.56), ("1m 30s", 90.0),
        ("41 seconds", 41.0), ("2 minutes and 5 seconds", 125.0), ("1 hour", 3600.0),
        ("500 milliseconds", 0.5), ("250us", 0.00025),
        (f"{NOW + 30:.0f}", 30.0), (f"{1000 * (NOW + 30):.0f}", 30.0), (f"{NOW - 30:.0f}", 0.0),
        (formatdate(NOW + 90, usegmt=True), 90.0), ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        (datetime.fromtimestamp(NOW + 12, UTC).isoformat().replace("+00:00", "Z"), 12.0),
        ("PT1M30S", 90.0), ("30, 30", 30.0),
        ("soon", None), ("inf", None), ("nan", None), ("", None), ("5 apples", None), ("1e999", None),
    ],
)  # fmt: skip
def test_a_wait_is_read_as_servers_write_it(text: str, seconds: float | None) -> None:
    """Numbers, spans, dates and points in time; what nobody can wait for says nothing."""
    assert wait_s(text, now=NOW) == (None if seconds is None else pytest.approx(seconds, abs=1e-3))


@pytest.mark.parametrize(
    ("headers", "body", "seconds"),
    [
        ({"Retry-After": "7"}, "", 7.0),
        ({"retry-after-ms": "250", "retry-after": "7"}, "", 0.25),
        ({"retry-after-ms": "soon", "retry-after": "7"}, GEMINI, 7.0),
        ({}, GEMINI, 41.5),
        ({}, '{"retry_after": 3.5}', 3.5),
        ({}, '{"retry_after_ms": 3500}', 3.5),
        ({}, "Rate limit reached for gpt-4o. Please try again in 6m0s. Visit https://example.org", 360.0),
        ({}, "Please try again in 450ms.", 0.45),
        ({}, '{"retry_after_seconds": 20}', 20.0),
        ({}, '{"retryAfterMs": 250}', 0.25),
        ({}, "Please wait 30 seconds before the next request.", 30.0),
        ({}, "Free quota of today is used up. Resets in 2h 15m.", 8100.0),
        ({}, f"Limit resets at: {datetime.fromtimestamp(NOW + 41, UTC):%Y-%m-%d %H:%M:%S} UTC", 41.0),
        ({}, f"Please try again at {datetime.fromtimestamp(NOW + 41, UTC):%Y-%m-%dT%H:%M:%SZ}", 41.0),
        ({"RateLimit": '"default";r=0;t=30'}, "", 30.0),
        ({"RateLimit": "limit=100, remaining=0, reset=12"}, "", 12.0),
        ({}, "Please retry after 41 seconds.", 41.0),
        ({"x-ratelimit-reset-requests": "2s", "x-ratelimit-reset-tokens": "6s"}, "", 6.0),
        ({"x-ratelimit-reset": f"{1000 * (NOW + 9):.0f}", "x-ratelimit-remaining": "0"}, "", 9.0),
        ({"ratelimit-reset": "11"}, "", 11.0),
        ({"anthropic-ratelimit-tokens-reset": datetime.fromtimestamp(NOW + 5, UTC).isoformat()}, "", 5.0),
        ({}, "", None),
        ({}, "try again in a while", None),
        ({"x-ratelimit-limit-requests": "6"}, "slow down", None),
    ],
)
def test_the_server_s_word_is_found_wherever_it_stands(headers: dict[str, str], body: str, seconds: float | None) -> None:
    """What is meant for this request comes before the state of a limit."""
    assert asked_wait(headers, body, now=NOW) == (None if seconds is None else pytest.approx(seconds, abs=1e-3))


def test_the_scarcest_limit_is_waited_for() -> None:
    """A limit a day of which much is left does not say why a request was refused."""
    headers = {
        "x-ratelimit-limit-requests": "1000", "x-ratelimit-remaining-requests": "900", "x-ratelimit-reset-requests": "3h",
        "x-ratelimit-limit-tokens": "6000", "x-ratelimit-remaining-tokens": "50", "x-ratelimit-reset-tokens": "6s",
    }  # fmt: skip

    assert asked_wait(headers) == 6.0
    assert {*quotas(headers)} == {Quota("requests", 10800.0, 900.0, 0.9), Quota("tokens", 6.0, 50.0, 50 / 6000)}


@given(value=st.text(max_size=40) | st.floats().map(str) | st.integers().map(str))
def test_no_word_is_too_odd(value: str) -> None:
    """It is a finite number of seconds, or says nothing."""
    headers = {"retry-after": value, "retry-after-ms": value, "x-ratelimit-reset-requests": value}
    for seconds in (asked_wait(headers, now=time.time()), asked_wait({}, value, now=NOW), wait_s(value, now=NOW)):
        assert seconds is None or (math.isfinite(seconds) and seconds >= 0)
