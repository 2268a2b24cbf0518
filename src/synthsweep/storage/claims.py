"""When a claim holds: one rule for the items of a study and for the requests to an LLM.

A claim belongs to its owner until it expires; it is free at once if its owner ran on this host and has ended.
"""

from dataclasses import dataclass
from uuid import uuid4

from synthsweep.storage.process import ProcessMark, own_mark


@dataclass(frozen=True)
class Claim:
    """An item that a process has claimed; `until` is in seconds since 1970."""

    mark: ProcessMark
    until: float

    def is_free(self, now: float) -> bool:
        """Whether any process may take it over."""
        # The clock first: looking for a process takes longer.
        return self.until <= now or self.mark.gone


def new_owner() -> str:
    """A name for one claimant in this process: `HOST|PID|START|RANDOM`."""
    # Two studies in one process need different names.
    return "|".join((*own_mark().values, uuid4().hex[:8]))


def mark_of(owner: str) -> ProcessMark:
    """The process of a name that `new_owner` made."""
    host, pid, started, _ = owner.split("|")
    return ProcessMark(host, pid, started)
