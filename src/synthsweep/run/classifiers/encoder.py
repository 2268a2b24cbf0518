"""A BERT encoder that is fine-tuned."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from synthsweep.config.keys.run import RunConfig
from synthsweep.progress import Stage
from synthsweep.run.cache import ProcessCache
from synthsweep.run.classifiers.opened import dev_texts, training_texts
from synthsweep.run.collaborators import Collaborators
from synthsweep.run.lengths import lengths_of
from synthsweep.run.prepare import TrainingData
from synthsweep.train.lengths import TextLengths

if TYPE_CHECKING:
    from synthsweep.train.curve import CurvePoint
    from synthsweep.train.encoder.model import Loaded
    from synthsweep.train.fit import Fitted
    from synthsweep.train.texts import Texts

# Below the folder of the tracking store.
CHECKPOINTS = "checkpoints"


@dataclass(frozen=True)
class OpenedEncoder:
    """Its weights are read, and its texts have become tokens."""

    config: RunConfig
    prepared: TrainingData
    collaborators: Collaborators
    loaded: "Loaded"
    lengths: TextLengths

    @property
    def counts(self) -> Mapping[str, float]:
        return self.lengths.metrics()

    def fit(self, record_point: "Callable[[CurvePoint], None]", *, epochs: int | None = None) -> "Fitted":
        from synthsweep.evaluate.metrics import macro_average_precision
        from synthsweep.train.fit import TextOrder, fit
        from synthsweep.train.hooks import TrainingHooks

        config, prepared, collaborators = self.config, self.prepared, self.collaborators

        def on_evaluation(point: "CurvePoint") -> None:
            record_point(point)
            collaborators.on_evaluation(point)

        dev = dev_texts(prepared)
        watched = self._watched(dev)
        fitted = fit(
            self.loaded,
            training_texts(config, prepared),
            watched,
            config.training,
            TextOrder(prepared.mix.baseline, config.seeds.order, config.mix.curriculum),
            score=partial(macro_average_precision, watched.truth),
            kind=prepared.corpus.labels.kind,
            hooks=TrainingHooks(collaborators.progress, on_evaluation, collaborators.should_stop),
            cache=collaborators.cache.training if collaborators.cache else None,
            epochs=epochs,
            checkpoints=Path(config.tracking.folder) / CHECKPOINTS if config.training.checkpoint else None,
        )
        return fitted if epochs is not None or watched is dev else fitted.scored_on(dev.texts)

    def _watched(self, dev: "Texts") -> "Texts":
        """The texts of dev that choose the epoch and prune: all, or those that training.dev_texts asks for."""
        count = self.config.training.dev_texts
        if not 0 < count < len(dev.texts):
            return dev
        said = f"training.dev_texts={count}: epochs are chosen by {count} of the {len(dev.texts)} texts of dev"
        self.collaborators.progress(Stage(f"{said}; all of them give the scores and thresholds of the run"))
        return dev.sample(count, self.config.seeds.subset)


def open_encoder(config: RunConfig, prepared: TrainingData, collaborators: Collaborators) -> OpenedEncoder:
    """Also says what is cut off of its texts, before it is.

    Raises:
        ModelError: the encoder is not here, or does not read training.max_length tokens.
    """
    cache = collaborators.cache or ProcessCache()
    loaded = _load(config, prepared, cache)
    parts = {**prepared.corpus.split.parts, "train": prepared.mix.examples}
    lengths = lengths_of(parts, config.training, loaded.reader, cache.training)
    # A study says it once.
    if (sentence := lengths.sentence()) and config.sweep.trial is None:
        collaborators.progress(Stage(sentence))
    return OpenedEncoder(config, prepared, collaborators, loaded, lengths)


def _load(config: RunConfig, prepared: TrainingData, cache: ProcessCache) -> "Loaded":
    # torch and transformers take seconds to import, so only when they are certainly needed.
    from synthsweep.train.device import choose_device
    from synthsweep.train.encoder.model import load

    training, labels = config.training, prepared.corpus.labels
    choose_device(training.device)
    return load(
        config.model,
        labels.ids,
        dropout=training.dropout,
        max_length=training.max_length,
        seed=config.seeds.init,
        kind=labels.kind,
        cache=cache.training,
    )
