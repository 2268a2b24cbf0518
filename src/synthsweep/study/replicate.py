"""One replicate of a trial, as a worker runs it."""

import time
from collections.abc import Mapping
from typing import Any

from synthsweep.config.keys.run import RunConfig
from synthsweep.errors import Pruned
from synthsweep.messages import first_line
from synthsweep.run.collaborators import DEFAULTS, Collaborators
from synthsweep.run.contents import require_contents
from synthsweep.run.prepare import prepare
from synthsweep.study.queue.trial_queue import Outcome
from synthsweep.study.reuse import run_unless_finished
from synthsweep.track.choose import TrackingStore


def run_replicate(
    config: RunConfig, store: TrackingStore, collaborators: Collaborators = DEFAULTS, *, tags: Mapping[str, str]
) -> dict[str, Any]:
    """Returns an Outcome as plain values, which any launcher can pass between processes.

    Raises:
        StudyError: what it reads has changed since its study was planned.
    """
    began = time.monotonic()
    require_contents(config.sweep.contents, config)
    prepared = prepare(config, collaborators)
    # Again, since something may have changed while it was read.
    require_contents(config.sweep.contents, config)
    try:
        result = run_unless_finished(config, prepared, store, collaborators, tags=tags)
    except Pruned as error:
        return Outcome("", "", {}, time.monotonic() - began, pruned=first_line(error)).plain()
    metrics = {**result.metrics, **result.counts}
    return Outcome(result.run_id, result.run_key, metrics, time.monotonic() - began, result.reused).plain()


class PruningCallback:
    """Reports each evaluation on dev to Optuna, and ends the run if the pruner says so.

    A trial that is finished runs again because its run is gone: it ends where it ended before, and reports nothing.
    It opens the storage itself, so it works on any machine that reaches the storage.
    """

    def __init__(self, address: str, study_name: str, number: int, pruner: Any) -> None:
        import optuna

        from synthsweep.study.optuna_storage import open_storage, quiet_optuna, storage_errors

        quiet_optuna()
        with storage_errors(address):
            study = optuna.load_study(study_name=study_name, storage=open_storage(address), pruner=pruner)
            trial_id = study._storage.get_trial_id_from_study_id_trial_number(study._study_id, number)
            self.trial = optuna.trial.Trial(study, trial_id)
            frozen = study._storage.get_trial(trial_id)
        self.epoch, self.repeats, self.last = 0, frozen.state.is_finished(), 0
        if frozen.state == optuna.trial.TrialState.PRUNED:
            self.last = max(frozen.intermediate_values, default=0)

    def __call__(self, point: Any) -> None:
        self.epoch += 1
        if point.score is None:
            return
        if not self.repeats:
            self.trial.report(point.score, self.epoch)
        if self.epoch == self.last if self.repeats else self.trial.should_prune():
            raise Pruned(f"after epoch {self.epoch}, with a dev average precision of {point.score:.3f}")
