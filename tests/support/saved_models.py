"""Classifiers written to a folder, with a card of few words."""

from pathlib import Path
from typing import Any

from support.tiny_model import LABELS
from synthsweep.train.encoder.model import Loaded
from synthsweep.train.saved.card import SavedCard
from synthsweep.train.saved.encoder import SavedEncoder
from synthsweep.train.saved.load import open_saved
from synthsweep.train.saved.save import save_classifier


def save(loaded: Loaded, folder: Path, **keys: Any) -> Path:
    """Writes a classifier; `keys` replace those of its card."""
    usual = {"name": "tiny", "labels": LABELS, "kind": "multi", "thresholds": {"A": 0.5, "B": 0.25}, "max_length": 32}
    save_classifier(loaded, SavedCard(**{**usual, "pooling": loaded.classifier.pooling, **keys}), folder)
    return folder


def save_and_open(loaded: Loaded, folder: Path, **keys: Any) -> SavedEncoder:
    """The same, opened again on the CPU."""
    opened = open_saved(save(loaded, folder, **keys), device="cpu", threads=1)
    assert isinstance(opened, SavedEncoder)
    return opened
