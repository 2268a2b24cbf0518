"""What was trained stays, whatever happens to the store."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from support.builders import run_config, synthetic
from synthsweep.errors import TrackingError
from synthsweep.generate.pool import Pool, PoolCost
from synthsweep.label_checker import Verdict
from synthsweep.run.experiment import run_experiment
from synthsweep.run.prepare import prepare
from synthsweep.run.record import pool_costs
from synthsweep.track.writer import RecordingTracker

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


def test_results_are_kept_elsewhere_when_the_folder_takes_none() -> None:
    """A full or forbidden disk under mlruns/ is not the only disk."""

    Path("mlruns").write_text("a file where the folder should be")

    with pytest.raises(TrackingError, match=r"files are kept in .*synthsweep-unsent-") as caught:
        run_experiment(run_config(*CI), LostStore(answers=2))

    assert (Path(str(caught.value).rpartition(" in ")[2]) / "predictions.parquet").is_file()


PAID = Pool(examples=(synthetic("1", "A"), synthetic("2", "A")), cost=PoolCost(1, 100, 20, 0.5))


@pytest.mark.parametrize(
    ("pool", "judge_usd", "expected"),
    [
        (Pool(), 0.0, {}),
        (Pool(), 0.25, {"judge_usd": 0.25, "usd": 0.25}),
        (replace(PAID, cost=PoolCost()), 0.25, {"judge_usd": 0.25, "usd": 0.25, "usd_per_text": 0.125}),
        (PAID, 0.0, {"requests": 1, "prompt_tokens": 100, "completion_tokens": 20, "usd": 0.5, "usd_per_text": 0.25}),
        (
            PAID,
            0.25,
            {
                "requests": 1, "prompt_tokens": 100, "completion_tokens": 20,
                "judge_usd": 0.25, "usd": 0.75, "usd_per_text": 0.375,
            },
        ),
    ],
    ids=["nobody", "judge", "judge of a file", "writer", "both"],
)  # fmt: skip
def test_the_dollars_of_a_pool_are_those_of_its_writer_and_its_judge(
    pool: Pool, judge_usd: float, expected: dict[str, float]
) -> None:
    """Whoever was asked; nothing where nobody was."""

    assert {f"cost/{name}": value for name, value in expected.items()} == pool_costs(pool, judge_usd)


def test_a_run_counts_what_the_verdicts_on_its_texts_cost() -> None:
    """All of them, those on texts that were dropped among them."""

    config = run_config(*CI)
    data = prepare(config)
    verdicts = {name: Verdict(frozenset(), 1.0, 0.25) for name in ("kept", "dropped")}
    checked = replace(data, curated=replace(data.curated, verdicts=verdicts))

    counts = run_experiment(config, RecordingTracker(), data=checked).counts

    assert (counts["cost/judge_usd"], counts["cost/usd"]) == (0.5, 0.5)


def test_the_page_of_a_run_has_its_table() -> None:
    """The summary names each criterion, and what the demo is not."""

    tracker = RecordingTracker()

    run_experiment(run_config(*CI), tracker)

    assert tracker.summary.splitlines()[0] == "| test | precision | recall | f1 | average_precision | support |"
    assert [line.split(" ")[1] for line in tracker.summary.splitlines()[2:10]] == [
        "A1",
        "A2",
        "A3",
        "B1",
        "B2",
        "B3",
        "B4",
        "macro",
    ]
    assert "no clinical finding" in tracker.summary
