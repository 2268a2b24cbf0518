"""One replicate of a trial, as a worker runs it."""

import time
from collections.abc import Mapping
from typing import Any

from synthsweep.config.schema import RunConfig
from synthsweep.errors import Pruned
from synthsweep.messages import first_line
from synthsweep.run.collaborators import DEFAULTS, Collaborators
from synthsweep.run.prepare import prepare
from synthsweep.study.queue.trial_queue import Outcome
from synthsweep.study.resume import run_or_reuse
from synthsweep.track.writer import Tracker


def run_replicate(
    config: RunConfig, tracker: Tracker, collaborators: Collaborators = DEFAULTS, *, tags: Mapping[str, str]
) -> dict[str, Any]:
    """An Outcome as plain values: they travel between processes, whatever launcher brings them home."""
    began = time.monotonic()
    data = prepare(config, collaborators)
    try:
        done = run_or_reuse(config, data, tracker, collaborators, tags=tags)
    except Pruned as error:
        return Outcome("", "", {}, time.monotonic() - began, pruned=first_line(error)).plain()
    metrics = {**done.result.metrics, **done.result.counts}
    return Outcome(done.result.run_id, done.key, metrics, time.monotonic() - began, done.reused).plain()


class PruningCallback:
    """Tells Optuna of each evaluation on dev, and ends the run if the pruner says so.

    Its own view of the storage: it works wherever the storage can be reached from.
    """

    def __init__(self, address: str, study_name: str, number: int, pruner: Any) -> None:
        import optuna

        from synthsweep.study.optuna_storage import open_storage, quiet_optuna, storage_errors

        quiet_optuna()
        with storage_errors(address):
            study = optuna.load_study(study_name=study_name, storage=open_storage(address), pruner=pruner)
            trial_id = study._storage.get_trial_id_from_study_id_trial_number(study._study_id, number)
            self.trial = optuna.trial.Trial(study, trial_id)
        self.epoch = 0

    def __call__(self, point: Any) -> None:
        self.epoch += 1
        if point.score is None:
            return
        self.trial.report(point.score, self.epoch)
        if self.trial.should_prune():
            raise Pruned(f"after epoch {self.epoch}, with a dev average precision of {point.score:.3f}")
