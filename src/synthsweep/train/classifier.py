"""The protocol of a trained classifier, whatever it is made of."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np

from synthsweep.train.curve import CurvePoint


class TrainedClassifier(Protocol):
    """What a run evaluates and records: an encoder, a logistic regression, or an LLM that is asked."""

    @property
    def curve(self) -> tuple[CurvePoint, ...]:
        """The evaluations on dev, empty where nothing is trained step by step."""

    @property
    def dev_probabilities(self) -> np.ndarray:
        """(dev texts, criteria) in [0, 1]."""

    @property
    def dev_s(self) -> float:
        """Seconds that evaluations on dev took within training."""

    @property
    def earlier_s(self) -> float:
        """Seconds of the same training in an earlier process, from whose checkpoint it went on."""

    @property
    def counts(self) -> Mapping[str, float]:
        """What training took, by the names of metrics."""

    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        """(texts, criteria) in [0, 1], float64."""

    def forget(self) -> None:
        """Deletes what training has kept for the case that it ends early; called once the run is recorded."""
