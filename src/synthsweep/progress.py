"""What happens while something goes on, shown by whoever watches: a screen, or nobody."""

from dataclasses import dataclass
from typing import Protocol


class Event:
    """Something that may be shown; each room defines the events that are its own."""


@dataclass(frozen=True)
class Stage(Event):
    """A new stage begins."""

    text: str


@dataclass(frozen=True)
class Advance(Event):
    """How far a stage is: `done` of `total`, counted in `unit` where that is said."""

    done: int
    total: int
    detail: str = ""
    unit: str = ""


class Progress(Protocol):
    """Receives every event, in order; a call is cheap and never fails."""

    def __call__(self, event: Event, /) -> None: ...


def silent(event: Event, /) -> None:
    """Nobody watches."""
