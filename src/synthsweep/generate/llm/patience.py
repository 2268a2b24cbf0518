"""When an answer is waited for no longer. A server that answers slowly is not a dead one; on a clock that a test turns.

A server with one slot answers one request after the other, so a request's time runs from the last answer to any of ours: what
waits behind others is not late. A request that many later ones have overtaken is lost. While a server is silent, patience
doubles with each silence in a row, since nobody knows how slow it is; then it follows from the slowest answer so far.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

# An answer may take so many times as long as the slowest one so far.
MARGIN = 3.0
# Silences in a row after which a server counts as dead: with the default of 120 s these take half an hour.
MOST_SILENCES = 4


@dataclass
class Flight:
    """A request under way: when it was sent, beside how many others, and how many later ones were answered before it."""

    sent_at: float
    beside: int
    number: int
    overtaken: int = 0

    @property
    def lost(self) -> bool:
        """Whether those that were sent later were answered, twice over."""
        return self.overtaken > 2 * self.beside + 2


@dataclass
class Patience:
    """`least` is the time that any answer may take (generate.timeout_s)."""

    least: float
    clock: Callable[[], float] = time.monotonic
    slowest: float = field(default=0.0, init=False)
    silences: int = field(default=0, init=False)
    _sign: float = field(default=float("-inf"), init=False)

    @property
    def allowed(self) -> float:
        """Seconds of silence that are waited for now."""
        return max(self.least, MARGIN * self.slowest) * 2.0**self.silences

    def answered(self, flight: Flight, others: Iterable[Flight]) -> None:
        """The server gave an answer; `others` are still under way."""
        self.slowest = max(self.slowest, self.clock() - max(flight.sent_at, self._sign))
        self.seen()
        for other in others:
            other.overtaken += other.number < flight.number

    def seen(self) -> None:
        """The server said something, if only that it is busy."""
        self._sign, self.silences = self.clock(), 0

    def left_s(self, flight: Flight) -> float:
        """Seconds until a request counts as late."""
        since = flight.sent_at if flight.lost else max(flight.sent_at, self._sign)
        return since + self.allowed - self.clock()

    def timed_out(self, flight: Flight) -> None:
        """A late request was given up. What else is under way gets the time that a slower server would need."""
        self.silences += not flight.lost

    @property
    def dead(self) -> bool:
        return self.silences >= MOST_SILENCES
