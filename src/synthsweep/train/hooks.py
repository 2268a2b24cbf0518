"""Who watches training, and who may end it."""

from collections.abc import Callable
from dataclasses import dataclass

from synthsweep.progress import Progress, silent
from synthsweep.train.curve import CurvePoint


def ignore_evaluation(point: CurvePoint) -> None:
    """Does nothing."""


def never_stop() -> bool:
    """Training is never asked to stop."""
    return False


@dataclass(frozen=True)
class TrainingHooks:
    """`progress` receives events; `should_stop` is called at each step.

    `on_evaluation` is called with each evaluation on dev, and may end training with an error of its own.
    """

    progress: Progress = silent
    on_evaluation: Callable[[CurvePoint], None] = ignore_evaluation
    should_stop: Callable[[], bool] = never_stop


NO_HOOKS = TrainingHooks()
