"""A pool without processes, which does one task at each wait, and a Progress that writes every event down."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from synthsweep.progress import Event
from synthsweep.study.sweep_runner import JobEnded, JobFailed, JobStarted, Stopping, TrialClosed
from synthsweep.workers.worker_pool import Ended, Failure


@dataclass
class DeskWorkers:
    """`work` returns the result of a task, or the Failure with which it is to end."""

    work: Callable[[Any], Any]
    size: int = 1
    # The size after a wait without tasks: workers that start late.
    later: int = 1
    done: list[Any] = field(default_factory=list, init=False)
    closed: str = field(default="", init=False)
    eased: bool = field(default=False, init=False)
    _desk: deque[tuple[int, Any]] = field(default_factory=deque, init=False)

    def room(self) -> int:
        return self.size - len(self._desk)

    def submit(self, task_id: int, task: Any) -> None:
        assert self.room() > 0
        self._desk.append((task_id, task))

    def wait(self, seconds: float) -> list[Ended]:
        if not self._desk:
            self.size = self.later
            return []
        task_id, task = self._desk[0]
        result = self.work(task)
        self._desk.popleft()
        self.done.append(task)
        return [Ended(task_id, None, result, 2.0) if isinstance(result, Failure) else Ended(task_id, result, None, 2.0)]

    def ask_nothing_more(self) -> None:
        self.eased = True

    def close(self, *, at_once: bool = False) -> None:
        self.closed = "at once" if at_once else "in order"


@dataclass
class EventLog:
    """A Progress that writes a line for each event of a sweep."""

    lines: list[str] = field(default_factory=list)

    def __call__(self, event: Event, /) -> None:
        match event:
            case JobStarted(job):
                self.lines.append(f"started {job.trial.number}/{job.replicate}")
            case JobEnded(job, _):
                self.lines.append(f"ended {job.trial.number}/{job.replicate}")
            case JobFailed(job, reason, again):
                self.lines.append(f"failed {job.trial.number}/{job.replicate}: {reason}{', again' if again else ''}")
            case TrialClosed(trial):
                self.lines.append(f"closed {trial.number}: {trial.state}")
            case Stopping(running):
                self.lines.append(f"stopping, {running} running")
