"""A linear classifier that is trained: features of texts, and logistic regression on them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from synthsweep.train.curve import CurvePoint
from synthsweep.train.linear.features import Features
from synthsweep.train.linear.regression import Regressions, fit_regressions
from synthsweep.train.texts import Texts


@dataclass(frozen=True)
class FittedLinear:
    """The regression takes no steps, so there is no curve; `counts` says how many features it has."""

    features: Features
    regressions: Regressions
    dev_probabilities: np.ndarray
    counts: dict[str, float]
    curve: tuple[CurvePoint, ...] = ()
    dev_s: float = 0.0
    earlier_s: float = 0.0

    def forget(self) -> None:
        """Nothing is kept of its training."""

    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        """(texts, criteria) in [0, 1], float64."""
        return self.regressions.probabilities(self.features.rows(texts))


def fit_linear(
    features: Features, train: Texts, dev: Sequence[str], kind: str, *, inverse_penalty: float = 1.0
) -> FittedLinear:
    """Fits to the training texts and their weights; dev, which may be empty, is only predicted. `kind` is the label set's."""
    rows = features.rows(train.texts)
    found = fit_regressions(rows, train.truth, kind, weights=train.weights, inverse_penalty=inverse_penalty)
    counts = {"train/steps": 0.0, "train/features": float(rows.shape[1])}
    of_dev = found.probabilities(features.rows(dev)) if len(dev) else np.empty((0, train.truth.shape[1]))
    return FittedLinear(features, found, of_dev, counts)
