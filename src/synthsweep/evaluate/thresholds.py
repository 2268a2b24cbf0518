"""From probabilities to decisions: a threshold per criterion, chosen on dev alone."""

import numpy as np
from sklearn.metrics import precision_recall_curve

# The threshold of a criterion without a positive on dev.
UNTUNED = 0.5


def best_f1_threshold(truth: np.ndarray, probabilities: np.ndarray) -> float | None:
    """The threshold with the best F1 for one criterion, (examples,) both; None without a positive.

    An example is predicted positive at or above the threshold, which lies midway to the next lower probability, so that it
    generalises to texts other than those it was tuned on.
    """
    if not truth.any():
        return None
    precision, recall, thresholds = precision_recall_curve(truth, probabilities)
    total = precision[:-1] + recall[:-1]
    f1 = np.divide(2 * precision[:-1] * recall[:-1], total, out=np.zeros_like(total), where=total > 0)
    best = float(thresholds[int(np.argmax(f1))])
    below = probabilities[probabilities < best]
    if not below.size:
        return best
    next_lower = float(below.max())
    middle = (best + next_lower) / 2
    # The middle of two neighbouring floats rounds to one of them.
    return middle if middle > next_lower else best


def choose_thresholds(policy: str | float, truth: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """(criteria,) thresholds from dev, (examples, criteria) both: tuned for `dev_f1`, else the number itself."""
    if policy != "dev_f1":
        return np.full(truth.shape[1], float(policy))
    tuned = (best_f1_threshold(truth[:, index], probabilities[:, index]) for index in range(truth.shape[1]))
    return np.array([UNTUNED if value is None else value for value in tuned])
