"""What a run uses besides its configuration and its tracker."""

from collections.abc import Callable, MutableMapping
from dataclasses import dataclass

from synthsweep.curate.embedder import Embedder
from synthsweep.generate.asking import SENDING, Asking
from synthsweep.generate.completer import Completer
from synthsweep.generate.pool import Pool
from synthsweep.progress import Progress, silent
from synthsweep.run.cache import ProcessCache
from synthsweep.train.curve import CurvePoint
from synthsweep.train.hooks import ignore_evaluation, never_stop


@dataclass(frozen=True)
class Collaborators:
    """Without `completer` or `embedder`, the configured one is opened; without `cache`, nothing is kept between runs.

    `progress` receives events. `on_evaluation` is called with each evaluation on dev, and may end the run by raising Pruned;
    `should_stop` is called at each training step. `asking` reaches LLMs, for pools and for judges. `pools` keeps what was read;
    without it, each run reads its pool anew, as answers may have arrived.
    """

    completer: Completer | None = None
    embedder: Embedder | None = None
    cache: ProcessCache | None = None
    progress: Progress = silent
    on_evaluation: Callable[[CurvePoint], None] = ignore_evaluation
    should_stop: Callable[[], bool] = never_stop
    asking: Asking = SENDING
    pools: MutableMapping[str, tuple[Pool, str]] | None = None


DEFAULTS = Collaborators()
