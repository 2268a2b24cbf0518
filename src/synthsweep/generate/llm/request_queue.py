"""The requests of a job that have no answer yet: those that may be sent, and those that wait for their time."""

import heapq
import time
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from synthsweep.generate.completer import CompletionRequest


@dataclass(order=True)
class Pending:
    """A request without an answer: when it may be sent, and how often it failed."""

    at: float
    number: int
    request: CompletionRequest = field(compare=False)
    attempts: int = field(default=0, compare=False)


@dataclass
class RequestQueue:
    """In the order in which requests came; one that was refused goes out first again."""

    ready: "deque[Pending]" = field(default_factory=deque)
    later: list[Pending] = field(default_factory=list)
    _numbers: int = 0

    def __bool__(self) -> bool:
        return bool(self.ready or self.later)

    def add(self, requests: Iterable[CompletionRequest]) -> None:
        for request in requests:
            self.ready.append(Pending(0.0, self._numbers, request))
            self._numbers += 1

    def postpone(self, pending: Pending, seconds: float) -> None:
        pending.at = time.monotonic() + seconds
        heapq.heappush(self.later, pending)

    def put_back(self, pending: Sequence[Pending]) -> None:
        """They are the next ones, in their order."""
        self.ready.extendleft(reversed(pending))

    def set_aside(self, pending: Pending) -> bool:
        """Puts one that is too long behind all others, and the shortest of these before them; False if none is shorter."""
        others = [*self.ready, *self.later]
        shortest = min(others, key=_length, default=pending)
        if _length(shortest) >= _length(pending):
            return False
        self.ready = deque([shortest, *(one for one in self.ready if one is not shortest), pending])
        self.later = [one for one in self.later if one is not shortest]
        heapq.heapify(self.later)
        return True

    def wake(self) -> None:
        """What has waited long enough may be sent."""
        now = time.monotonic()
        while self.later and self.later[0].at <= now:
            self.ready.append(heapq.heappop(self.later))

    def wait_s(self) -> float:
        """Seconds until something is ready."""
        return max(0.0, self.later[0].at - time.monotonic()) if self.later and not self.ready else 0.0


def _length(pending: Pending) -> int:
    """Letters of the prompt; it is counted in tokens where it counts, and these grow alike."""
    return sum(len(message.content) for message in pending.request.messages)
