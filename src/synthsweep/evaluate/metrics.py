"""Metrics per criterion and their averages. An undefined metric is None and counted; it is never 0.

Precision is undefined if nothing is predicted positive; recall, F1 and average precision without a positive; ROC AUC without
both classes. `macro` and `weighted` average the criteria that are defined; `micro` pools all decisions.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from sklearn.metrics import average_precision_score, precision_recall_fscore_support, roc_auc_score

from synthsweep.config.metrics import AVERAGED
from synthsweep.evaluate.calibration import expected_calibration_error
from synthsweep.evaluate.predictions import Predictions

Scores = dict[str, float | None]


def evaluate(predictions: Predictions, thresholds: np.ndarray, *, bins: int) -> Scores:
    """`METRIC/CRITERION` for every criterion, macro, micro and weighted; `METRIC/undefined` counts the criteria without it.

    `thresholds`: (criteria,); a probability at or above its threshold is a predicted positive.
    """
    truth, probabilities = predictions.truth, predictions.probabilities
    predicted = (probabilities >= thresholds).astype(int)
    by_label = {
        label: _scores(truth[:, index], probabilities[:, index], predicted[:, index], bins)
        | {"threshold": float(thresholds[index])}
        for index, label in enumerate(predictions.label_ids)
    }
    micro = _scores(truth.ravel(), probabilities.ravel(), predicted.ravel(), bins)
    table = {**by_label, "micro": micro, **_averages(list(by_label.values()))}
    return {f"{metric}/{criterion}": value for criterion, scores in table.items() for metric, value in scores.items()}


def _scores(truth: np.ndarray, probabilities: np.ndarray, predicted: np.ndarray, bins: int) -> Scores:
    positives = int(truth.sum())
    precision, recall, f1, _ = precision_recall_fscore_support(truth, predicted, average="binary", zero_division=0.0)
    return {
        "precision": float(precision) if predicted.any() else None,
        "recall": float(recall) if positives else None,
        "f1": float(f1) if positives else None,
        "average_precision": float(average_precision_score(truth, probabilities)) if positives else None,
        "roc_auc": float(roc_auc_score(truth, probabilities)) if 0 < positives < len(truth) else None,
        "brier": float(np.mean((probabilities - truth) ** 2)),
        "ece": expected_calibration_error(truth, probabilities, bins),
        "support": float(positives),
        "predicted_positives": float(predicted.sum()),
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
    defined = [index for index in range(truth.shape[1]) if truth[:, index].any()]
    values = [float(average_precision_score(truth[:, index], probabilities[:, index])) for index in defined]
    return sum(values) / len(values) if values else None
