"""One run from texts to a tracked result, with the tracker in memory."""

import io
import json
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest
import yaml
from sklearn.metrics import average_precision_score, brier_score_loss, precision_score, recall_score, roc_auc_score

from support.builders import run_config
from synthsweep.config.keys.run import RunConfig
from synthsweep.corpus.corpus import load_corpus
from synthsweep.corpus.load import DEMO
from synthsweep.errors import Interrupted, ModelError, TrainingError
from synthsweep.progress import Event, Stage
from synthsweep.run.collaborators import Collaborators
from synthsweep.run.experiment import RunResult, run_experiment
from synthsweep.track.writer import RecordingTracker
from synthsweep.train.saved.load import open_saved

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
        actual = {name: logged(tracker)[f"test/{name}/{label}"] for name in expected}
        assert actual == pytest.approx(expected, abs=1e-9)


def test_a_run_says_what_it_was_made_of(finished: tuple[RecordingTracker, RunResult]) -> None:
    tracker, _ = finished
    run = tracker.run

    assert run is not None
    assert (tracker.status, run.name) == ("FINISHED", "plain x0.25 s1")
    assert {"mix.ratio": "0.25", "model.name": "tiny", "training.epochs": "2"}.items() <= run.params.items()
    assert {"seed": "1", "arm": "augment", "llm": "recorded", "study": "question"}.items() <= run.tags.items()
    assert {record.name for record in run.datasets} == {"demo train", "demo dev", "demo test", "recorded/plain"}
    counts = {"train/real": 200, "train/synthetic": 50, "dev/examples": 100, "test/examples": 100, "train/steps": 32}
    assert counts.items() <= logged(tracker).items()


def test_the_files_of_a_run_are_kept_and_none_holds_a_text(finished: tuple[RecordingTracker, RunResult]) -> None:
    tracker, _ = finished
    figures = {
        f"figures/{part}_{kind}.png" for part in ("dev", "test") for kind in ("criteria", "precision_recall", "calibration")
    }
    files = {"config.yaml", "metrics.json", "curve.json", "predictions.parquet", "characteristics.parquet", *figures}
    text = b"lay on the block rug"

    assert files <= set(tracker.files)
    assert [name for name, content in tracker.files.items() if text in content] == []
    assert yaml.safe_load(tracker.files["config.yaml"])["mix"]["ratio"] == 0.25
    assert len(json.loads(tracker.files["curve.json"])) == 2


def test_a_logged_model_predicts_as_the_run_did(finished: tuple[RecordingTracker, RunResult], tmp_path: Path) -> None:
    """Its folder is all that is needed."""

    tracker, _ = finished
    for name, content in tracker.files.items():
        if name.startswith("model/"):
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_bytes(content)
    config = run_config(*CI)
    example = load_corpus(config.labels, config.data, subset_seed=1).split.test[0]
    stored = pyarrow.parquet.read_table(io.BytesIO(tracker.files["predictions.parquet"])).to_pandas().set_index("id")

    saved = open_saved(tmp_path / "model", device="cpu", threads=1)
    assert saved.probabilities([example.text])[0, 0] == pytest.approx(stored.loc[example.id, "probability/A1"], abs=1e-6)
    page = (tmp_path / "model/README.md").read_text()
    assert tracker.run is not None
    assert (saved.card.run_id, saved.card.study, saved.card.data_digest) == (
        "recorded",
        "question",
        tracker.run.tags["data_digest"],
    )
    assert [words for words in (f"`{saved.card.data_digest}`", "augment", "| A1 |", "fictional") if words not in page] == []


@pytest.mark.slow
@pytest.mark.parametrize("windows", ["none", "max"])
def test_a_run_says_which_of_its_texts_are_cut_before_it_trains(windows: str) -> None:
    """Synthetic ones, too; by part in its metrics; with windows it says how many, and nothing is lost."""
    small = ("data.train_size=24", "data.dev_size=20", "data.test_size=20", "training.epochs=1", "tracking.figures=false")
    config = run_config(*CI, *small, "characteristics=none", "training.max_length=8", f"training.windows={windows}")
    said: list[str] = []

    def progress(event: Event, /) -> None:
        said.append(event.text if isinstance(event, Stage) else "")

    found = run_experiment(config, RecordingTracker(), Collaborators(progress=progress)).counts
    stages = [text.partition(":")[0].partition(" tiny")[0] for text in said if text]
    assert stages.index("texts are cut" if windows == "none" else "long texts") < stages.index("training")
    assert found["train/length_limit"] == 512
    for part, texts in (("train", 30), ("dev", 20), ("test", 20)):
        assert found[f"{part}/longest_text"] > 8
        assert 0 < found[f"{part}/truncated"] <= texts if windows == "none" else found[f"{part}/windows"] > texts
        assert (found[f"{part}/lost_token_share"] > 0) is (windows == "none")


