"""A repeated command returns the finished result at once, and trains nothing."""

import logging
from collections.abc import Mapping
from dataclasses import replace

from synthsweep.config.keys.run import RunConfig
from synthsweep.run.collaborators import DEFAULTS, Collaborators
from synthsweep.run.experiment import RunResult, run_experiment
from synthsweep.run.prepare import TrainingData
from synthsweep.run.record.description import describe_run
from synthsweep.study.run_key import former_keys, run_key
from synthsweep.track.choose import TrackingStore
from synthsweep.track.reader import REUSED_FROM, FinishedRuns, KeptRun
from synthsweep.track.writer import Tracker

log = logging.getLogger(__name__)


def run_unless_finished(
    config: RunConfig,
    prepared: TrainingData,
    store: TrackingStore,
    collaborators: Collaborators = DEFAULTS,
    *,
    tags: Mapping[str, str],
) -> RunResult:
    """Returns the result of the finished run with the same key; does the run if there is none or `force` is true.

    For a finished run of another trial, a new run is written that names it in the tag `reused_from`.
    """
    key = run_key(config, prepared)
    kept = None if config.force else find_kept(config, prepared, store.finished)
    if kept is not None and lacks_model(config, kept):
        log.warning("tracking.log_model=true: the finished run %s saved no classifier, so it is trained again", kept.name)
        kept = None
    if kept is None:
        result = run_experiment(config, store.tracker, collaborators, prepared=prepared, tags={**tags, "run_key": key})
        return replace(result, run_key=key)
    run_id, key = kept.run_id, kept.tags.get("run_key", key)
    if config.sweep.parent and kept.parent != config.sweep.parent:
        # No run_key: a search for the key must find the run that was trained.
        linked = {**tags, REUSED_FROM: kept.run_id, "reused_run_key": key}
        run_id = _write_link(config, prepared, kept, store.tracker, linked)
    return RunResult(run_id, kept.name, kept.metrics, run_key=key, reused=True)


def find_kept(config: RunConfig, prepared: TrainingData, finished: FinishedRuns) -> KeptRun | None:
    """The finished run with the key of a configuration, or with a key that an earlier version gave it."""
    keys = (run_key(config, prepared), *former_keys(config, prepared))
    return next((kept for kept in map(finished.find_finished, keys) if kept is not None), None)


def lacks_model(config: RunConfig, kept: KeptRun) -> bool:
    """Whether a configuration asks for a saved classifier, and the finished run has none."""
    return config.tracking.log_model and config.model.can_be_saved and not kept.has_model


def _write_link(config: RunConfig, prepared: TrainingData, kept: KeptRun, tracker: Tracker, tags: Mapping[str, str]) -> str:
    """Writes a run with the metrics of a finished one, and returns its id."""
    run_id = tracker.start(describe_run(config, prepared, tags))
    tracker.log_metrics(kept.metrics)
    tracker.finish("FINISHED", summary=f"Trained before, as [run {kept.name}](run:{kept.run_id}).")
    return run_id
