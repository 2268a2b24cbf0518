"""How many requests are under way at once, and when nothing may be sent: pure, on a clock that a test turns.

Additive increase, multiplicative decrease (Chiu and Jain, 1989): refusals and timeouts halve the limit, once for all that was
sent before; each round of answers raises it by one. Just below the number that failed, it rises ten times more slowly, so that
a server is not driven into the same failure again and again.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from synthsweep.generate.llm.waits import Quota, quotas

# The pause where a server says nothing of its own; doubled with each refusal in a row.
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 60.0
# Of what a server refused the last time until it answered again, so much is waited for at once the next time.
REMEMBERED = 0.9
# Refusals in a row after which a wait of nearly nothing is no longer believed.
FEW = 2
SLOWLY = 0.1
REQUESTS, TOKENS = "the server's limit of requests per minute", "the server's limit of tokens per minute"


@dataclass
class Throttle:
    """`ceiling` is the number that is never passed, and the limit at the start."""

    ceiling: float
    clock: Callable[[], float] = time.monotonic
    limit: float = field(default=0.0, init=False)
    paused_until: float = field(default=0.0, init=False)
    reason: str = field(default="", init=False)
    # Whether the server said how long.
    asked: bool = field(default=False, init=False)
    # Refusals in a row, and since when.
    refusals: int = field(default=0, init=False)
    refused_since: float = field(default=0.0, init=False)
    _knee: float = field(default=float("inf"), init=False)
    _halved_at: float = field(default=float("-inf"), init=False)
    _left: float | None = field(default=None, init=False)
    _first_pause: float = field(default=FIRST_PAUSE_S, init=False)
    _guessed: int = field(default=0, init=False)
    _guessed_s: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        self.limit = self.ceiling

    def capacity(self, in_flight: int) -> int:
        """How many more may be sent now. After a refusal, one request finds out whether the server answers again."""
        if self.wait_s() > 0:
            return 0
        room = 1 if self.refusals else int(self.limit)
        if self._left is not None:
            room = min(room, int(self._left))
        return max(0, room - in_flight)

    def wait_s(self) -> float:
        """Seconds until anything may be sent."""
        return max(0.0, self.paused_until - self.clock())

    def succeeded(self, headers: Mapping[str, str]) -> None:
        """Raises the limit by one after as many answers as the limit; pauses where an answer used up a server's limit."""
        if self._guessed:
            self._first_pause = max(FIRST_PAUSE_S, REMEMBERED * self._guessed_s)
        self.refusals, self._guessed, self._guessed_s = 0, 0, 0.0
        step = 1.0 if self.limit + 1 < self._knee else SLOWLY
        self.limit = min(self.ceiling, self.limit + step / max(1.0, self.limit))
        self._obey([*quotas(headers)])

    def refused(self, sent_at: float, asked: float | None, reason: str = REQUESTS) -> None:
        """The server is busy: halves the limit, once for all requests in flight, and waits as long as it asks."""
        again = self._halve(sent_at)
        self._left = None
        if again:
            self.refused_since = self.refused_since if self.refusals else self.clock()
            self.refusals += 1
        if asked is not None:
            # A server that says "now" each time is asked less and less often.
            impatient = asked < FIRST_PAUSE_S and self.refusals > FEW and again
            self._pause(max(asked, self._guess()) if impatient else asked, reason)
        elif again:
            self._pause(self._guess(), reason, asked=False)

    def timed_out(self, sent_at: float) -> None:
        """Halves the limit, once for all requests in flight."""
        self._halve(sent_at)

    def _halve(self, sent_at: float) -> bool:
        if sent_at < self._halved_at:
            return False
        self._knee = max(2.0, self.limit)
        self.limit = max(1.0, self.limit / 2)
        self._halved_at = self.clock()
        return True

    def _guess(self) -> float:
        """Doubles from a first pause: after one that was nearly long enough the last time, from the shortest."""
        number, self._guessed = self._guessed, self._guessed + 1
        started = self._first_pause > FIRST_PAUSE_S
        pause = self._first_pause if number == 0 else FIRST_PAUSE_S * 2 ** (number - started)
        pause = min(LONGEST_PAUSE_S, pause)
        self._guessed_s += pause
        return pause

    def _obey(self, stated: list[Quota]) -> None:
        for quota in stated:
            if quota.left == 0 and quota.reset_s > 0:
                self._pause(quota.reset_s, TOKENS if quota.what == "tokens" else REQUESTS)
        left = [quota.left for quota in stated if quota.what == "requests" and quota.left]
        self._left = min(left, default=None)

    def _pause(self, seconds: float, reason: str, *, asked: bool = True) -> None:
        until = self.clock() + seconds
        if until > self.paused_until:
            self.paused_until, self.reason, self.asked = until, reason, asked
