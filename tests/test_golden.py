"""The numbers of experiment=ci: if they change, run keys of before must not be reused.

python tests/test_golden.py        stores the numbers of now, after RESULTS_VERSION was raised
"""

import json
from pathlib import Path

import pytest

from synthsweep.run.prepare import prepare
from synthsweep.study.run_key import RESULTS_VERSION

STORED = Path(__file__).with_name("golden_ci.json")
NAMES = ("average_precision", "roc_auc", "brier")


def numbers() -> dict[str, object]:
    """Digests of the texts, and the metrics that move smoothly with the weights."""
    from support.builders import run_config
    from synthsweep.run.experiment import run_experiment
    from synthsweep.track.writer import RecordingTracker

    config = run_config("experiment=ci", "training.threads=1", "tracking=none", "tracking.figures=false")
    data = prepare(config)
    metrics = run_experiment(config, RecordingTracker(), prepared=data).metrics
    return {
        "results_version": RESULTS_VERSION,
        "data_digest": data.data_digest,
        "mix_digest": data.mix_digest,
        "metrics": {f"{part}/{name}/macro": metrics[f"{part}/{name}/macro"] for part in ("dev", "test") for name in NAMES},
    }


def test_changed_numbers_come_with_a_raised_results_version() -> None:
    """Either nothing changed, or RESULTS_VERSION was raised and the numbers were stored anew."""

    stored, found = json.loads(STORED.read_text()), numbers()

    advice = "raise RESULTS_VERSION in study/run_key.py, then: python tests/test_golden.py"
    # Processors differ in the last digits, and 32 steps of training magnify them a little.
    assert stored.pop("metrics") == pytest.approx(found.pop("metrics"), rel=1e-3), advice
    assert stored == found, advice


if __name__ == "__main__":
    STORED.write_text(json.dumps(numbers(), indent=2) + "\n")
