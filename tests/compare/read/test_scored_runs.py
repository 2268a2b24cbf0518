"""Runs with their predictions and thresholds, read from a real store."""

from pathlib import Path

import numpy as np
import pytest

from support.kept_studies import CONTROL, LABELS, Planted, Texts, keep_run, keep_study, predictions
from synthsweep.compare.read.runs import open_reader
from synthsweep.compare.read.scored_runs import Scores, score_runs
from synthsweep.config.schema import TrackingConfig
from synthsweep.errors import StudyError
from synthsweep.evaluate.thresholds import choose_thresholds
from synthsweep.progress import silent
from synthsweep.track.writer import RunStart, Tracker

AUGMENT = Planted({"mix.ratio": "1"})
ARMS = [Planted(CONTROL), AUGMENT]


def scores(threshold: str | float | None = None) -> Scores:
    reader = open_reader(TrackingConfig())
    return score_runs(reader.find(["mine"]).runs, reader, threshold, silent)


def test_each_run_comes_with_its_place_its_probabilities_and_its_thresholds(tracker: Tracker) -> None:
    """What was stored is what is read."""

    keep_study(tracker, "mine", ARMS, [1, 2], threshold="dev_f1")

    found = scores()

    assert [(run.cell, run.block) for run in found.runs] == [
        ("ratio=0", "seed=1"),
        ("ratio=0", "seed=2"),
        ("ratio=1", "seed=1"),
        ("ratio=1", "seed=2"),
    ]
    np.testing.assert_array_equal(predictions("test", Texts(), AUGMENT, 2).probabilities, found.runs[3].test.probabilities)
    assert found.trials == {0: "ratio=0", 1: "ratio=1"}
    assert (found.left, found.unmodelled_differences) == ((), ())


def test_a_threshold_is_decided_anew_without_training(tracker: Tracker) -> None:
    """From the dev texts that were kept, or as a number."""

    keep_study(tracker, "mine", ARMS, [1])
    dev = predictions("dev", Texts(seed=51), AUGMENT, 1)

    kept, tuned, given = scores(), scores("dev_f1"), scores(0.3)

    np.testing.assert_allclose([0.5] * len(LABELS), kept.runs[1].thresholds)
    np.testing.assert_allclose(choose_thresholds("dev_f1", dev.truth, dev.probabilities), tuned.runs[1].thresholds)
    np.testing.assert_allclose([0.3] * len(LABELS), given.runs[1].thresholds)


def test_the_latest_of_two_runs_of_one_configuration_counts(tracker: Tracker) -> None:
    """The earlier one is left out by name."""

    first = keep_run(tracker, "mine", AUGMENT, 1)
    second = keep_run(tracker, "mine", AUGMENT, 1)

    found = scores()

    assert [second] == [run.run_id for run in found.runs]
    assert [(first, "a later run has the same configuration and seeds")] == [(one.run_id, one.reason) for one in found.left]


def test_a_reused_run_has_its_predictions_where_it_was_trained(tracker: Tracker) -> None:
    """The linked run has no file of its own, and the two are not called a repetition."""

    trained = keep_run(tracker, "mine", AUGMENT, 1)
    reader = open_reader(TrackingConfig())
    run = reader.find(["mine"]).runs[0]
    linked = tracker.start(RunStart("linked", dict(run.params), {"study": "mine", "reused_from": trained}))
    tracker.log_metrics(run.metrics)
    tracker.finish("FINISHED")

    found = scores()

    assert [(linked, trained)] == [(one.run_id, one.trained) for one in found.runs]
    assert found.left == ()


def spoil_missing(path: Path) -> None:
    path.unlink()


def spoil_content(path: Path) -> None:
    path.write_bytes(b"no parquet")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [(spoil_missing, "its file predictions.parquet is missing"), (spoil_content, "predictions.parquet holds no predictions")],
)
def test_a_run_without_readable_predictions_is_left_out(tracker: Tracker, spoil, said: str) -> None:  # type: ignore[no-untyped-def]
    """The others are compared; alone, it is an error."""

    *_, last = keep_study(tracker, "mine", ARMS, [1, 2])
    spoil(next(Path("mlruns").rglob(f"{last}/artifacts/predictions.parquet")))

    found = scores()

    assert (3, last) == (len(found.runs), found.left[0].run_id)
    assert found.left[0].reason.startswith(said)


def test_a_study_without_any_predictions_is_one_line(tracker: Tracker) -> None:
    """The first run stands for all."""

    keep_study(tracker, "mine", ARMS, [1, 2], with_file=False)

    with pytest.raises(
        StudyError, match=r"none of 4 finished runs can be read: mine 1: its file predictions.parquet is missing"
    ):
        scores()
