"""The same command again gives the finished result at once, and trains nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from synthsweep.config.schema import RunConfig
from synthsweep.experiment import RunResult, run_experiment
from synthsweep.material import Material
from synthsweep.progress import Progress
from synthsweep.study.run_key import run_key
from synthsweep.track.tracker import Tracker


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
) -> KeyedResult:
    """The finished run with this key if there is one and `force` is false; else the run itself."""
    key = run_key(config, material)
    kept = None if config.force else tracker.find(key)
    if kept is not None:
        return KeyedResult(RunResult(kept.run_id, kept.name, kept.metrics), key, reused=True)
    result = run_experiment(
        config,
        tracker=tracker,
        material=material,
        tags={**tags, "run_key": key},
        progress=progress,
        should_stop=should_stop,
    )
    return KeyedResult(result, key, reused=False)
