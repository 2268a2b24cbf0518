"""What a training step took in earlier runs; pure."""

from collections.abc import Iterable, Mapping

from synthsweep.config.keys.training import ModelConfig
from synthsweep.track.reader import FINAL_OF, REUSED_FROM, KeptRun

# How many runs the step times are taken from.
TIMED_RUNS = 50
STEPS = "train/steps"
# The durations that grow with the steps of a run.
STEP_TIMES = ("time/train", "time/dev", "time/evaluate")


def encoder_of(model: ModelConfig) -> dict[str, str]:
    """The parameters that say which encoder a run trained."""
    return {"model.name": model.name, "model.name_or_path": model.name_or_path}


def seconds_per_step(runs: Iterable[KeptRun]) -> list[float]:
    """Of each of these runs that trained; of one that read texts in windows, per step and window of a text."""
    # One trained on dev, too, has no evaluations on it.
    trained = [run.metrics for run in runs if not {REUSED_FROM, FINAL_OF} & run.tags.keys()]
    seconds = [sum(metrics.get(name, 0.0) for name in STEP_TIMES) / metrics[STEPS] for metrics in trained]
    return [one / _windows_per_text(metrics) for one, metrics in zip(seconds, trained, strict=True)]


def _windows_per_text(metrics: Mapping[str, float]) -> float:
    texts = metrics.get("train/real", 0.0) + metrics.get("train/added", 0.0)
    return metrics.get("train/windows", texts) / texts if texts else 1.0
