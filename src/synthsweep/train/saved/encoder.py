"""Opens a saved encoder, whatever its pooling."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import AutoConfig, AutoModelForSequenceClassification, AutoTokenizer

from synthsweep.config.keys.training import TrainingConfig
from synthsweep.errors import ModelError
from synthsweep.messages import listing
from synthsweep.train.cache import TrainingCache
from synthsweep.train.device import choose_device
from synthsweep.train.encoder.forward import FullForward
from synthsweep.train.encoder.model import Classifier, Loaded
from synthsweep.train.encoder.reader import as_model_error, quiet
from synthsweep.train.encoder.tokens import encode
from synthsweep.train.encoder.windows import windows_of
from synthsweep.train.predictor import Predictor
from synthsweep.train.saved.card import FIRST_FORMAT, TRAIN_AGAIN, SavedCard
from synthsweep.train.saved.classifier import SavedClassifier
from synthsweep.train.saved.pooled_encoder import PooledEncoderConfig, PooledEncoderForSequenceClassification
from synthsweep.train.threads import torch_threads

# The file of a head in the first format.
HEAD_FILE = "head.pt"
NATIVE = "native"
# AutoTokenizer reads config.json as well: of a type that it does not know, it would ask on the terminal whether to trust it.
AutoConfig.register(PooledEncoderConfig.model_type, PooledEncoderConfig, exist_ok=True)


@dataclass(frozen=True)
class SavedEncoder(SavedClassifier):
    """`loaded` is the network with its tokenizer."""

    card: SavedCard
    loaded: Loaded
    _predictor: Predictor

    def logits(self, texts: Sequence[str]) -> np.ndarray:
        if not len(texts):
            return np.zeros((0, len(self.card.labels)))
        config = self._predictor.config
        encoded = encode(texts, self.loaded.tokenizer, config.read_limit)
        with torch_threads(config.threads):
            return self._predictor.logits(encoded)


def open_encoder(card: SavedCard, folder: Path, *, device: str, threads: int, batch_size: int) -> SavedEncoder:
    """Loads a folder that `save_classifier` wrote, also one of the first format.

    Raises:
        ModelError: the weights or the tokenizer are missing or broken.
    """
    with as_model_error(str(folder), TRAIN_AGAIN), quiet(str(folder)):
        classifier = _first_classifier(card, folder) if card.format == FIRST_FORMAT else _classifier(card, folder)
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    loaded = Loaded(classifier.eval(), tokenizer)
    config = TrainingConfig(
        max_length=card.max_length, windows=card.windows, device=device, threads=threads, eval_batch_size=batch_size,
        precision="fp32",
    )  # fmt: skip
    place = choose_device(device)
    classifier.to(place)
    windows = None if config.read_limit else windows_of(tokenizer, config.max_length)
    return SavedEncoder(card, loaded, Predictor(loaded, config, TrainingCache(), place, FullForward(loaded, place), windows))


def _classifier(card: SavedCard, folder: Path) -> Classifier:
    if card.pooling == NATIVE:
        return Classifier(_whole(AutoModelForSequenceClassification, folder), pooling=NATIVE, frozen_layers=0)
    # Our own class, not the copy in the folder: no code of a folder runs here.
    saved = _whole(PooledEncoderForSequenceClassification, folder)
    classifier = Classifier(saved.network, pooling=card.pooling, frozen_layers=0)
    classifier.head = saved.head
    return classifier


def _first_classifier(card: SavedCard, folder: Path) -> Classifier:
    network = _whole(AutoModelForSequenceClassification, folder)
    classifier = Classifier(network, pooling=card.pooling, frozen_layers=0)
    if classifier.head is not None:
        if not (folder / HEAD_FILE).is_file():
            raise ModelError(f"{folder}: {HEAD_FILE} with its head is missing; {TRAIN_AGAIN}")
        classifier.head.load_state_dict(torch.load(folder / HEAD_FILE, weights_only=True, map_location="cpu"))
    return classifier


def _whole(kind: Any, folder: Path) -> Any:
    """The network, every weight of which is in the folder."""
    network, info = kind.from_pretrained(folder, output_loading_info=True, local_files_only=True)
    absent = sorted({*info["missing_keys"], *(name for name, *_ in info["mismatched_keys"])})
    if absent:
        raise ModelError(f"{folder}: weights are missing ({listing(absent[:3])}); {TRAIN_AGAIN}")
    return network
