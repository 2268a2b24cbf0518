"""Metrics per criterion and their averages. An undefined metric is None and counted; it is never 0.

Precision is undefined if nothing is predicted positive; recall, F1 and average precision without a positive; ROC AUC without
both classes; all of them without a text that somebody decided on. Where nobody decided, nothing counts. `macro` and `weighted`
average the criteria that are defined; `micro` pools all decisions. Where each text carries exactly one label, the pooled
precision, recall and F1 are all the accuracy.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from synthsweep.config.metrics import AVERAGED
from synthsweep.evaluate.calibration import expected_calibration_error
from synthsweep.evaluate.predictions import Predictions
from synthsweep.evaluate.ranking import average_precision, roc_auc
from synthsweep.examples import UNKNOWN

Scores = dict[str, float | None]


def evaluate(predictions: Predictions, thresholds: np.ndarray, *, bins: int) -> Scores:
    """`METRIC/CRITERION` for every criterion, macro, micro and weighted; `METRIC/undefined` counts the criteria without it.

    `thresholds`: (criteria,); a probability at or above its threshold is a predicted positive. Where each text carries exactly
    one label, the most probable one is predicted: there is no threshold, and `accuracy/micro` beside the others.
    """
    truth, probabilities, single = predictions.truth, predictions.probabilities, predictions.kind == "single"
    predicted = predictions.decided(thresholds).astype(int)
    by_label = {
        label: _scores(truth[:, index], probabilities[:, index], predicted[:, index], bins)
        | ({} if single else {"threshold": float(thresholds[index])})
        for index, label in enumerate(predictions.label_ids)
    }
    micro = _scores(truth.ravel(), probabilities.ravel(), predicted.ravel(), bins)
    if single:
        micro["accuracy"] = accuracy(truth, predicted)
    table = {**by_label, "micro": micro, **_averages(list(by_label.values()))}
    return {f"{metric}/{criterion}": value for criterion, scores in table.items() for metric, value in scores.items()}


def _scores(truth: np.ndarray, probabilities: np.ndarray, predicted: np.ndarray, bins: int) -> Scores:
    known = truth != UNKNOWN
    truth, probabilities, predicted = truth[known], probabilities[known], predicted[known]
    if not len(truth):
        return {**dict.fromkeys(AVERAGED), "support": 0.0, "predicted_positives": 0.0}
    positives, called, found = int(truth.sum()), int(predicted.sum()), int((truth * predicted).sum())
    return {
        "precision": found / called if called else None,
        "recall": found / positives if positives else None,
        "f1": 2 * found / (positives + called) if positives else None,
        "average_precision": average_precision(truth, probabilities) if positives else None,
        "roc_auc": roc_auc(truth, probabilities) if 0 < positives < len(truth) else None,
        "brier": float(np.mean((probabilities - truth) ** 2)),
        "ece": expected_calibration_error(truth, probabilities, bins),
        "support": float(positives),
        "predicted_positives": float(called),
    }


def _averages(rows: Sequence[Mapping[str, float | None]]) -> dict[str, Scores]:
    averages: dict[str, Scores] = {"macro": {}, "weighted": {}, "undefined": {}}
    for metric in AVERAGED:
        defined = [(row[metric], row["support"]) for row in rows if row[metric] is not None]
        values = np.array([value for value, _ in defined], dtype=float)
        support = np.array([weight for _, weight in defined], dtype=float)
        averages["macro"][metric] = float(values.mean()) if len(values) else None
        averages["weighted"][metric] = float(np.average(values, weights=support)) if support.sum() else None
        averages["undefined"][metric] = float(len(rows) - len(values))
    return averages


def macro_average_precision(truth: np.ndarray, probabilities: np.ndarray) -> float | None:
    """Mean average precision of the criteria that have a positive; (examples, criteria) both."""
    columns = [(column != UNKNOWN, column, index) for index, column in enumerate(truth.T) if (column == 1).any()]
    values = [average_precision(column[known], probabilities[known, index]) for known, column, index in columns]
    return sum(values) / len(values) if values else None


def accuracy(truth: np.ndarray, predicted: np.ndarray) -> float | None:
    """The share of examples whose one class is predicted, among those whose class is known; (examples, classes) both."""
    known = (truth == 1).any(axis=1)
    return float(((truth == 1) & (predicted == 1))[known].any(axis=1).mean()) if known.any() else None


def confusion(truth: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """(classes, classes) counts of examples: the row is the true class, the column the predicted one; (examples, classes) both.

    Examples whose class nobody knows are left out.
    """
    return np.asarray((truth == 1).astype(int).T @ (predicted == 1).astype(int))
