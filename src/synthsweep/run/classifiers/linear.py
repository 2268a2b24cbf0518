"""Logistic regression on TF-IDF, or on frozen sentence embeddings."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from synthsweep.config.keys.run import RunConfig
from synthsweep.config.keys.training import TFIDF
from synthsweep.errors import DataError
from synthsweep.messages import listing
from synthsweep.run.characterize import open_embedder
from synthsweep.run.classifiers.opened import dev_texts, training_texts
from synthsweep.run.prepare import TrainingData

if TYPE_CHECKING:
    from synthsweep.train.curve import CurvePoint
    from synthsweep.train.linear.classifier import FittedLinear
    from synthsweep.train.linear.features import Features

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class OpenedLinear:
    """Its features are there: words of the training texts, or an encoder that stays as it is."""

    config: RunConfig
    prepared: TrainingData
    features: "Features"
    counts: Mapping[str, float] = field(default_factory=dict)

    def fit(self, record_point: "Callable[[CurvePoint], None]", *, epochs: int | None = None) -> "FittedLinear":
        from synthsweep.train.linear.classifier import fit_linear

        labels = self.prepared.corpus.labels
        train, dev = training_texts(self.config, self.prepared), dev_texts(self.prepared).texts
        penalty = self.config.model.inverse_penalty
        fitted = fit_linear(self.features, train, dev, labels.kind, inverse_penalty=penalty)
        if unlearnt := [labels.ids[column] for column in fitted.regressions.unlearnt]:
            log.warning(
                "model=%s: all decided training texts have %s, or none has: every text gets the same probability of it",
                self.config.model.name, listing(unlearnt, 20),
            )  # fmt: skip
        return fitted


def open_linear(config: RunConfig, prepared: TrainingData) -> OpenedLinear:
    """Reads the words of the training texts, or the sentence encoder, which must be on this machine or on the hub.

    Raises:
        DataError: no training text contains a word.
        ModelError: the sentence encoder is not here.
    """
    if config.model.kind != TFIDF:
        from synthsweep.train.linear.features import SentenceFeatures

        embedder = open_embedder(config, key="model.name_or_path", name=config.model.name_or_path)
        return OpenedLinear(config, prepared, SentenceFeatures(embedder.embed, embedder.model))
    from synthsweep.train.linear.tfidf import fit_tfidf

    found = fit_tfidf([example.text for example in prepared.mix.examples])
    if found is None:
        raise DataError(f"model={config.model.name} needs words of at least two letters, and no training text has one")
    return OpenedLinear(config, prepared, found)