@pytest.mark.slow
def test_a_part_of_dev_chooses_the_epoch_and_all_of_it_is_scored() -> None:
    """Each evaluation is that of the part; the scores of the run are those of all texts, with the weights of that epoch."""
    small = ("data.train_size=40", "data.dev_size=40", "data.test_size=20", "training.epochs=3", "tracking.figures=false")
    said: list[str] = []

    def progress(event: Event, /) -> None:
        said.append(event.text if isinstance(event, Stage) else "")

    def trained(texts: int) -> tuple[RecordingTracker, RunResult]:
        tracker, keys = RecordingTracker(), ("training.patience=0", "characteristics=none", f"training.dev_texts={texts}")
        return tracker, run_experiment(run_config(*CI, *small, *keys), tracker, Collaborators(progress=progress))

    (whole, all_of_it), (part, found), (_, more) = map(trained, (0, 12, 40))
    points = [{step: list(values.values()) for step, values in tracker.metrics if step} for tracker in (whole, part)]
    rows = pyarrow.parquet.read_table(io.BytesIO(part.files["predictions.parquet"])).to_pandas()

    assert points[0].keys() == points[1].keys()
    assert points[0] != points[1]
    assert (rows["split"] == "dev").sum() == 40
    assert more.metrics == all_of_it.metrics
    assert None not in (found.metrics["dev/brier/macro"], found.metrics["dev/average_precision/macro"])
    (line,) = [text for text in said if "training.dev_texts" in text]
    assert line.startswith("training.dev_texts=12: epochs are chosen by 12 of the 40 texts of dev")


@pytest.mark.slow
def test_weight_and_order_of_synthetic_texts_reach_training() -> None:
    """Each gives other numbers, over the same steps."""

    settings = (
        "mix.synthetic_weight=1",
        "mix.synthetic_weight=0.1",
        "mix.curriculum=synthetic_first",
        "mix.curriculum=real_last",
    )
    results = [run_experiment(run_config(*CI, "tracking.figures=false", one), RecordingTracker()) for one in settings]

    assert len({result.metrics["dev/brier/macro"] for result in results}) == 4
    assert len({result.counts["train/steps"] for result in results}) == 1


@pytest.mark.slow
def test_undefined_metrics_are_none_and_not_logged() -> None:
    """A label without a positive on test has no recall there; the undefined ones are counted."""

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
    tracker = RecordingTracker()

    with pytest.raises(Interrupted, match="stopped at step 1 of 32"):
        run_experiment(run_config(*CI), tracker, Collaborators(should_stop=lambda: True))
    assert (tracker.status, tracker.reason) == ("KILLED", "Interrupted: stopped at step 1 of 32")


def exploding(config: RunConfig) -> RunConfig:
    """Past the range check: nothing in the range explodes reliably."""
    training = copy(config.training)
    object.__setattr__(training, "learning_rate", 1e30)
    return replace(config, training=training)


def test_a_run_that_breaks_is_failed_with_its_reason() -> None:
    """A loss that is not a number ends the run."""

    tracker = RecordingTracker()
    config = run_config(*CI, "training.learning_rate=1", "training.max_grad_norm=1e30", "training.epochs=40")

    with pytest.raises(TrainingError, match=r"lower training\.learning_rate"):
        run_experiment(exploding(config), tracker)
    assert tracker.status == "FAILED"
    assert tracker.reason.startswith("TrainingError: the loss is")


def test_wrong_input_opens_no_run() -> None:
    """An encoder that cannot be loaded leaves nothing half done in the store."""

    tracker = RecordingTracker()

    with pytest.raises(ModelError, match=r"model\.name_or_path=nowhere/none: it cannot be loaded"):
        run_experiment(run_config("mix=real_only", "model.name_or_path=nowhere/none"), tracker)
    assert tracker.run is None


@pytest.mark.slow
def test_several_test_sets_and_subgroups_are_scored_with_one_classifier(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The primary one as if it were alone; every other set and subgroup as scikit-learn scores its rows of the file."""
    rows = DEMO.read_text(encoding="utf-8").splitlines()
    parts = {"train": rows[1:161], "dev": rows[161:241], "a": rows[241:341], "b": rows[291:441]}
    for name, own in parts.items():
        marked = [f"{row},{'fmx'[place % 2 if place else 2]}" for place, row in enumerate(own)]
        (tmp_path / f"{name}.csv").write_text("\n".join([f"{rows[0]},sex", *marked]) + "\n", encoding="utf-8")
    words = [f"data.files.{name}={tmp_path}/{name}.csv" for name in ("train", "dev")]
    words += [f"data.{part}_size=0" for part in ("train", "dev", "test")]
    common = (*CI, "data=csv", "labels.ids=[A1,B4]", "mix=real_only", "training.epochs=1", *words)
    trackers = RecordingTracker(), RecordingTracker()
    run_experiment(run_config(*common, f"data.files.test={tmp_path}/a.csv"), trackers[0])
    both = f"data.files.test=[{tmp_path}/a.csv,{tmp_path}/b.csv]"
    run_experiment(run_config(*common, both, "data.subgroup=sex", "evaluation.threshold=dev_recall@0.9"), trackers[1])

    alone, found = map(logged, trackers)
    for name in ("test/average_precision/A1", "test/brier/macro", "dev/roc_auc/B4"):
        assert found[name] == alone[name]
    assert found["test_b/examples"] == 150
    table = pyarrow.parquet.read_table(io.BytesIO(trackers[1].files["predictions.parquet"])).to_pandas()
    chosen = {
        "test_b": table[table["split"] == "test_b"],
        "subgroup/sex/m": table[(table["split"] == "test") & (table["subgroup/sex"] == "m")],
        "test_b/subgroup/sex/f": table[(table["split"] == "test_b") & (table["subgroup/sex"] == "f")],
    }
    for where, part in chosen.items():
        assert found[f"{where}/average_precision/A1"] == pytest.approx(
            average_precision_score(part["truth/A1"], part["probability/A1"])
        )
    assert recall_at(table[table["split"] == "dev"], found["test/threshold/A1"]) >= 0.9
    assert "| test_b |" in trackers[1].summary


def recall_at(part: Any, threshold: float) -> float:
    return float(recall_score(part["truth/A1"], part["probability/A1"] >= threshold))
