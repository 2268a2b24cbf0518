"""How many requests are sent at once: more and more until the server answers 429 or 503; then fewer, after a pause."""

import math
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

# Servers write 20ms, 1s, 6m0s, 1h30m.
SPAN = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
# The pause without a Retry-After header; doubled with each refusal in a row.
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 60.0


@dataclass
class Throttle:
    """Additive growth, halved when the server refuses; `ceiling` bounds it from above."""

    limit: float
    ceiling: float
    clock: Callable[[], float] = time.monotonic
    paused_until: float = field(default=0.0, init=False)
    refusals: int = field(default=0, init=False)
    _halved_at: float = field(default=float("-inf"), init=False)

    def capacity(self, in_flight: int) -> int:
        """How many more may be sent now."""
        return 0 if self.wait_s() > 0 else max(0, int(self.limit) - in_flight)

    def wait_s(self) -> float:
        """Seconds until anything may be sent."""
        return max(0.0, self.paused_until - self.clock())

    def succeeded(self, headers: Mapping[str, str]) -> None:
        """Raises the limit by one after as many answers as the limit."""
        self.refusals = 0
        self.limit = min(self.ceiling, self.limit + 1 / max(1.0, self.limit))
        exhausted = exhausted_s(headers)
        if exhausted:
            self._pause(exhausted)

    def refused(self, sent_at: float, headers: Mapping[str, str]) -> None:
        """429 or 503: halves the limit, once for all requests in flight, and waits as long as the server says."""
        if sent_at >= self._halved_at:
            self.limit = max(1.0, self.limit / 2)
            self._halved_at = self.clock()
            self.refusals += 1
        pause = retry_after_s(headers)
        self._pause(pause if pause is not None else min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** (self.refusals - 1)))

    def _pause(self, seconds: float) -> None:
        self.paused_until = max(self.paused_until, self.clock() + seconds)


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """How long the server asks to wait, in milliseconds, seconds or until a date; None where it does not say."""
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        value = headers.get(name, "")
        try:
            return _finite(value) * unit
        except ValueError:
            seconds = _until(value) if name == "retry-after" else None
            if seconds is not None:
                return seconds
    return None


def exhausted_s(headers: Mapping[str, str]) -> float:
    """Seconds until requests or tokens are left again; 0 while there are some."""
    waits = [
        span_s(headers.get(f"x-ratelimit-reset-{what}", ""))
        for what in ("requests", "tokens")
        if headers.get(f"x-ratelimit-remaining-{what}", "").strip() == "0"
    ]
    return max(waits, default=0.0)


def span_s(text: str) -> float:
    """`6m0s` is 360, `20ms` is 0.02, a bare number is seconds; 0 for what is neither."""
    try:
        return _finite(text)
    except ValueError:
        return sum(float(number) * SECONDS[unit] for number, unit in SPAN.findall(text))


def _finite(text: str) -> float:
    """Raises ValueError for what is not a number, and for `inf`, which nobody can wait for."""
    seconds = float(text)
    if not math.isfinite(seconds):
        raise ValueError(text)
    return max(0.0, seconds)


def _until(date: str) -> float | None:
    from email.utils import parsedate_to_datetime

    try:
        return max(0.0, parsedate_to_datetime(date).timestamp() - time.time())
    except (ValueError, TypeError):
        return None
