"""The seam between a sweep and its workers."""

from dataclasses import dataclass
from typing import Any, Literal, Protocol

from synthsweep.errors import Interrupted, SynthsweepError
from synthsweep.messages import first_line

# raised: the task itself said no. died: its process is gone, and another may do better.
FailureKind = Literal["raised", "died", "timed out", "too large", "interrupted"]

# A worker's first message: it has imported what it needs.
READY = "ready"
# What a worker has to close its run when it is told to go.
GRACE_S = 10.0
# Workers that die before they did anything, one after the other: something is wrong that another one will not mend.
DEATHS_AT_START = 3


@dataclass(frozen=True)
class Failure:
    """Why a task did not end well, in one line."""

    kind: FailureKind
    reason: str

    @property
    def retryable(self) -> bool:
        """Whether the same task may end well elsewhere."""
        return self.kind == "died"


def failure_of(error: BaseException) -> Failure:
    """What a task's error is to a sweep; of a bug, its kind is told, too."""
    if isinstance(error, Interrupted):
        return Failure("interrupted", first_line(error))
    if isinstance(error, SynthsweepError):
        return Failure("raised", first_line(error))
    return Failure("raised", f"{type(error).__name__}: {first_line(error)}"[:500])


@dataclass(frozen=True)
class Ended:
    """A task that is over: a result, or a failure; `seconds` since it was handed to a worker."""

    task_id: int
    result: Any = None
    failure: Failure | None = None
    seconds: float = 0.0


class TaskRunner(Protocol):
    """What a worker does: made once in each process, then called for every order."""

    def warm_up(self) -> None:
        """Imports whatever takes long, before the first order comes."""

    def __call__(self, order: Any) -> Any:
        """Does one order; what it returns and what it is given travel between processes."""


class WorkerPool(Protocol):
    """Workers that take orders one at a time."""

    size: int

    def room(self) -> int:
        """How many more orders can start now."""

    def submit(self, task_id: int, order: Any) -> None:
        """Hands an order over; there must be room."""

    def wait(self, seconds: float) -> list[Ended]:
        """What ended, after at most so many seconds where the workers allow it."""

    def close(self, *, at_once: bool = False) -> None:
        """Ends the workers; at once: their orders are interrupted, and given a few seconds to put things in order."""


def thread_variables(threads: int) -> dict[str, str]:
    """What tells the libraries of a worker's process how many threads are theirs."""
    return {"OMP_NUM_THREADS": str(threads), "MKL_NUM_THREADS": str(threads), "TOKENIZERS_PARALLELISM": "false"}
