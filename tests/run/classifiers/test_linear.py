"""Baselines as models: runs like any other, on TF-IDF or on frozen sentence embeddings."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from support.builders import run_config
from support.patience import LIMIT_S
from synthsweep.compare.tfidf_baseline import TfidfFits
from synthsweep.config.keys.run import RunConfig
from synthsweep.errors import ConfigError, DataError
from synthsweep.run.experiment import RunResult, run_experiment
from synthsweep.run.prepare import prepare
from synthsweep.study.run_key import run_key
from synthsweep.track.writer import RecordingTracker

CI = ("experiment=ci", "tracking=none", "tracking.figures=false", "characteristics=none")
WITHOUT_TORCH = """
import sys
from support.builders import run_config
from synthsweep.run.experiment import run_experiment
from synthsweep.track.writer import RecordingTracker
run_experiment(run_config(*sys.argv[1:]), RecordingTracker())
print(sorted({"torch", "transformers"} & set(sys.modules)))
"""


def run(*overrides: str) -> tuple[RecordingTracker, RunResult]:
    tracker = RecordingTracker()
    return tracker, run_experiment(run_config(*CI, *overrides), tracker)


def key_of(*overrides: str) -> str:
    config: RunConfig = run_config(*CI, *overrides)
    return run_key(config, prepare(config))


def test_tfidf_scores_as_the_baseline_that_compare_shows() -> None:
    """Its run has the same average precision, thresholds chosen on dev, predictions by text, and no step."""
    from sklearn.metrics import average_precision_score

    tracker, result = run("model=tfidf", "mix=real_only")
    config = run_config(*CI, "model=tfidf", "mix=real_only")
    beside = TfidfFits().scores_of(config)
    test = {example.id: example for example in prepare(config).corpus.split.test}
    truth = np.array([[label in test[ident].labels for label in beside.labels] for ident in beside.ids])

    expected = average_precision_score(truth, beside.scores, average="macro")
    assert result.metrics["test/average_precision/macro"] == pytest.approx(expected)
    assert 0 < (result.metrics["test/threshold/A1"] or 0) < 1
    assert {"predictions.parquet", "metrics.json"} <= set(tracker.files)
    assert (result.counts["train/steps"], tracker.status) == (0, "FINISHED")
    assert result.counts["train/features"] > 1000
    assert result.counts["time/s_per_1000"] > 0
    assert tracker.run is not None
    assert tracker.run.params["model.name"] == "tfidf"
    assert not {name for name in tracker.run.params if name.startswith("training.") or name == "model.name_or_path"}


@pytest.mark.slow
def test_synthetic_texts_act_on_it_as_on_an_encoder() -> None:
    """Added texts change its scores, and so does their weight; a weight of nearly nothing is as none."""
    scores = [
        run("model=tfidf", *more)[1].metrics["test/average_precision/macro"]
        for more in (["mix=real_only"], ["mix.ratio=1"], ["mix.ratio=1", "mix.synthetic_weight=0.3"])
    ]

    assert len(set(scores)) == 3


@pytest.mark.slow
def test_keys_that_act_on_another_kind_make_no_other_run() -> None:
    """How steps are trained says nothing of a classifier without steps; its own penalty does, and so does its kind."""
    usual = key_of("model=tfidf")

    assert key_of("model=tfidf", "training.epochs=5", "training.max_length=64") == usual
    assert len({usual, key_of("model=tfidf", "model.inverse_penalty=10"), key_of("model=embeddings"), key_of()}) == 4


@pytest.mark.parametrize(
    ("overrides", "named"),
    [
        ("model=tfidf model.frozen_layers=2", "model.frozen_layers"),
        ("model=tfidf model.pooling=cls", "model.pooling"),
        ("model=embeddings model.revision=abc", "model.revision"),
        ("model=minilm model.inverse_penalty=3", "model.inverse_penalty"),
        ("model=tfidf mix.curriculum=synthetic_first", "mix.curriculum"),
        ("model=tfidf model.inverse_penalty=0", "model.inverse_penalty"),
    ],
)
def test_a_key_that_cannot_act_is_refused(overrides: str, named: str) -> None:
    """With its name and its value."""
    with pytest.raises(ConfigError, match=rf"{named} .*got"):
        run_config(*overrides.split())


def test_texts_without_words_are_refused(tmp_path: Path) -> None:
    """Before a run is opened."""
    file = tmp_path / "marks.csv"
    file.write_text("id,text,A,B\n" + "".join(f"{i},{'!?.' * (i + 1)},{i % 2},{i % 3 == 0:d}\n" for i in range(60)))
    config = run_config("data=csv", f"data.path={file}", "labels=from_data", "mix=real_only", "model=tfidf", "tracking=none")
    tracker = RecordingTracker()

    with pytest.raises(DataError, match="model=tfidf needs words"):
        run_experiment(config, tracker)
    assert tracker.run is None


@pytest.mark.slow
def test_tfidf_needs_no_torch() -> None:
    """So that it takes seconds in all."""
    given = [*CI, "model=tfidf", "mix=real_only"]
    ended = subprocess.run(
        [sys.executable, "-c", WITHOUT_TORCH, *given], capture_output=True, text=True, check=True,
        cwd=Path(__file__).parents[2], timeout=LIMIT_S,
    )  # fmt: skip

    assert ended.stdout.strip().splitlines()[-1] == "[]"


@pytest.mark.slow
def test_embeddings_are_stored_and_give_the_same_numbers_again(tmp_path: Path) -> None:
    """The second run reads each vector from the store."""
    given = [one for one in CI if not one.startswith("tracking=")]
    config = run_config(*given, "model=embeddings", "mix=real_only", f"tracking.folder={tmp_path}")
    first, second = (run_experiment(config, RecordingTracker()) for _ in range(2))

    assert first.metrics == second.metrics
    assert first.counts["train/features"] == 384
    assert (tmp_path / "embeddings.db").is_file()
    assert (first.metrics["test/average_precision/macro"] or 0) > 0.2
