"""Events of long operations, which a screen may show."""

from dataclasses import dataclass
from typing import Protocol


class Event:
    """Something that may be shown; packages define events of their own."""


@dataclass(frozen=True)
class Stage(Event):
    """A new stage begins."""

    text: str


@dataclass(frozen=True)
class Advance(Event):
    """How far a stage is: `done` of `total`, counted in `unit` if that is given."""

    done: int
    total: int
    detail: str = ""
    unit: str = ""


class Progress(Protocol):
    """Receives every event, in order; a call is fast and never fails."""

    def __call__(self, event: Event, /) -> None: ...


def silent(event: Event, /) -> None:
    """A Progress that shows nothing."""
