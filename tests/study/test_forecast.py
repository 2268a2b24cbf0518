"""What a study would take, before anything is trained."""

import pytest

from support.builders import run_config
from synthsweep.config.keys.training import ModelConfig
from synthsweep.errors import PoolError
from synthsweep.run.prepare import prepare
from synthsweep.study.forecast import StudyForecast, forecast, planned_steps
from synthsweep.study.run_key import run_key
from synthsweep.track.writer import RecordingTracker, RunStart

CI = ("experiment=ci", "training.threads=1")


class Measured(RecordingTracker):
    """A store in which runs of every encoder took a quarter of a second per step."""

    def step_seconds(self, model: ModelConfig) -> list[float]:
        return [0.25, 0.125, 0.5]


@pytest.mark.parametrize(
    ("overrides", "steps"),
    [
        (("mix=real_only",), 2 * 13),
        (("mix.ratio=0.25",), 2 * 16),
        (("mix.ratio=0.25", "training.match_steps=true"), 2 * 13),
        (("mix=synthetic_only", "mix.ratio=0.25"), 2 * 4),
    ],
)
def test_steps_are_those_of_the_texts_that_are_trained_on(overrides: tuple[str, ...], steps: int) -> None:
    """200 real texts in batches of 16 for two epochs, and the arm's synthetic ones."""

    config = run_config(*CI, *overrides)

    assert planned_steps(config, prepare(config)) == steps


@pytest.mark.slow
def test_a_finished_run_is_not_forecast() -> None:
    """The key of a run is known without training."""

    configs = [run_config(*CI, f"seed={seed}") for seed in (1, 2)]
    tracker = Measured()
    tracker.start(RunStart("run", {}, {"run_key": run_key(configs[0], prepare(configs[0]))}))
    tracker.finish("FINISHED")

    assert forecast(configs, tracker) == StudyForecast(finished=1, left=1, steps=32, seconds=32 * 0.25, measured_on=3)


def test_without_a_measured_run_no_time_is_made_up() -> None:
    assert forecast([run_config(*CI)], None).seconds is None
    assert forecast([run_config(*CI)], RecordingTracker()).seconds is None


def test_a_pool_that_is_too_small_is_reported_before_anything_runs() -> None:
    """With the error that the run would have."""

    with pytest.raises(PoolError, match="too few"):
        forecast([run_config("mix.ratio=5")], None)
