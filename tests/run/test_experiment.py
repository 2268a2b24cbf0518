"""One run from texts to a tracked result, with the tracker in memory."""

import io
import json
from pathlib import Path

import pyarrow.parquet
import pytest
import yaml
from sklearn.metrics import average_precision_score, brier_score_loss, precision_score, recall_score, roc_auc_score

from support.builders import run_config
from synthsweep.errors import Interrupted, ModelError, TrainingError
from synthsweep.run.collaborators import Collaborators
from synthsweep.run.experiment import RunResult, run_experiment
from synthsweep.track.writer import RecordingTracker

CI = ("experiment=ci", "training.threads=1", "tracking=none")


@pytest.fixture(scope="module")
def finished() -> tuple[RecordingTracker, RunResult]:
    tracker = RecordingTracker()
    return tracker, run_experiment(run_config(*CI, "study=question", "tracking.log_model=true"), tracker)


def logged(tracker: RecordingTracker) -> dict[str, float]:
    return {name: value for _, metrics in tracker.metrics for name, value in metrics.items()}


def test_every_metric_can_be_recomputed_from_the_stored_predictions(finished: tuple[RecordingTracker, RunResult]) -> None:
    """Scikit-learn on the Parquet file gives the metrics that were logged, to nine decimals."""

    tracker, result = finished
    table = pyarrow.parquet.read_table(io.BytesIO(tracker.files["predictions.parquet"])).to_pandas()
    test = table[table["split"] == "test"]

    for label in ("A1", "B4"):
        truth, probability = test[f"truth/{label}"], test[f"probability/{label}"]
        predicted = probability >= result.metrics[f"test/threshold/{label}"]
        expected = {
            "precision": precision_score(truth, predicted),
            "recall": recall_score(truth, predicted),
            "average_precision": average_precision_score(truth, probability),
            "roc_auc": roc_auc_score(truth, probability),
            "brier": brier_score_loss(truth, probability),
            "support": truth.sum(),
            "predicted_positives": predicted.sum(),
        }
        assert {name: pytest.approx(value, abs=1e-9) for name, value in expected.items()} == {
            name: logged(tracker)[f"test/{name}/{label}"] for name in expected
        }


def test_a_run_says_what_it_was_made_of(finished: tuple[RecordingTracker, RunResult]) -> None:
    """Parameters, digests, seed, study, data sets and counts are all there."""

    tracker, _ = finished
    run = tracker.run

    assert run is not None
    assert (tracker.status, run.name) == ("FINISHED", "augment 0.25 recorded/plain seed 1")
    assert {"mix.ratio": 0.25, "model.name": "tiny", "training.epochs": 2}.items() <= run.params.items()
    assert {"seed": "1", "arm": "augment", "llm": "recorded", "study": "question"}.items() <= run.tags.items()
    assert {record.name for record in run.datasets} == {"demo train", "demo dev", "demo test", "synthetic"}
    counts = {"train/real": 200, "train/synthetic": 50, "dev/examples": 100, "test/examples": 100, "train/steps": 32}
    assert counts.items() <= logged(tracker).items()


def test_the_files_of_a_run_are_kept_and_none_holds_a_text(finished: tuple[RecordingTracker, RunResult]) -> None:
    """The configuration, the curve, predictions and figures; sentences of the corpus stand in none of them."""

    tracker, _ = finished
    figures = {
        f"figures/{part}_{kind}.png" for part in ("dev", "test") for kind in ("criteria", "precision_recall", "calibration")
    }
    words = {"config.yaml", "metrics.json", "curve.json", "predictions.parquet", "characteristics.parquet", *figures}
    text = b"lay on the block rug"

    assert words <= set(tracker.files)
    assert [name for name, content in tracker.files.items() if text in content] == []
    assert yaml.safe_load(tracker.files["config.yaml"])["mix"]["ratio"] == 0.25
    assert len(json.loads(tracker.files["curve.json"])) == 2


