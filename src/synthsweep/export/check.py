"""Whether a saved classifier is whole: it loads, and gives numbers."""

from pathlib import Path

import numpy as np

from synthsweep.errors import ModelError
from synthsweep.train.saved.card import TRAIN_AGAIN
from synthsweep.train.saved.classifier import SavedClassifier
from synthsweep.train.saved.load import open_saved

# Texts of nobody: short, long, of other letters, and empty but for a space.
TEXTS = (
    "An invented sentence that stands for the texts to classify.",
    "One two three. " * 400,
    "Ein Satz, den sich jemand ausgedacht hat; 一个虚构的句子。",
    " ",
)


def require_sound(folder: Path) -> SavedClassifier:
    """The classifier of a folder, on the CPU.

    Raises:
        ModelError: it cannot be loaded, or gives something else than numbers.
    """
    saved = open_saved(folder, device="cpu")
    if not np.isfinite(saved.logits(TEXTS)).all():
        raise ModelError(f"{folder}: the classifier gives something else than numbers for a text; {TRAIN_AGAIN}")
    return saved
