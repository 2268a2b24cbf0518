"""Who is told how far a comparison is: a screen, or nobody."""

from typing import Protocol


class Watch(Protocol):
    """Told of each stage, and within a stage of how much of it is done."""

    def stage(self, text: str) -> None: ...

    def on_progress(self, done: int, total: int) -> None: ...
