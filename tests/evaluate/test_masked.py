"""Scores of partly labelled texts, and of texts with exactly one label, beside scikit-learn's."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn import metrics as reference

from support.builders import real
from synthsweep.evaluate.calibration import expected_calibration_error
from synthsweep.evaluate.figures import write_figures
from synthsweep.evaluate.metrics import confusion, evaluate, macro_average_precision
from synthsweep.evaluate.predictions import Predictions, predictions_of, read_parquet, write_parquet
from synthsweep.evaluate.thresholds import best_f1_threshold, choose_thresholds
from synthsweep.examples import UNKNOWN

PROBABILITIES = st.integers(0, 10).map(lambda tenths: tenths / 10)
UNUSED = np.full(3, np.nan)


def table(truth: np.ndarray, probabilities: np.ndarray, kind: str = "multi") -> Predictions:
    labels = tuple("ABCDE"[: truth.shape[1]])
    ids = tuple(map(str, range(len(truth))))
    return Predictions("test", labels, ids, (None,) * len(truth), truth, probabilities, kind=kind)


@st.composite
def partly_labelled(draw: st.DrawFn) -> Predictions:
    shape = draw(st.tuples(st.integers(2, 20), st.just(3)))
    truth = draw(arrays(int, shape, elements=st.sampled_from([0, 1, UNKNOWN])))
    return table(truth, draw(arrays(float, shape, elements=PROBABILITIES)))


@st.composite
def classes(draw: st.DrawFn) -> Predictions:
    """Texts of three classes, some of them undecided; probabilities may tie."""
    rows = draw(st.integers(2, 20))
    truth = np.eye(3, dtype=int)[draw(arrays(int, rows, elements=st.integers(0, 2)))]
    truth[draw(arrays(bool, rows)) & (np.arange(rows) > 0)] = UNKNOWN
    return table(truth, draw(arrays(float, (rows, 3), elements=PROBABILITIES)), "single")


def expected(truth: np.ndarray, probabilities: np.ndarray, predicted: np.ndarray) -> dict[str, float | None]:
    some, both = truth.any(), truth.any() and not truth.all()
    return {
        "precision": reference.precision_score(truth, predicted) if predicted.any() else None,
        "recall": reference.recall_score(truth, predicted) if some else None,
        "f1": reference.f1_score(truth, predicted) if some else None,
        "average_precision": reference.average_precision_score(truth, probabilities) if some else None,
        "roc_auc": reference.roc_auc_score(truth, probabilities) if both else None,
        "brier": np.mean((truth - probabilities) ** 2) if len(truth) else None,
        "ece": expected_calibration_error(truth, probabilities, 10) if len(truth) else None,
        "support": truth.sum(),
        "predicted_positives": predicted.sum(),
    }


@pytest.mark.slow
@given(partly_labelled())
@settings(max_examples=40, deadline=None)
def test_scores_are_scikit_learns_on_the_known_cells(found: Predictions) -> None:
    """Of each criterion, and of all cells pooled; a criterion that nobody decided on has none."""

    scores = evaluate(found, np.full(3, 0.5), bins=10)
    predicted = found.probabilities >= 0.5
    everywhere = {label: (slice(None), place) for place, label in enumerate(found.label_ids)} | {"micro": slice(None)}
    for name, place in everywhere.items():
        known = found.known[place]
        wanted = expected(*(part[place][known] for part in (found.truth, found.probabilities, predicted)))
        assert {metric: scores[f"{metric}/{name}"] for metric in wanted} == pytest.approx(wanted, abs=1e-12)


@pytest.mark.slow
@given(partly_labelled())
@settings(max_examples=30, deadline=None)
def test_what_is_predicted_where_nobody_decided_acts_on_nothing(found: Predictions) -> None:
    """No score, no threshold and no choice of an epoch changes with it."""

    other = replace(found, probabilities=np.where(found.known, found.probabilities, 1 - found.probabilities))
    thresholds = choose_thresholds("dev_f1", found.truth, found.probabilities)

    assert choose_thresholds("dev_f1", other.truth, other.probabilities).tolist() == thresholds.tolist()
    assert evaluate(other, thresholds, bins=10) == evaluate(found, thresholds, bins=10)
    assert macro_average_precision(other.truth, other.probabilities) == macro_average_precision(
        found.truth, found.probabilities
    )


def test_a_criterion_without_a_known_positive_has_no_threshold_of_its_own() -> None:
    """An undecided text is no positive."""
    assert best_f1_threshold(np.array([0, UNKNOWN]), np.array([0.2, 0.9])) is None


def test_undecided_truth_is_null_in_the_file_and_comes_back(tmp_path: Path) -> None:
    """So are the kind of the label set and the truth of those that are decided."""

    examples = (replace(real("1", "A"), unknown=frozenset({"B"})), real("2", "B"))
    for kind in ("multi", "single"):
        made = predictions_of("test", examples, ["A", "B"], np.array([[0.9, 0.1], [0.2, 0.8]]), kind)
        write_parquet([made], tmp_path / "file.parquet")
        read = read_parquet(tmp_path / "file.parquet")["test"]

        assert pyarrow.parquet.read_table(tmp_path / "file.parquet").column("truth/B").to_pylist() == [None, 1]
        assert (read.truth.tolist(), read.kind) == ([[1, UNKNOWN], [0, 1]], kind)


@pytest.mark.slow
@given(classes())
@settings(max_examples=40, deadline=None)
def test_with_one_class_per_text_the_most_probable_is_predicted(found: Predictions) -> None:
    """Accuracy, macro F1 and confusion matrix are scikit-learn's, of the texts whose class is known."""

    scores, known = evaluate(found, UNUSED, bins=10), found.known[:, 0]
    truth, predicted = found.truth[known].argmax(axis=1), found.probabilities[known].argmax(axis=1)
    table_, present = confusion(found.truth, found.decided(UNUSED)), np.unique(truth)

    accuracy = reference.accuracy_score(truth, predicted)
    assert scores["accuracy/micro"] == pytest.approx(accuracy)
    assert [scores[f"{metric}/micro"] for metric in ("precision", "recall", "f1")] == pytest.approx([accuracy] * 3)
    # A class without a text in test has no F1; scikit-learn would count it as 0.
    assert scores["f1/macro"] == pytest.approx(reference.f1_score(truth, predicted, labels=present, average="macro"))
    assert table_.tolist() == reference.confusion_matrix(truth, predicted, labels=range(3)).tolist()
    assert not any(name.startswith("threshold/") for name in scores)


@pytest.mark.slow
def test_figures_are_drawn_where_nobody_decided_and_of_classes(tmp_path: Path) -> None:
    """A criterion without a decided text has an empty panel; classes have a confusion matrix, too."""

    truth = np.array([[1, UNKNOWN, 0], [0, UNKNOWN, 1]])
    for kind, folder in (("multi", tmp_path / "multi"), ("single", tmp_path / "single")):
        found = table(truth, np.array([[0.8, 0.1, 0.1], [0.1, 0.2, 0.7]]), kind)
        write_figures(found, evaluate(found, np.full(3, 0.5), bins=5), np.full(3, 0.5), folder, bins=5)

    names = {"test_criteria.png", "test_precision_recall.png", "test_calibration.png"}
    assert {path.name for path in (tmp_path / "multi").iterdir()} == names
    assert {path.name for path in (tmp_path / "single").iterdir()} == {*names, "test_confusion.png"}
