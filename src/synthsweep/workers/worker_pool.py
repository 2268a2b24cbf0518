"""The interface between a sweep and its workers: tasks go in, results and failures come out."""

import signal
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from synthsweep.errors import Interrupted, SynthsweepError
from synthsweep.messages import first_line

# raised: the task itself failed. died: its process is gone, and another process may succeed.
FailureKind = Literal["raised", "died", "timed out", "too large", "interrupted"]

# The signal by which a sweep tells its workers to ask an LLM nothing more; whatever else they do goes on.
GENTLE_STOP = signal.SIGUSR2
# The signal at which a worker writes to its log where it is.
STACK_SIGNAL = signal.SIGQUIT
# A worker's first message, once it has imported what it needs.
READY = "ready"
# What a worker says when it is interrupted and must first store answers that are paid for.
FINISHING = "finishing"
# The time that an interrupted worker has to close its run: on a loaded machine the tracking store takes long.
GRACE_S = 30.0
# After this many workers in a row that died before they did anything, another one would not help.
DEATHS_AT_START = 3


@dataclass(frozen=True)
class Failure:
    """Why a task has no result, in one line."""

    kind: FailureKind
    reason: str

    @property
    def retryable(self) -> bool:
        """Whether the same task may succeed in another process."""
        return self.kind == "died"


def failure_of(error: BaseException) -> Failure:
    """The failure that an error makes of a task; for a bug, its type is named, too."""
    if isinstance(error, Interrupted):
        return Failure("interrupted", first_line(error))
    if isinstance(error, SynthsweepError):
        return Failure("raised", first_line(error))
    return Failure("raised", f"{type(error).__name__}: {first_line(error)}"[:500])


@dataclass(frozen=True)
class Ended:
    """A task that is over, with a result or a failure; `seconds` since a worker was given it."""

    task_id: int
    result: Any = None
    failure: Failure | None = None
    seconds: float = 0.0


class TaskRunner(Protocol):
    """What a worker's process does: unpickled once in each, then called for every task."""

    def warm_up(self) -> None:
        """Imports what takes long, before the first task comes."""

    def __call__(self, task: Any) -> Any:
        """Does one task and returns its result; both must be picklable."""


class WorkerPool(Protocol):
    """Workers that do one task at a time each."""

    size: int

    def room(self) -> int:
        """How many more tasks can start now."""

    def submit(self, task_id: int, task: Any) -> None:
        """Gives a task to a free worker; there must be room."""

    def wait(self, seconds: float) -> list[Ended]:
        """The tasks that ended since the last call; waits at most `seconds`, where the workers allow it."""

    def ask_nothing_more(self) -> None:
        """Has tasks that ask an LLM end after what they have sent; all other tasks go on."""

    def close(self, *, at_once: bool = False) -> None:
        """Ends the workers; `at_once` interrupts their tasks, which have a few seconds to close their runs.

        A task that asks an LLM has as long as its answers may take. A KeyboardInterrupt ends all of them now.
        """


def thread_variables(threads: int) -> dict[str, str]:
    """The environment variables that limit the libraries of a worker's process to `threads` threads."""
    return {"OMP_NUM_THREADS": str(threads), "MKL_NUM_THREADS": str(threads), "TOKENIZERS_PARALLELISM": "false"}
