"""Writes a trained classifier as a folder that loads to the same predictions everywhere."""

import shutil
from pathlib import Path
from typing import Any, cast

import torch

from synthsweep.train.encoder.model import Classifier, Loaded
from synthsweep.train.encoder.reader import quiet
from synthsweep.train.saved import pooled_encoder
from synthsweep.train.saved.card import SavedCard, write_card
from synthsweep.train.saved.pooled_encoder import PooledEncoderConfig, PooledEncoderForSequenceClassification


def save_classifier(loaded: Loaded, card: SavedCard, folder: Path) -> None:
    """Writes weights (safetensors), tokenizer and card.

    With the encoder's own pooling, it is a checkpoint of its architecture. With another, it is one of a class of ours, whose
    code lies in the folder. The tokenizer cuts where training did, and the configuration names labels and thresholds.
    """
    classifier = loaded.classifier
    network = classifier.network if classifier.head is None else _pooled_network(classifier)
    network.config.update({"thresholds": dict(card.thresholds), "problem_type": f"{card.kind}_label_classification"})
    folder.mkdir(parents=True, exist_ok=True)
    with quiet(str(folder)):
        network.save_pretrained(folder)
    if classifier.head is not None:
        shutil.copyfile(str(pooled_encoder.__file__), folder / Path(str(pooled_encoder.__file__)).name)
    before = loaded.tokenizer.model_max_length
    loaded.tokenizer.model_max_length = card.max_length
    try:
        loaded.tokenizer.save_pretrained(folder)
    finally:
        # A cache may hold it for the next run, whose limit is another.
        loaded.tokenizer.model_max_length = before
    write_card(card, folder)


def _pooled_network(classifier: Classifier) -> Any:
    """The classifier as a model of transformers, sharing its weights."""
    sizes, head = classifier.network.config, cast(Any, classifier.head)
    config = PooledEncoderConfig(
        encoder=sizes.to_diff_dict() | {"model_type": sizes.model_type},
        pooling=classifier.pooling,
        head_dropout=head[0].p,
        id2label=sizes.id2label,
        label2id=sizes.label2id,
    )
    module = Path(str(pooled_encoder.__file__)).stem
    config.auto_map = {
        "AutoConfig": f"{module}.{PooledEncoderConfig.__name__}",
        "AutoModelForSequenceClassification": f"{module}.{PooledEncoderForSequenceClassification.__name__}",
    }
    with torch.device("meta"):
        network = PooledEncoderForSequenceClassification(config)
    network.network, network.head = classifier.network, head
    return network
