"""Classifiers that give every text the same logits, with the card of a saved one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from synthsweep.train.saved.card import SavedCard

CARD = SavedCard(
    name="tiny", labels=("A", "B"), kind="multi", thresholds={"A": 0.4, "B": 0.6}, max_length=16, windows="none", pooling="cls"
)


@dataclass
class Constant:
    """A classifier that gives every text the same logits."""

    logits: tuple[float, ...]
    card: SavedCard = CARD

    def probabilities(self, texts: Sequence[str], *, calibrated: bool = False) -> np.ndarray:
        return np.tile(expit(np.array(self.logits) / self.card.divisor(calibrated=calibrated)), (len(texts), 1))
