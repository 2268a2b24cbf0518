"""The same command again trains nothing."""

import pytest

from builders import run_config
from synthsweep.material import prepare
from synthsweep.progress import Silence
from synthsweep.study.resume import KeyedResult, run_or_reuse
from synthsweep.track.tracker import RecordingTracker

CI = ("experiment=ci", "training.epochs=1", "training.threads=1", "tracking.figures=false")


def done(tracker: RecordingTracker, *overrides: str) -> KeyedResult:
    config = run_config(*CI, *overrides)
    return run_or_reuse(config, prepare(config), tracker=tracker, tags={}, progress=Silence())


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
    assert (False, True) == (result.reused, again.reused)
    assert defined.items() <= dict(again.result.metrics).items()
    assert logged == len(tracker.metrics)


def test_force_trains_again_and_gives_the_same_numbers(first: tuple[RecordingTracker, KeyedResult]) -> None:
    """On a CPU the same seed gives the same metrics to the last digit."""

    again = done(RecordingTracker(), "force=true")

    assert not again.reused
    assert first[1].result.metrics == again.result.metrics
    assert first[1].key == again.key
