"""The result of a run is kept, whatever happens to the store."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.builders import run_config
from synthsweep.errors import TrackingError
from synthsweep.run.experiment import run_experiment
from synthsweep.track.writer import RecordingTracker

CI = ("experiment=ci", "training.threads=1", "training.epochs=2", "tracking=none", "tracking.figures=false")


@dataclass
class LostStore(RecordingTracker):
    """A store that fails after its first `answers` writes."""

    answers: int = 0

    def log_metrics(self, metrics: Mapping[str, float], step: int = 0) -> None:
        self.answers -= 1
        if self.answers < 0:
            raise TrackingError("the store is gone")
        super().log_metrics(metrics, step)


@pytest.mark.slow
def test_a_store_that_is_gone_costs_no_training(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(TrackingError, match=r"the store is gone; the trained run's files are kept in .*mlruns/unsent/run-"):
        run_experiment(run_config(*CI), LostStore())

    kept = next(Path("mlruns/unsent").iterdir())
    assert {path.name for path in kept.iterdir()} == {
        "config.yaml",
        "metrics.json",
        "curve.json",
        "predictions.parquet",
        "characteristics.parquet",
    }
    assert "test/recall/A1" in json.loads((kept / "metrics.json").read_text())
    assert caplog.text.count("training goes on, the results are kept at its end") == 1


@pytest.mark.slow
def test_results_are_kept_elsewhere_when_the_folder_takes_none() -> None:
    """The disk of mlruns/ may be full or read-only."""

    Path("mlruns").write_text("a file where the folder should be")

    with pytest.raises(TrackingError, match=r"files are kept in .*synthsweep-unsent-") as caught:
        run_experiment(run_config(*CI), LostStore(answers=2))

    assert (Path(str(caught.value).rpartition(" in ")[2]) / "predictions.parquet").is_file()


@pytest.mark.slow
def test_the_page_of_a_run_has_its_table() -> None:
    tracker = RecordingTracker()

    run_experiment(run_config(*CI), tracker)

    assert tracker.summary.splitlines()[0] == "| test | precision | recall | f1 | average_precision | support |"
    assert [line.split(" ")[1] for line in tracker.summary.splitlines()[2:10]] == [
        "A1", "A2", "A3", "B1", "B2", "B3", "B4", "macro",
    ]  # fmt: skip
    assert "no clinical finding" in tracker.summary
