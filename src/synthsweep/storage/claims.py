"""When a claim holds: one rule for the items of a study and for the requests to an LLM.

A claim of a process that can be seen from here holds as long as that process lives: setting the clock, or waking a machine
from sleep, frees nothing. Of any other process, a claim holds until it expires: what seems an earlier boot may be a clone.
"""

from dataclasses import dataclass
from uuid import uuid4

from synthsweep.storage.process import ProcessMark, own_mark


@dataclass(frozen=True)
class Claim:
    """An item that a process has claimed; `until` is in seconds since 1970, by the clock of its own host."""

    mark: ProcessMark
    until: float

    def is_free(self, now: float) -> bool:
        """Whether any process may take it over."""
        return self.mark.gone or (self.until <= now and not self.mark.visible)


def new_owner() -> str:
    """A name for one claimant in this process: `HOST|PID|START|RANDOM`."""
    # Two studies in one process need different names.
    return "|".join((*own_mark().values, uuid4().hex[:8]))


def mark_of(owner: str) -> ProcessMark:
    """The process of a name that `new_owner` made."""
    host, pid, started, _ = owner.split("|")
    return ProcessMark(host, pid, started)
