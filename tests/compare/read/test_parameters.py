"""The parameters of runs that keep an extract, beside those of an earlier version, which kept all of them."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from support.builders import run_config
from synthsweep.compare.read.kept_config import KeptConfigs
from synthsweep.compare.read.parameters import parameters_of_runs
from synthsweep.config.keys.run import RunConfig, TrackingConfig
from synthsweep.config.parameters import acting_values
from synthsweep.config.spelling import read_params, spelled
from synthsweep.run.prepare import TrainingData, prepare
from synthsweep.run.record.description import describe_run
from synthsweep.track.choose import existing_reader
from synthsweep.track.mlflow.tracker import MlflowTracker
from synthsweep.track.reader import CONFIG_TAG, cut_parameter

SMALL = ("data.train_size=40", "data.dev_size=20", "data.test_size=20", "characteristics=none")
LONG = "prompt.system=" + "x" * 7000


def whole(config: RunConfig, *, pool: bool) -> dict[str, str]:
    """All parameters, as an earlier version wrote them."""
    return {name: cut_parameter(spelled(name, value)) for name, value in acting_values(config, pool=pool).items()}


def keep(tracker: MlflowTracker, config: RunConfig, prepared: TrainingData, earlier: Mapping[str, str] | None = None) -> None:
    """Writes a finished run, as this version does, or with these parameters as an earlier one did."""
    start = describe_run(config, prepared, {})
    if earlier is not None:
        tags = {name: value for name, value in start.tags.items() if name != CONFIG_TAG}
        start = replace(start, params=earlier, files={}, tags=tags)
    tracker.start(start)
    tracker.log_metrics({"train/added": float(len(prepared.mix.synthetic))})
    tracker.finish("FINISHED")


@pytest.mark.slow
@pytest.mark.parametrize(("overrides", "pool"), [(("llm=simulator", LONG), True), (("mix.ratio=0",), False)])
def test_a_run_of_this_version_has_the_parameters_of_an_earlier_one(
    tracker: MlflowTracker, overrides: tuple[str, ...], pool: bool
) -> None:
    """Every key that acts, from `config.yaml`: old and new runs of one study differ in nothing."""

    config = run_config(*SMALL, *overrides)
    prepared = prepare(config)
    keep(tracker, config, prepared, whole(config, pool=pool))
    keep(tracker, config, prepared)
    reader = existing_reader(TrackingConfig())

    old, new = parameters_of_runs(reader.filtered_runs(""), KeptConfigs(reader))

    assert old == new == read_params(whole(config, pool=pool))
    assert len(tracker.client.get_run(tracker.run_id).data.params) < 30 < len(new)


def test_a_run_whose_file_is_gone_has_its_extract(tracker: MlflowTracker, caplog: pytest.LogCaptureFixture) -> None:
    config = run_config(*SMALL)
    keep(tracker, config, prepare(config))
    next(Path("mlruns").rglob("config.yaml")).unlink()
    reader = existing_reader(TrackingConfig())

    params = parameters_of_runs(reader.filtered_runs(""), KeptConfigs(reader))[0]

    assert params["mix.ratio"] == "0.5"
    assert "training.weight_decay" not in params
    assert "config.yaml of 1 of 1 runs is gone: only some of their keys are known" in caplog.text
