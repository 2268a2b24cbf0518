"""A regression on features of texts as a folder, and opened again: arrays, words or an encoder, and the card."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from synthsweep.config.keys.training import LINEAR, TFIDF
from synthsweep.errors import ModelError
from synthsweep.messages import first_line
from synthsweep.pages.numbers import counted
from synthsweep.pretrained import vectors_of
from synthsweep.train.linear.classifier import FittedLinear
from synthsweep.train.linear.features import ENCODER_FOLDER, Features, SentenceFeatures
from synthsweep.train.linear.head import LinearHead, read_head
from synthsweep.train.linear.tfidf import read_tfidf
from synthsweep.train.saved.card import TRAIN_AGAIN, SavedCard, write_card
from synthsweep.train.saved.classifier import SavedClassifier


@dataclass(frozen=True)
class SavedLinear(SavedClassifier):
    """It needs no scikit-learn to predict from embeddings, and no torch to predict from words."""

    card: SavedCard
    features: Features
    head: LinearHead

    def logits(self, texts: Sequence[str]) -> np.ndarray:
        if not len(texts):
            return np.zeros((0, len(self.card.labels)))
        return self.head.logits(self.features.rows(texts))


def save_linear(fitted: FittedLinear, card: SavedCard, folder: Path) -> None:
    """Writes regression, features and card."""
    folder.mkdir(parents=True, exist_ok=True)
    fitted.regressions.head(int(fitted.counts["train/features"])).write(folder)
    fitted.features.write(folder)
    write_card(card, folder)


def open_linear(card: SavedCard, folder: Path, *, device: str, threads: int, batch_size: int) -> SavedLinear:
    """Loads a folder that `save_linear` wrote.

    Raises:
        ModelError: a file is missing, broken or another classifier's, or the kind of classifier is not known to this version.
    """
    if card.classifier not in LINEAR:
        raise ModelError(
            f"{folder}: classifier must be one of {', '.join(LINEAR)}, got {card.classifier!r}: another version of synthsweep "
            f"wrote it; use that one, or {TRAIN_AGAIN}"
        )
    try:
        head = read_head(folder)
        words = card.classifier == TFIDF
        features = read_tfidf(folder) if words else _sentence_features(folder, device, threads, batch_size)
    except ModelError:
        raise
    except Exception as error:
        # numpy, zipfile, json and sentence-transformers each raise errors of their own.
        raise ModelError(f"{folder}: it cannot be loaded ({first_line(error)}); {TRAIN_AGAIN}") from error
    if len(head.bias) != len(card.labels):
        what = f"{counted(len(head.bias), 'regression')} for {counted(len(card.labels), 'label')}"
        raise ModelError(f"{folder}: its files are of two classifiers ({what}); {TRAIN_AGAIN}")
    if (width := features.rows([""]).shape[1]) != head.weights.shape[1]:
        what = f"{counted(width, 'feature')} for regressions on {head.weights.shape[1]:,}"
        raise ModelError(f"{folder}: its files are of two classifiers ({what}); {TRAIN_AGAIN}")
    return SavedLinear(card, features, head)


def _sentence_features(folder: Path, device: str, threads: int, batch_size: int) -> SentenceFeatures:
    from sentence_transformers import SentenceTransformer

    from synthsweep.train.device import choose_device
    from synthsweep.train.encoder.reader import quiet
    from synthsweep.train.threads import torch_threads

    place = folder / ENCODER_FOLDER
    if not place.is_dir():
        raise ModelError(f"{folder}: {ENCODER_FOLDER}/ is missing; {TRAIN_AGAIN}")
    with quiet(str(place)):
        model = SentenceTransformer(str(place), device=str(choose_device(device)), local_files_only=True)

    def embed(texts: Sequence[str]) -> np.ndarray:
        with torch_threads(threads):
            return vectors_of(model, texts, batch_size)

    return SentenceFeatures(embed, lambda: model)
