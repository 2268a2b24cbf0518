"""Runs with their predictions and thresholds, read from a real store."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from support.kept_studies import CONTROL, LABELS, Planted, Texts, keep_run, keep_study, predictions
from synthsweep.compare.read.placed_runs import place_runs
from synthsweep.compare.read.runs import read_studies
from synthsweep.compare.read.scored_runs import ScoredRuns, read_scores
from synthsweep.config.keys.run import TrackingConfig
from synthsweep.errors import StudyError
from synthsweep.evaluate.thresholds import choose_thresholds
from synthsweep.progress import silent
from synthsweep.track.choose import existing_reader
from synthsweep.track.writer import RunStart, Tracker

AUGMENT = Planted({"mix.ratio": "1"})
ARMS = [Planted(CONTROL), AUGMENT]


def scores(threshold: str | float | None = None) -> ScoredRuns:
    reader = existing_reader(TrackingConfig())
    return read_scores(place_runs(read_studies(reader, ["mine"]).runs), reader, threshold, silent)


def test_each_run_comes_with_its_place_its_probabilities_and_its_thresholds(tracker: Tracker) -> None:
    keep_study(tracker, "mine", ARMS, [1, 2], threshold="dev_f1")

    found = scores()

    assert [(run.cell, run.block) for run in found.runs] == [
        ("ratio=0", "seed=1"),
        ("ratio=0", "seed=2"),
        ("ratio=1", "seed=1"),
        ("ratio=1", "seed=2"),
    ]
    np.testing.assert_array_equal(found.runs[3].test.probabilities, predictions("test", Texts(), AUGMENT, 2).probabilities)
    assert found.excluded == ()


def test_a_threshold_can_be_chosen_again_without_training(tracker: Tracker) -> None:
    """It is chosen on the kept dev texts, or given as a number."""

    keep_study(tracker, "mine", ARMS, [1])
    dev = predictions("dev", Texts(seed=51), AUGMENT, 1)

    kept, tuned, given = scores(), scores("dev_f1"), scores(0.3)

    np.testing.assert_allclose(kept.runs[1].thresholds, [0.5] * len(LABELS))
    np.testing.assert_allclose(tuned.runs[1].thresholds, choose_thresholds("dev_f1", dev.truth, dev.probabilities))
    np.testing.assert_allclose(given.runs[1].thresholds, [0.3] * len(LABELS))


def test_the_latest_of_two_runs_of_one_configuration_counts(tracker: Tracker) -> None:
    """The earlier one is excluded by name."""

    first = keep_run(tracker, "mine", AUGMENT, 1)
    second = keep_run(tracker, "mine", AUGMENT, 1)

    found = scores()

    assert [run.run_id for run in found.runs] == [second]
    assert [(run.run_id, run.reason) for run in found.excluded] == [(first, "a later run has the same configuration and seeds")]


def test_a_reused_run_has_the_predictions_of_the_run_that_was_trained(tracker: Tracker) -> None:
    """The linked run has no file of its own, and the trained one is not excluded as an earlier run."""

    trained = keep_run(tracker, "mine", AUGMENT, 1)
    reader = existing_reader(TrackingConfig())
    run = read_studies(reader, ["mine"]).runs[0]
    linked = tracker.start(RunStart("linked", dict(run.params), {"study": "mine", "reused_from": trained}))
    tracker.log_metrics(run.metrics)
    tracker.finish("FINISHED")

    found = scores()

    assert [(run.run_id, run.trained) for run in found.runs] == [(linked, trained)]
    assert found.excluded == ()


def spoil_missing(path: Path) -> None:
    path.unlink()


def spoil_content(path: Path) -> None:
    path.write_bytes(b"no parquet")


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [(spoil_missing, "its file predictions.parquet is missing"), (spoil_content, "predictions.parquet holds no predictions")],
)
def test_a_run_without_readable_predictions_is_excluded(tracker: Tracker, spoil: Callable[[Path], None], reason: str) -> None:
    """The others are compared."""

    *_, last = keep_study(tracker, "mine", ARMS, [1, 2])
    spoil(next(Path("mlruns").rglob(f"{last}/artifacts/predictions.parquet")))

    found = scores()

    assert len(found.runs) == 3
    assert found.excluded[0].run_id == last
    assert found.excluded[0].reason.startswith(reason)


def test_a_study_without_any_predictions_is_one_line(tracker: Tracker) -> None:
    """It names the first run."""

    keep_study(tracker, "mine", ARMS, [1, 2], with_file=False)

    with pytest.raises(
        StudyError, match=r"none of 4 finished runs can be read: mine 1: its file predictions.parquet is missing"
    ):
        scores()
