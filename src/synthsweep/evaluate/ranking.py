"""How well scores rank texts: the precision-recall curve, average precision, and the area under the ROC curve.

The numbers of scikit-learn, which takes half a second to import and checks its arguments for longer than these take. `truth` is
0 or 1 and `scores` higher for what is thought positive, both (texts,) with at least one text.
"""

import numpy as np


def precision_recall(truth: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Precision and recall at each distinct score, from the lowest up, then (1, 0); there is a positive."""
    true, false = _positives(truth, scores)
    precision, recall = true / (true + false), true / true[-1]
    return np.append(precision[::-1], 1.0), np.append(recall[::-1], 0.0)


def average_precision(truth: np.ndarray, scores: np.ndarray) -> float:
    """The mean of precision over the steps of recall, without interpolation; there is a positive."""
    precision, recall = precision_recall(truth, scores)
    return float(max(0.0, -np.sum(np.diff(recall) * precision[:-1])))


def roc_auc(truth: np.ndarray, scores: np.ndarray) -> float:
    """The share of pairs of a positive and a negative text that are ranked rightly, ties as half; there are both."""
    true, false = _positives(truth, scores)
    if len(true) > 2:
        # Between corners the curve is straight: fewer terms are fewer roundings.
        corner = np.concatenate(([True], (np.diff(false, 2) != 0) | (np.diff(true, 2) != 0), [True]))
        true, false = true[corner], false[corner]
    rate, false_rate = (np.append(0.0, side / side[-1]) for side in (true, false))
    return float((np.diff(false_rate) * (rate[1:] + rate[:-1]) / 2).sum())


def _positives(truth: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """True and false positives where all texts of at least each distinct score are called positive, from the highest down.

    Raises:
        ValueError: a score is not a number.
    """
    if np.isnan(scores).any():
        raise ValueError("scores contain NaN")
    order = np.argsort(scores, kind="stable")[::-1]
    ranked = scores[order]
    last = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1)
    true = np.cumsum(truth[order], dtype=float)[last]
    return true, last + 1.0 - true
