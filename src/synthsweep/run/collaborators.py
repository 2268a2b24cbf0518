"""Who works on a run besides its configuration and its tracker."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from synthsweep.curate.embedder import Embedder
from synthsweep.generate.completer import Completer
from synthsweep.progress import Progress, silent
from synthsweep.run.cache import ProcessCache

if TYPE_CHECKING:
    from synthsweep.train.curve import CurvePoint


def never_stop() -> bool:
    """Nobody asks the run to stop."""
    return False


def ignore_evaluation(point: "CurvePoint") -> None:
    """Nobody acts on an evaluation."""


@dataclass(frozen=True)
class Collaborators:
    """`completer` and `embedder` None are opened as the configuration says; `cache` None keeps nothing between runs.

    `progress` sees what happens. `on_evaluation` is called with each evaluation on dev, and ends the run by raising Pruned;
    `should_stop` is asked at each training step.
    """

    completer: Completer | None = None
    embedder: Embedder | None = None
    cache: ProcessCache | None = None
    progress: Progress = silent
    on_evaluation: "Callable[[CurvePoint], None]" = ignore_evaluation
    should_stop: Callable[[], bool] = never_stop


DEFAULTS = Collaborators()
