"""The same command again trains nothing."""

from copy import deepcopy
from dataclasses import replace

import pytest

from support.builders import run_config
from synthsweep.run.prepare import prepare
from synthsweep.study.resume import KeyedResult, run_or_reuse
from synthsweep.track.writer import RecordingTracker

CI = ("experiment=ci", "training.epochs=1", "training.threads=1", "tracking.figures=false")


def done(tracker: RecordingTracker, *overrides: str) -> KeyedResult:
    config = run_config(*CI, *overrides)
    return run_or_reuse(config, prepare(config), tracker, tags={})


@pytest.fixture(scope="module")
def first() -> tuple[RecordingTracker, KeyedResult]:
    tracker = RecordingTracker()
    return tracker, done(tracker)


def test_a_finished_run_is_reused_with_its_metrics(first: tuple[RecordingTracker, KeyedResult]) -> None:
    """The second result comes from the store, where nothing new was logged."""

    tracker, result = first
    logged = len(tracker.metrics)

    again = done(tracker)

    defined = {name: value for name, value in result.result.metrics.items() if value is not None}
    assert (result.reused, again.reused) == (False, True)
    assert defined.items() <= dict(again.result.metrics).items()
    assert logged == len(tracker.metrics)


def test_force_trains_again_and_gives_the_same_numbers(first: tuple[RecordingTracker, KeyedResult]) -> None:
    """On a CPU the same seed gives the same metrics to the last digit."""

    again = done(RecordingTracker(), "force=true")

    assert not again.reused
    assert first[1].result.metrics == again.result.metrics
    assert first[1].key == again.key


def test_below_another_trial_a_finished_run_gets_a_linked_one(first: tuple[RecordingTracker, KeyedResult]) -> None:
    """With the same metrics and the tag reused_from, but no run_key: a search finds the run that was trained."""

    tracker, result = deepcopy(first)
    linked = done(tracker, "sweep.trial=3", "sweep.parent='parent of trial 3'")

    assert linked.reused
    assert tracker.run is not None
    assert tracker.run.parent == "parent of trial 3"
    assert {"reused_from": "recorded", "reused_run_key": result.key}.items() <= tracker.run.tags.items()
    assert "run_key" not in tracker.run.tags
    assert ("FINISHED", {k: v for k, v in result.result.metrics.items() if v is not None}) == (
        tracker.status,
        {k: v for k, v in tracker.metrics[-1][1].items() if k in result.result.metrics},
    )


def test_a_run_that_is_the_trials_own_is_linked_to_nothing() -> None:
    """A command that goes on finds it below the same trial."""

    tracker = RecordingTracker()
    marks = ("sweep.trial=3", "sweep.parent=one")
    done(tracker, *marks)
    assert tracker.run is not None
    tracker.run = replace(tracker.run, tags={**tracker.run.tags, "mlflow.parentRunId": "one"})
    logged = len(tracker.metrics)

    assert done(tracker, *marks).reused
    assert logged == len(tracker.metrics)
