"""A crew of nobody: orders are done in this process, one at each wait; and a watcher that writes everything down."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from synthsweep.study.queue.trial_queue import Agenda, Job, Outcome, Trial
from synthsweep.workers.pool import Ended, Failure


@dataclass
class DeskCrew:
    """`work` gives the result of an order, or the Failure that it is to end with."""

    work: Callable[[Any], Any]
    size: int = 1
    # How many there are once nobody had anything to do: workers that start late.
    later: int = 1
    done: list[Any] = field(default_factory=list, init=False)
    closed: str = field(default="", init=False)
    _desk: deque[tuple[int, Any]] = field(default_factory=deque, init=False)

    def room(self) -> int:
        return self.size - len(self._desk)

    def submit(self, ticket: int, order: Any) -> None:
        assert self.room() > 0
        self._desk.append((ticket, order))

    def wait(self, seconds: float) -> list[Ended]:
        if not self._desk:
            self.size = self.later
            return []
        ticket, order = self._desk[0]
        came = self.work(order)
        self._desk.popleft()
        self.done.append(order)
        return [Ended(ticket, None, came, 2.0) if isinstance(came, Failure) else Ended(ticket, came, None, 2.0)]

    def close(self, *, at_once: bool = False) -> None:
        self.closed = "at once" if at_once else "in order"


@dataclass
class WritingWatcher:
    """What it was told, in a line each."""

    lines: list[str] = field(default_factory=list)

    def started(self, job: Job) -> None:
        self.lines.append(f"started {job.trial.number}/{job.replicate}")

    def ended(self, job: Job, outcome: Outcome) -> None:
        self.lines.append(f"ended {job.trial.number}/{job.replicate}")

    def failed(self, job: Job, reason: str, *, again: bool) -> None:
        self.lines.append(f"failed {job.trial.number}/{job.replicate}: {reason}{', again' if again else ''}")

    def closed(self, trial: Trial) -> None:
        self.lines.append(f"closed {trial.number}: {trial.state}")

    def stopping(self, running: int) -> None:
        self.lines.append(f"stopping, {running} running")

    def beat(self, agenda: Agenda) -> None:
        """Nothing is written: there are many."""
