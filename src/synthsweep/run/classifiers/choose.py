"""Which classifier a configuration means."""

import logging

from synthsweep.config.keys.run import RunConfig
from synthsweep.config.keys.training import ENCODER, LLM, SETFIT, ModelConfig
from synthsweep.run.classifiers.linear import open_linear
from synthsweep.run.classifiers.opened import OpenedClassifier
from synthsweep.run.collaborators import Collaborators
from synthsweep.run.prepare import TrainingData

log = logging.getLogger(__name__)


def open_classifier(config: RunConfig, prepared: TrainingData, collaborators: Collaborators) -> OpenedClassifier:
    """The classifier of a configuration, ready to be trained on its mix.

    Raises:
        InputError: a model is not here, or does not fit the configuration or the texts.
    """
    if config.model.kind == ENCODER:
        from synthsweep.run.classifiers.encoder import open_encoder

        return open_encoder(config, prepared, collaborators)
    if config.training.checkpoint:
        log.warning("training.checkpoint=true: model=%s keeps none: a training that ends early begins anew", config.model.name)
    if config.model.kind == LLM:
        from synthsweep.run.classifiers.llm import open_llm

        return open_llm(config, prepared, collaborators)
    if config.model.kind == SETFIT:
        from synthsweep.run.classifiers.setfit import open_setfit

        return open_setfit(config, prepared, collaborators)
    return open_linear(config, prepared)


def described(model: ModelConfig) -> str:
    """The name of a classifier, and of the pretrained model that it reads."""
    return f"{model.name} ({model.name_or_path})" if model.pretrained else model.name
