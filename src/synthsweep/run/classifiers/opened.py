"""The protocol of a classifier whose model is here, and that nothing is trained of yet."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import numpy as np

from synthsweep.config.keys.run import RunConfig
from synthsweep.examples import Example, label_matrix
from synthsweep.run.prepare import TrainingData
from synthsweep.train.classifier import TrainedClassifier
from synthsweep.train.curve import CurvePoint
from synthsweep.train.texts import Texts


class OpenedClassifier(Protocol):
    """`counts` are metrics of the texts that are known before training, as their lengths in tokens."""

    @property
    def counts(self) -> Mapping[str, float]:
        """Metrics, by name."""

    def fit(self, record_point: Callable[[CurvePoint], None], *, epochs: int | None = None) -> TrainedClassifier:
        """Trains on the mix of the run; `record_point` receives each evaluation on dev.

        With `epochs`, an encoder does not look at dev: it takes so many, and keeps its last weights.

        Raises:
            TrainingError: training failed.
        """


def training_texts(config: RunConfig, prepared: TrainingData) -> Texts:
    """The texts of the mix. All real texts weigh 1 in the loss, including added ones."""
    examples, weight = prepared.mix.examples, config.mix.synthetic_weight
    synthetic = np.array([example.provenance.source == "synthetic" for example in examples], dtype=bool)
    # None spares training the multiplication.
    weights = None if weight == 1 else np.where(synthetic, weight, 1.0)
    return Texts(texts_of(examples), _truth(examples, prepared), weights, synthetic)


def dev_texts(prepared: TrainingData) -> Texts:
    """The texts of dev, each of weight 1."""
    dev = prepared.corpus.split.dev
    return Texts(texts_of(dev), _truth(dev, prepared))


def texts_of(examples: Sequence[Example]) -> list[str]:
    """The text of each example."""
    return [example.text for example in examples]


def _truth(examples: Sequence[Example], prepared: TrainingData) -> np.ndarray:
    return np.array(label_matrix(examples, prepared.corpus.labels.ids), dtype=np.int64)
