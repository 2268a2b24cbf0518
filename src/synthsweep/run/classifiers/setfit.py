"""Logistic regression on sentence embeddings that have learnt from pairs of the training texts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from synthsweep.config.keys.run import RunConfig
from synthsweep.run.classifiers.linear import OpenedLinear
from synthsweep.run.classifiers.opened import training_texts
from synthsweep.run.collaborators import Collaborators
from synthsweep.run.prepare import TrainingData

if TYPE_CHECKING:
    from synthsweep.train.curve import CurvePoint
    from synthsweep.train.linear.classifier import FittedLinear


@dataclass(frozen=True)
class OpenedSetfit:
    """`encoder` is a sentence-transformers model of its own, which training changes."""

    config: RunConfig
    prepared: TrainingData
    collaborators: Collaborators
    encoder: Any
    counts: Mapping[str, float] = field(default_factory=dict)

    def fit(self, record_point: "Callable[[CurvePoint], None]", *, epochs: int | None = None) -> "FittedLinear":
        from synthsweep.pretrained import vectors_of
        from synthsweep.train.linear.features import SentenceFeatures
        from synthsweep.train.linear.setfit import tune

        config, encoder = self.config, self.encoder
        steps = tune(
            encoder,
            training_texts(config, self.prepared),
            pairs=config.model.pairs,
            learning_rate=config.model.pair_learning_rate,
            seed=config.seeds.order,
            threads=config.training.threads,
            progress=self.collaborators.progress,
            should_stop=self.collaborators.should_stop,
        )
        features = SentenceFeatures(lambda texts: vectors_of(encoder, texts), lambda: encoder)
        fitted = OpenedLinear(config, self.prepared, features).fit(record_point)
        return replace(fitted, counts={**fitted.counts, "train/steps": float(steps)})


def open_setfit(config: RunConfig, prepared: TrainingData, collaborators: Collaborators) -> OpenedSetfit:
    """Reads the sentence encoder, which must be on this machine or on the hub.

    Raises:
        ConfigError: the extra is not installed.
        DataError: no pairs can be made of the training texts.
        ModelError: the sentence encoder is not here.
    """
    from synthsweep.curate.characteristics.sentence_embedder import load_sentence_model
    from synthsweep.train.linear.setfit import require_pairs, require_setfit

    require_setfit(config.model.name)
    require_pairs(training_texts(config, prepared).truth, config.model.name)
    encoder = load_sentence_model(config.model.name_or_path, "model.name_or_path")
    return OpenedSetfit(config, prepared, collaborators, encoder)