def test_a_logged_model_predicts_as_the_run_did(finished: tuple[RecordingTracker, RunResult], tmp_path: Path) -> None:
    """The model folder alone gives back the stored probabilities."""

    import torch

    from synthsweep.corpus.parts import load_corpus
    from synthsweep.train.model import load_saved

    tracker, _ = finished
    for name, content in tracker.files.items():
        if name.startswith("model/"):
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_bytes(content)
    config = run_config(*CI)
    example = load_corpus(config.labels, config.data, subset_seed=1).split.test[0]
    stored = pyarrow.parquet.read_table(io.BytesIO(tracker.files["predictions.parquet"])).to_pandas().set_index("id")

    loaded = load_saved(tmp_path / "model")
    encoded = loaded.tokenizer([example.text], return_tensors="pt", truncation=True, max_length=48)
    with torch.inference_mode():
        found = loaded.classifier(encoded["input_ids"], encoded["attention_mask"]).sigmoid()[0, 0].item()

    assert stored.loc[example.id, "probability/A1"] == pytest.approx(found, abs=1e-5)


@pytest.mark.slow
def test_weight_and_order_of_synthetic_texts_reach_training() -> None:
    """Each gives other numbers, over the same steps."""
    plain = ("mix.synthetic_weight=1", "mix.synthetic_weight=0.1", "mix.curriculum=synthetic_first", "mix.curriculum=real_last")
    found = [run_experiment(run_config(*CI, "tracking.figures=false", one), RecordingTracker()) for one in plain]

    assert len({one.metrics["dev/brier/macro"] for one in found}) == 4
    assert len({one.counts["train/steps"] for one in found}) == 1


def test_undefined_metrics_are_none_and_not_logged() -> None:
    """A label without a positive on test has no recall there, and says so by its absence and a count."""

    tracker = RecordingTracker()
    csv = "id,text,A,B\n" + "".join(f"{i},text number {i},{i % 2},{int(i < 30 and i % 5 == 0)}\n" for i in range(60))
    Path("a.csv").write_text("".join(csv.splitlines(True)[:41]))
    Path("b.csv").write_text("".join([csv.splitlines(True)[0], *csv.splitlines(True)[41:]]))
    files = ("data=csv", "labels=from_data", "data.files.train=a.csv", "data.files.test=b.csv", "mix=real_only", "model=tiny")

    result = run_experiment(run_config(*files, "tracking=none", "training.epochs=1", "training.threads=1"), tracker)

    assert result.metrics["test/recall/B"] is None
    assert "test/recall/B" not in logged(tracker)
    assert logged(tracker)["test/recall/undefined"] == 1


def test_a_run_that_is_asked_to_stop_is_killed() -> None:
    """The tracker hears of it, and so does the caller."""

    tracker = RecordingTracker()

    with pytest.raises(Interrupted, match="stopped at step 1 of 32"):
        run_experiment(run_config(*CI), tracker, Collaborators(should_stop=lambda: True))
    assert (tracker.status, tracker.reason) == ("KILLED", "Interrupted: stopped at step 1 of 32")


def test_a_run_that_breaks_is_failed_with_its_reason() -> None:
    """A loss that is no number ends the run."""

    tracker = RecordingTracker()
    config = run_config(*CI, "training.learning_rate=1", "training.max_grad_norm=1e30", "training.epochs=40")

    with pytest.raises(TrainingError, match=r"lower training\.learning_rate"):
        run_experiment(_exploding(config), tracker)
    assert tracker.status == "FAILED"
    assert tracker.reason.startswith("TrainingError: the loss is")


def _exploding(config):  # type: ignore[no-untyped-def]
    from dataclasses import replace

    return replace(config, training=_huge(config.training))


def _huge(training):  # type: ignore[no-untyped-def]
    from copy import copy

    # Past the range check: nothing in the range explodes reliably.
    changed = copy(training)
    object.__setattr__(changed, "learning_rate", 1e30)
    return changed


def test_wrong_input_opens_no_run() -> None:
    """An encoder that cannot be loaded leaves nothing half done in the store."""

    tracker = RecordingTracker()

    with pytest.raises(ModelError, match=r"model\.name_or_path=nowhere/none: it cannot be loaded"):
        run_experiment(run_config("mix=real_only", "model.name_or_path=nowhere/none"), tracker)
    assert tracker.run is None
