"""From logits to probabilities, in float64, so that every metric can be computed again from stored ones; pure."""

import numpy as np


def probabilities_of(logits: np.ndarray, kind: str) -> np.ndarray:
    """(texts, criteria) in [0, 1]; each row sums to 1 where a text carries exactly one label (`kind` is single)."""
    if kind == "single":
        from scipy.special import softmax

        return np.asarray(softmax(logits.astype(np.float64), axis=1))
    return sigmoid(logits)


def sigmoid(logits: np.ndarray) -> np.ndarray:
    """Logits to probabilities, each by itself."""
    with np.errstate(over="ignore"):
        return np.asarray(1 / (1 + np.exp(-logits)))
