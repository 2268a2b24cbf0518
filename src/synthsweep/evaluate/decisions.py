"""From probabilities to decisions: above a threshold per criterion, or the most probable class; pure."""

import numpy as np


def decide(probabilities: np.ndarray, thresholds: np.ndarray, kind: str) -> np.ndarray:
    """(examples, criteria), True where a criterion is predicted; `kind` is that of the label set.

    For single, the most probable class alone, the first of equal ones; `thresholds` (criteria,) do not act.
    """
    if kind == "single":
        return np.asarray(np.arange(probabilities.shape[1]) == probabilities.argmax(axis=1)[:, None])
    return np.asarray(probabilities >= thresholds)
