"""What every saved classifier offers, whatever it is made of."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np

from synthsweep.train.probabilities import probabilities_of
from synthsweep.train.saved.card import SavedCard


class SavedClassifier(ABC):
    """A classifier ready to predict; several threads may not share it."""

    card: SavedCard

    @abstractmethod
    def logits(self, texts: Sequence[str]) -> np.ndarray:
        """(texts, labels), float64, in the order of the texts; nothing of them is kept."""

    def probabilities(self, texts: Sequence[str], *, calibrated: bool = False) -> np.ndarray:
        """(texts, labels) in [0, 1], float64; `calibrated` divides logits by the temperature of dev.

        Raises:
            ModelError: calibrated ones are wanted of a classifier without a temperature.
        """
        return probabilities_of(self.logits(texts) / self.card.divisor(calibrated=calibrated), self.card.kind)
