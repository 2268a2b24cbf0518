"""Whole runs on partly labelled texts, and on texts with exactly one label each, with the tracker in memory."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet
import pytest
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    confusion_matrix,
    f1_score,
    precision_score,
    recall_score,
)

from support.builders import run_config
from synthsweep.corpus.describe import corpus_lines
from synthsweep.errors import DataError
from synthsweep.examples import Example
from synthsweep.run.experiment import RunResult, run_experiment
from synthsweep.run.prepare import TrainingData, prepare
from synthsweep.track.writer import RecordingTracker

pytestmark = pytest.mark.slow

CI = ("experiment=ci", "training.threads=1", "training.epochs=1", "tracking=none")
CLASSES = ("calm", "loud", "odd")


@pytest.fixture(scope="module")
def partly() -> tuple[RecordingTracker, RunResult, TrainingData]:
    """The demo corpus, in which nobody decided on A1 in every third text, and on B4 in no text of test."""

    config = run_config(*CI, "training.positive_weight=balanced", "training.label_smoothing=0.1", "mix.synthetic_weight=0.5")
    whole = prepare(config)

    def hidden(part: str, examples: tuple[Example, ...]) -> tuple[Example, ...]:
        unknown = [{"A1"} if n % 3 == 0 else set() for n in range(len(examples))]
        unknown = [labels | ({"B4"} if part == "test" else set()) for labels in unknown]
        return tuple(
            replace(example, labels=example.labels - labels, unknown=frozenset(labels))
            for example, labels in zip(examples, unknown, strict=True)
        )

    split = replace(whole.corpus.split, **{part: hidden(part, of) for part, of in whole.corpus.split.parts.items()})
    data = replace(whole, corpus=replace(whole.corpus, split=split), mix=replace(whole.mix, real=split.train))
    tracker = RecordingTracker()
    return tracker, run_experiment(config, tracker, prepared=data), data


@pytest.fixture(scope="module")
def single(tmp_path_factory: pytest.TempPathFactory) -> tuple[RecordingTracker, RunResult]:
    """A corpus of three classes, a third of the dose synthetic."""

    path = tmp_path_factory.mktemp("single") / "texts.csv"
    write_classes(path, 150)
    tracker = RecordingTracker()
    return tracker, run_experiment(
        run_config(*CI, *of_classes(path), "training.positive_weight=capped", "tracking.log_model=true"), tracker
    )


def of_classes(path: Path) -> tuple[str, ...]:
    sizes = ("data.train_size=0", "data.dev_size=0", "data.test_size=0")
    return ("labels=from_data", "labels.kind=single", "data=csv", f"data.path={path}", "llm=simulator", *sizes)


def write_classes(path: Path, count: int) -> None:
    rng = np.random.default_rng(1)
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["text", *CLASSES])
        for number in range(count):
            own = CLASSES[number % 5 % 3]
            rows.writerow([f"{own} words of text {rng.integers(10**6)}", *(int(one == own) for one in CLASSES)])


def stored_test(tracker: RecordingTracker) -> "dict[str, np.ndarray]":
    table = pyarrow.parquet.read_table(io.BytesIO(tracker.files["predictions.parquet"])).to_pandas()
    return {name: column.to_numpy() for name, column in table[table["split"] == "test"].items()}


def test_scores_are_those_of_the_labels_that_somebody_decided_on(
    partly: tuple[RecordingTracker, RunResult, TrainingData],
) -> None:
    """Scikit-learn on the stored predictions without the nulls; a criterion without any has no score."""

    tracker, result, _ = partly
    test = stored_test(tracker)
    known = ~np.isnan(test["truth/A1"].astype(float))
    truth, chances = test["truth/A1"][known].astype(int), test["probability/A1"][known]
    decided = chances >= result.metrics["test/threshold/A1"]

    expected = {
        "precision": precision_score(truth, decided),
        "recall": recall_score(truth, decided),
        "average_precision": average_precision_score(truth, chances),
        "support": truth.sum(),
    }
    assert {name: result.metrics[f"test/{name}/A1"] for name in expected} == pytest.approx(expected)
    assert 0 < known.sum() < len(known)
    assert [result.metrics[f"test/{name}/B4"] for name in ("recall", "brier", "average_precision")] == [None] * 3


def test_ignored_labels_are_counted_in_the_run_and_on_screen(
    partly: tuple[RecordingTracker, RunResult, TrainingData],
) -> None:
    """By part and label; where there are none, there is no number."""

    _, result, data = partly
    ignored = {name: value for name, value in result.counts.items() if name.startswith("data/")}

    assert ignored == {
        "data/ignored/train/A1": 67,
        "data/ignored/dev/A1": 34,
        "data/ignored/test/A1": 34,
        "data/ignored/test/B4": 100,
    }
    lines = corpus_lines(data.corpus)
    assert "undecided and ignored: train A1 67; dev A1 34; test A1 34, B4 100" in lines


def test_twenty_lines_of_scikit_learn_give_the_scores_of_classes(single: tuple[RecordingTracker, RunResult]) -> None:
    """Accuracy, macro F1 and the confusion matrix, from the stored predictions alone."""

    tracker, result = single
    test = stored_test(tracker)
    truth = np.column_stack([test[f"truth/{label}"] for label in CLASSES]).argmax(axis=1)
    chances = np.column_stack([test[f"probability/{label}"] for label in CLASSES])
    predicted = chances.argmax(axis=1)

    assert chances.sum(axis=1) == pytest.approx(np.ones(len(truth)))
    assert result.metrics["test/accuracy/micro"] == pytest.approx(accuracy_score(truth, predicted))
    assert result.metrics["test/precision/micro"] == pytest.approx(accuracy_score(truth, predicted))
    assert result.metrics["test/f1/macro"] == pytest.approx(f1_score(truth, predicted, average="macro"))
    rows = list(csv.reader(io.StringIO(tracker.files["confusion_test.csv"].decode())))
    assert [list(map(int, row[1:])) for row in rows[1:]] == confusion_matrix(truth, predicted).tolist()
    assert rows[0] == ["", *(f"predicted {label}" for label in CLASSES)]


def test_a_run_of_classes_has_no_threshold(single: tuple[RecordingTracker, RunResult]) -> None:
    """Neither as a metric nor in a file; its page names the accuracy."""

    tracker, result = single
    metrics = json.loads(tracker.files["metrics.json"])

    card = json.loads(tracker.files["model/synthsweep.json"])
    assert not [name for name in metrics if "threshold" in name]
    assert (card["kind"], card["thresholds"]) == ("single", {})
    assert json.loads(tracker.files["model/config.json"])["problem_type"] == "single_label_classification"
    assert f"accuracy on test: {result.metrics['test/accuracy/micro']:.3g}" in tracker.summary
    assert {"figures/test_confusion.png", "figures/dev_confusion.png", "confusion_dev.csv"} <= set(tracker.files)


def test_a_text_with_two_classes_ends_the_command_with_its_id(tmp_path: Path) -> None:
    """Before anything is trained."""
    path = tmp_path / "texts.csv"
    path.write_text("text,a,b\n" + "".join(f"text {n},{int(n != 3)},{n % 2}\n" for n in range(30)))

    with pytest.raises(DataError, match=r"labels\.kind=single"):
        prepare(run_config(*CI, *of_classes(path)))
