"""Every metric beside scikit-learn's, and what happens where it is undefined."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn import metrics as reference

from synthsweep.evaluate.calibration import expected_calibration_error
from synthsweep.evaluate.metrics import AVERAGED, evaluate, macro_average_precision
from synthsweep.evaluate.predictions import Predictions

# Hundredths, so that ties and probabilities at a threshold occur.
PROBABILITIES = st.integers(0, 100).map(lambda hundredths: hundredths / 100)


def table(truth: np.ndarray, probabilities: np.ndarray) -> Predictions:
    rows, columns = truth.shape
    ids, labels = tuple(str(row) for row in range(rows)), tuple("ABCDE"[:columns])
    return Predictions("test", labels, ids, (None,) * rows, truth, probabilities)


@st.composite
def tables(draw: st.DrawFn, min_labels: int = 2) -> tuple[Predictions, np.ndarray]:
    shape = draw(st.tuples(st.integers(2, 25), st.integers(min_labels, 4)))
    truth = draw(arrays(int, shape, elements=st.integers(0, 1)))
    probabilities = draw(arrays(float, shape, elements=PROBABILITIES))
    return table(truth, probabilities), draw(arrays(float, shape[1], elements=PROBABILITIES))


def decisions(found: Predictions, thresholds: np.ndarray) -> np.ndarray:
    return (found.probabilities >= thresholds).astype(int)


@given(tables(min_labels=1))
@settings(max_examples=30, deadline=None)
def test_each_criterion_has_the_scores_that_scikit_learn_gives_it(case: tuple[Predictions, np.ndarray]) -> None:
    """Wherever they are defined; elsewhere they are None."""
    found, thresholds = case
    scores = evaluate(found, thresholds, bins=10)

    for index, label in enumerate(found.label_ids):
        truth, probabilities = found.truth[:, index], found.probabilities[:, index]
        predicted, some, all_of_them = decisions(found, thresholds)[:, index], truth.any(), truth.all()
        expected = {
            "precision": reference.precision_score(truth, predicted, zero_division=0) if predicted.any() else None,
            "recall": reference.recall_score(truth, predicted) if some else None,
            "f1": reference.f1_score(truth, predicted) if some else None,
            "average_precision": reference.average_precision_score(truth, probabilities) if some else None,
            "roc_auc": reference.roc_auc_score(truth, probabilities) if some and not all_of_them else None,
            "brier": reference.brier_score_loss(truth, probabilities, pos_label=1),
            "ece": expected_calibration_error(truth, probabilities, 10),
            "support": truth.sum(),
            "predicted_positives": predicted.sum(),
            "threshold": thresholds[index],
        }
        assert {name: scores[f"{name}/{label}"] for name in expected} == pytest.approx(expected, abs=1e-12)


@given(tables(), st.sampled_from(["macro", "weighted", "micro"]))
@settings(max_examples=40, deadline=None)
def test_averages_of_decisions_are_those_of_scikit_learn(case: tuple[Predictions, np.ndarray], average: str) -> None:
    """Macro and weighted over the criteria that are defined, micro over all decisions."""
    found, thresholds = case
    predicted = decisions(found, thresholds)
    scores = evaluate(found, thresholds, bins=10)

    for name, defined_by in (("precision", predicted), ("recall", found.truth), ("f1", found.truth)):
        defined = np.flatnonzero(defined_by.any(axis=0))
        support = found.truth[:, defined].sum() if average == "weighted" else len(defined)
        score = getattr(reference, f"{name}_score")
        labels = None if average == "micro" else defined
        expected = score(found.truth, predicted, labels=labels, average=average, zero_division=0) if support else None
        assert scores[f"{name}/{average}"] == pytest.approx(expected, abs=1e-12)


@given(tables(), st.sampled_from(["macro", "weighted", "micro"]))
@settings(max_examples=40, deadline=None)
def test_averages_of_rankings_are_those_of_scikit_learn(case: tuple[Predictions, np.ndarray], average: str) -> None:
    """Average precision needs a positive, ROC AUC both classes."""
    found, thresholds = case
    scores = evaluate(found, thresholds, bins=10)

    positives = found.truth.sum(axis=0)
    both = (positives > 0) & (positives < len(found.ids))
    if average == "micro":
        positives, both = found.truth.any(keepdims=True), found.truth.any(keepdims=True) & ~found.truth.all(keepdims=True)
    for name, defined in (("average_precision", positives > 0), ("roc_auc", both)):
        columns = slice(None) if average == "micro" else np.flatnonzero(defined)
        truth, probabilities = found.truth[:, columns], found.probabilities[:, columns]
        score = getattr(reference, f"{name}_score")
        expected = score(truth, probabilities, average=average) if defined.any() else None
        assert scores[f"{name}/{average}"] == pytest.approx(expected, abs=1e-12)


@given(tables())
@settings(max_examples=25, deadline=None)
def test_undefined_criteria_are_counted_for_every_metric(case: tuple[Predictions, np.ndarray]) -> None:
    """The count is of criteria that are None, whatever the reason."""
    found, thresholds = case
    scores = evaluate(found, thresholds, bins=10)

    expected = {name: sum(scores[f"{name}/{label}"] is None for label in found.label_ids) for name in AVERAGED}
    assert {name: scores[f"{name}/undefined"] for name in AVERAGED} == expected


def test_a_criterion_that_is_never_predicted_has_no_precision() -> None:
    """Its recall and F1 are 0 all the same: there was something to find."""
    truth, probabilities = np.array([[1, 1], [0, 1]]), np.array([[0.9, 0.1], [0.2, 0.3]])
    scores = evaluate(table(truth, probabilities), np.array([0.5, 0.5]), bins=10)

    expected = {"precision/B": None, "recall/B": 0.0, "f1/B": 0.0, "precision/undefined": 1.0, "precision/macro": 1.0}
    assert {name: scores[name] for name in expected} == expected


def test_a_criterion_without_positives_has_no_recall_f1_or_ranking() -> None:
    """Precision is 0, since what was predicted was wrong; the macro average leaves the criterion out."""
    truth, probabilities = np.array([[1, 0], [0, 0]]), np.array([[0.9, 0.8], [0.2, 0.3]])
    scores = evaluate(table(truth, probabilities), np.array([0.5, 0.5]), bins=10)

    undefined = {f"{name}/B": None for name in ("recall", "f1", "average_precision", "roc_auc")}
    counted = {f"{name}/undefined": 1.0 for name in ("recall", "f1", "average_precision", "roc_auc")}
    expected = {**undefined, **counted, "precision/B": 0.0, "precision/macro": 0.5, "recall/macro": 1.0, "support/B": 0.0}
    assert {name: scores[name] for name in expected} == expected


def test_a_criterion_of_one_class_has_no_roc_auc() -> None:
    """With positives only, all else is defined."""
    truth, probabilities = np.array([[1, 1], [0, 1]]), np.array([[0.9, 0.8], [0.2, 0.7]])
    scores = evaluate(table(truth, probabilities), np.array([0.5, 0.5]), bins=10)

    expected = {"roc_auc/B": None, "roc_auc/undefined": 1.0, "average_precision/B": 1.0, "f1/undefined": 0.0}
    assert {name: scores[name] for name in expected} == expected


def test_averages_are_none_where_no_criterion_is_defined() -> None:
    """Not 0, which would read as the worst score."""
    truth, probabilities = np.zeros((3, 2), dtype=int), np.full((3, 2), 0.2)
    scores = evaluate(table(truth, probabilities), np.array([0.5, 0.5]), bins=10)

    names = [f"{name}/{average}" for name in ("precision", "recall", "f1") for average in ("macro", "weighted", "micro")]
    assert {name: scores[name] for name in names} == dict.fromkeys(names)


def test_a_probability_at_its_threshold_is_a_predicted_positive() -> None:
    """Thresholds are tuned that way too."""
    scores = evaluate(table(np.array([[1]]), np.array([[0.5]])), np.array([0.5]), bins=10)

    assert scores["predicted_positives/A"] == 1.0


@given(tables(min_labels=1))
@settings(max_examples=20, deadline=None)
def test_macro_average_precision_is_the_one_of_the_whole_table(case: tuple[Predictions, np.ndarray]) -> None:
    """What selects the epoch is what is reported."""
    found, thresholds = case

    expected = evaluate(found, thresholds, bins=10)["average_precision/macro"]
    assert macro_average_precision(found.truth, found.probabilities) == pytest.approx(expected, abs=1e-12)
