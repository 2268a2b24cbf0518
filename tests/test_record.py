"""What was trained stays, whatever happens to the store."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from builders import run_config
from synthsweep.errors import TrackingError
from synthsweep.experiment import run_experiment
from synthsweep.track.tracker import RecordingTracker

CI = ("experiment=ci", "training.threads=1", "training.epochs=2", "tracking=none", "tracking.figures=false")


@dataclass
class LostStore(RecordingTracker):
    """A store that is gone after its first `answers` writes."""

    answers: int = 0

    def log_metrics(self, metrics: Mapping[str, float], step: int = 0) -> None:
        self.answers -= 1
        if self.answers < 0:
            raise TrackingError("the store is gone")
        super().log_metrics(metrics, step)


def test_a_store_that_is_gone_costs_no_training(caplog: pytest.LogCaptureFixture) -> None:
    """The run trains to its end, its files are kept below mlruns/unsent, and the error says where."""

    with pytest.raises(TrackingError, match=r"the store is gone; the trained run's files are kept in .*mlruns/unsent/run-"):
        run_experiment(run_config(*CI), tracker=LostStore())

    kept = next(Path("mlruns/unsent").iterdir())
    assert {"config.yaml", "metrics.json", "curve.json", "predictions.parquet", "characteristics.parquet"} == {
        path.name for path in kept.iterdir()
    }
    assert "test/recall/A1" in json.loads((kept / "metrics.json").read_text())
    assert 1 == caplog.text.count("training goes on, the results are kept at its end")


def test_results_are_kept_elsewhere_when_the_folder_takes_none() -> None:
    """A full or forbidden disk under mlruns/ is not the only disk."""

    Path("mlruns").write_text("a file where the folder should be")

    with pytest.raises(TrackingError, match=r"files are kept in .*synthsweep-unsent-") as caught:
        run_experiment(run_config(*CI), tracker=LostStore(answers=2))

    assert (Path(str(caught.value).rpartition(" in ")[2]) / "predictions.parquet").is_file()


def test_the_page_of_a_run_has_its_table() -> None:
    """The summary names each criterion, and what the demo is not."""

    tracker = RecordingTracker()

    run_experiment(run_config(*CI), tracker=tracker)

    assert "| test | precision | recall | f1 | average_precision | support |" == tracker.summary.splitlines()[0]
    assert ["A1", "A2", "A3", "B1", "B2", "B3", "B4", "macro"] == [
        line.split(" ")[1] for line in tracker.summary.splitlines()[2:10]
    ]
    assert "no clinical finding" in tracker.summary
