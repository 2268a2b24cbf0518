"""Who watches a run: a screen, or nobody."""

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from synthsweep.train.fit import CurvePoint


class Progress(Protocol):
    """Told of each stage of a run, and of training step by step."""

    def stage(self, text: str) -> None: ...

    def on_step(self, step: int, total: int, loss: float) -> None: ...

    def on_evaluation(self, point: "CurvePoint") -> None: ...


class Silence:
    """Nobody watches."""

    def stage(self, text: str) -> None:
        """Says nothing."""

    def on_step(self, step: int, total: int, loss: float) -> None:
        """Shows nothing."""

    def on_evaluation(self, point: "CurvePoint") -> None:
        """Shows nothing."""
