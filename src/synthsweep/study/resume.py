"""The same command again gives the finished result at once, and trains nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from synthsweep.config.schema import RunConfig
from synthsweep.run.cache import Reuse
from synthsweep.run.experiment import RunResult, run_experiment
from synthsweep.run.prepare import Material
from synthsweep.run.progress import Progress
from synthsweep.run.record import Judge, describe_run
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
    material: Material,
    *,
    tracker: Tracker,
    tags: Mapping[str, str],
    progress: Progress,
    should_stop: Callable[[], bool] = lambda: False,
    judge: Judge | None = None,
    reuse: Reuse | None = None,
) -> KeyedResult:
    """The finished run with this key if there is one and `force` is false; else the run itself.

    Below another parent, a finished run gets a run there that is linked to it by the tag `reused_from`.
    """
    key = run_key(config, material)
    kept = None if config.force else tracker.find(key)
    if kept is not None:
        own = not config.sweep.parent or kept.tags.get("mlflow.parentRunId") == config.sweep.parent
        run_id = kept.run_id if own else _link(config, material, kept, key, tracker, tags)
        return KeyedResult(RunResult(run_id, kept.name, kept.metrics), key, reused=True)
    result = run_experiment(
        config,
        tracker=tracker,
        material=material,
        tags={**tags, "run_key": key},
        progress=progress,
        should_stop=should_stop,
        judge=judge,
        reuse=reuse,
    )
    return KeyedResult(result, key, reused=False)


def _link(config: RunConfig, material: Material, kept: KeptRun, key: str, tracker: Tracker, tags: Mapping[str, str]) -> str:
    # No run_key: a search for the key must find the run that was trained.
    linked = {**tags, "reused_from": kept.run_id, "reused_run_key": key}
    run_id = tracker.start(describe_run(config, material, linked))
    tracker.log_metrics(kept.metrics)
    tracker.finish("FINISHED", summary=f"Trained before, as run {kept.run_id}.")
    return run_id
