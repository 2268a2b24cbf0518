"""A finished run is reused."""

from copy import deepcopy
from dataclasses import replace

import pytest

from support.builders import run_config, store_of
from synthsweep.run.experiment import RunResult
from synthsweep.run.prepare import prepare
from synthsweep.study.reuse import run_unless_finished
from synthsweep.study.run_key import former_keys
from synthsweep.track.writer import RecordingTracker

CI = ("experiment=ci", "training.epochs=1", "training.threads=1", "tracking.figures=false")


def run(tracker: RecordingTracker, *overrides: str) -> RunResult:
    config = run_config(*CI, *overrides)
    return run_unless_finished(config, prepare(config), store_of(tracker), tags={})


@pytest.fixture(scope="module")
def first() -> tuple[RecordingTracker, RunResult]:
    tracker = RecordingTracker()
    return tracker, run(tracker)


def test_a_finished_run_is_reused_with_its_metrics(first: tuple[RecordingTracker, RunResult]) -> None:
    """The second result comes from the store, and logs nothing there."""

    tracker, result = first
    logged = len(tracker.metrics)

    again = run(tracker)

    defined = {name: value for name, value in result.metrics.items() if value is not None}
    assert (result.reused, again.reused) == (False, True)
    assert defined.items() <= dict(again.metrics).items()
    assert len(tracker.metrics) == logged


@pytest.mark.slow
def test_force_trains_again_and_gives_the_same_numbers(first: tuple[RecordingTracker, RunResult]) -> None:
    """On a CPU the same seed gives the same metrics to the last digit."""

    again = run(RecordingTracker(), "force=true")

    assert not again.reused
    assert again.metrics == first[1].metrics
    assert again.run_key == first[1].run_key


def test_below_another_trial_a_finished_run_gets_a_linked_one(first: tuple[RecordingTracker, RunResult]) -> None:
    """It has no run_key, so that a search for the key finds the run that was trained."""

    tracker, result = deepcopy(first)
    linked = run(tracker, "sweep.trial=3", "sweep.parent='parent of trial 3'")

    assert linked.reused
    assert tracker.run is not None
    assert tracker.run.parent == "parent of trial 3"
    assert {"reused_from": "recorded", "reused_run_key": result.run_key}.items() <= tracker.run.tags.items()
    assert "run_key" not in tracker.run.tags
    assert tracker.status == "FINISHED"
    assert {name: value for name, value in tracker.metrics[-1][1].items() if name in result.metrics} == {
        name: value for name, value in result.metrics.items() if value is not None
    }


@pytest.mark.slow
def test_what_the_version_before_finished_is_reused(first: tuple[RecordingTracker, RunResult]) -> None:
    """Its key left models out; a folder's may have been replaced since, a package's are its own."""

    tracker, config = deepcopy(first[0]), run_config(*CI)
    assert tracker.run is not None
    (former,) = former_keys(config, prepare(config))
    tracker.run.tags["run_key"] = former
    local = replace(config, model=replace(config.model, name_or_path="./enc"))

    assert run(tracker).reused
    assert former_keys(local, prepare(config)) == ()


@pytest.mark.slow
def test_a_run_that_is_the_trials_own_is_linked_to_nothing() -> None:
    """The same command again finds it below the same trial."""

    tracker = RecordingTracker()
    marks = ("sweep.trial=3", "sweep.parent=one")
    run(tracker, *marks)
    assert tracker.run is not None
    tracker.run = replace(tracker.run, tags={**tracker.run.tags, "mlflow.parentRunId": "one"})
    logged = len(tracker.metrics)

    assert run(tracker, *marks).reused
    assert len(tracker.metrics) == logged
