"""The same command again gives the finished result at once, and trains nothing."""

from collections.abc import Mapping
from dataclasses import dataclass

from synthsweep.config.schema import RunConfig
from synthsweep.run.collaborators import DEFAULTS, Collaborators
from synthsweep.run.experiment import RunResult, run_experiment
from synthsweep.run.prepare import TrainingData
from synthsweep.run.record import describe_run
from synthsweep.study.run_key import run_key
from synthsweep.track.writer import KeptRun, Tracker


@dataclass(frozen=True)
class KeyedResult:
    """A result with its key; `reused` where it was finished before."""

    result: RunResult
    key: str
    reused: bool


def run_or_reuse(
    config: RunConfig,
    data: TrainingData,
    tracker: Tracker,
    collaborators: Collaborators = DEFAULTS,
    *,
    tags: Mapping[str, str],
) -> KeyedResult:
    """The finished run with this key if there is one and `force` is false; else the run itself.

    Below another parent, a finished run gets a run there that is linked to it by the tag `reused_from`.
    """
    key = run_key(config, data)
    kept = None if config.force else tracker.find(key)
    if kept is not None:
        own = not config.sweep.parent or kept.tags.get("mlflow.parentRunId") == config.sweep.parent
        run_id = kept.run_id if own else _link(config, data, kept, key, tracker, tags)
        return KeyedResult(RunResult(run_id, kept.name, kept.metrics), key, reused=True)
    result = run_experiment(config, tracker, collaborators, data=data, tags={**tags, "run_key": key})
    return KeyedResult(result, key, reused=False)


def _link(config: RunConfig, data: TrainingData, kept: KeptRun, key: str, tracker: Tracker, tags: Mapping[str, str]) -> str:
    # No run_key: a search for the key must find the run that was trained.
    linked = {**tags, "reused_from": kept.run_id, "reused_run_key": key}
    run_id = tracker.start(describe_run(config, data, linked))
    tracker.log_metrics(kept.metrics)
    tracker.finish("FINISHED", summary=f"Trained before, as run {kept.run_id}.")
    return run_id
