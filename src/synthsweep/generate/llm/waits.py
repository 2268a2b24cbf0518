"""How long a server asks to wait, in each form in which servers say it; pure.

Retry-After is RFC 9110's. Reset headers are those of OpenAI, Azure and Groq (`x-ratelimit-reset-requests: 6m0s`), Anthropic (a
time of day), Mistral, Together and the IETF draft (seconds), OpenRouter (milliseconds since 1970). Gemini writes `retryDelay`
into the body; others say it in words.
"""

import math
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

# Servers write 20ms, 1s, 6m0s, 1h30m, 2 minutes.
UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
NUMBER = r"\d+(?:\.\d+)?"
UNIT = r"milliseconds?|seconds?|minutes?|hours?|days?|msecs?|secs?|mins?|hrs?|ns|us|µs|ms|s|m|h|d"
SPAN = re.compile(rf"({NUMBER})\s*({UNIT})(?![a-z])\s*,?\s*(?:and\s+)?", re.IGNORECASE)
DATE = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?"
# PT1M30S, as ISO 8601 writes a span.
ISO_SPAN = re.compile(r"PT(?=\d)(.+)", re.IGNORECASE)
# One header for all, as drafts of the IETF have it: `limit=100, remaining=0, reset=30` and `"default";r=0;t=30`.
IN_ONE = re.compile(r"\b(?:reset|t)\s*=\s*(\d+)", re.IGNORECASE)
LEFT_IN_ONE = re.compile(r"\b(?:remaining|r)\s*=\s*(\d+)", re.IGNORECASE)
# `retryDelay` of Gemini, `retry_after` of Discord and others, and sentences such as `Please try again in 6m0s.`
IN_BODY = (
    re.compile(
        r'"retry_?(?:delay|after|in)(?:(?P<ms>_?ms)|_?s(?:ec(?:ond)?s?)?)?"\s*:\s*"?(?P<span>[^",}]{1,40})', re.IGNORECASE
    ),
    re.compile(
        r"(?:(?:try|retry)(?:ing)?(?: again| your request)?\s+(?:in|after)|\bresets?\s+(?:in|after)|\bwait(?: for)?)\s+"
        rf"(?P<span>(?:{NUMBER}\s*(?:{UNIT})(?![a-z])\s*)+|{NUMBER})(?P<ms>)",
        re.IGNORECASE,
    ),
    re.compile(rf"(?:try again|retry|resets?)(?: at|:| at:)\s+(?P<span>{DATE})(?P<ms>)", re.IGNORECASE),
)
RESET = re.compile(r"rate-?limit[a-z]*-.*reset|rate-?limit[a-z]*-reset|^x-ratelimit-reset")
# Later than this many seconds since 1970 a number is a point in time; above the second one it counts milliseconds.
EPOCH_S, EPOCH_MS = 1e9, 1e11


@dataclass(frozen=True)
class Quota:
    """What is left of one of a server's limits, None where it does not say, and the seconds until it is reset."""

    what: str
    reset_s: float
    left: float | None = None
    share: float | None = None


def asked_wait(headers: Mapping[str, str], body: str = "", *, now: float | None = None) -> float | None:
    """Seconds that a server that refused asks to wait; None where it does not say."""
    now = time.time() if now is None else now
    named = {name.lower(): value for name, value in headers.items()}
    for name, unit in (("retry-after-ms", 0.001), ("x-retry-after-ms", 0.001), ("retry-after", 1.0), ("x-retry-after", 1.0)):
        seconds = wait_s(named.get(name, ""), now=now, unit=unit)
        if seconds is not None:
            return seconds
    said = _in_body(body, now)
    if said is not None:
        return said
    scarcest = scarcest_quota(named, now=now)
    return scarcest.reset_s if scarcest else None


def quotas(headers: Mapping[str, str], *, now: float | None = None) -> Iterator[Quota]:
    """Every limit whose reset the headers state."""
    now = time.time() if now is None else now
    named = {name.lower(): value for name, value in headers.items()}
    if reset := IN_ONE.search(named.get("ratelimit", "")):
        remaining = LEFT_IN_ONE.search(named["ratelimit"])
        yield Quota("requests", float(reset[1]), float(remaining[1]) if remaining else None)
    for name, value in named.items():
        seconds = wait_s(value, now=now) if RESET.search(name) else None
        if seconds is None:
            continue
        left, limit = _number(named.get(name.replace("reset", "remaining"))), _number(named.get(name.replace("reset", "limit")))
        yield Quota("tokens" if "token" in name else "requests", seconds, left, left / limit if left and limit else left)


def scarcest_quota(headers: Mapping[str, str], *, now: float | None = None) -> Quota | None:
    """The limit of which least is left: that is why a server refused. Of several that are used up, the last one to be reset."""
    known = [*quotas(headers, now=now)]
    return min(known, key=lambda quota: (quota.share if quota.share is not None else 0.5, -quota.reset_s), default=None)


def wait_s(text: str, *, now: float, unit: float = 1.0) -> float | None:
    """Seconds that a text says: a number, a span (`6m0s`), a date, or a point in time; None for what is none of them."""
    text = ISO_SPAN.sub(r"\1", text.strip())
    # A proxy that repeats a header joins both values.
    first, _, second = text.partition(", ")
    text = first if first == second else text
    number = _number(text)
    if number is not None:
        if number > EPOCH_S:
            return max(0.0, number * (0.001 if number > EPOCH_MS else 1.0) - now)
        return max(0.0, number * unit)
    parts = SPAN.findall(text) if SPAN.sub("", text).strip() == "" else []
    if parts:
        return math.fsum(float(amount) * _unit(name) for amount, name in parts)
    return _until(text, now)


def _in_body(body: str, now: float) -> float | None:
    for pattern in IN_BODY:
        for found in pattern.finditer(body):
            seconds = wait_s(found["span"], now=now, unit=0.001 if found["ms"] else 1.0)
            if seconds is not None:
                return seconds
    return None


def _unit(name: str) -> float:
    name = name.lower()
    if name in UNITS:
        return UNITS[name]
    return UNITS["ms"] if name.startswith(("mil", "ms")) else UNITS[name[0]]


def _number(text: str | None) -> float | None:
    """None for what is not a number, and for `inf`, which nobody can wait for."""
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _until(text: str, now: float) -> float | None:
    """Seconds until a date as HTTP or ISO 8601 writes it."""
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            date = read(text)
            return max(0.0, (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - now)
        except (ValueError, TypeError, OverflowError, OSError):
            continue
    return None
