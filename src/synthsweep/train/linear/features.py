"""Features of texts: what a regression reads, and how they are kept with it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

ENCODER_FOLDER = "encoder"


class Features(Protocol):
    """Texts to rows of numbers that depend on nothing but the training texts."""

    def rows(self, texts: Sequence[str]) -> Any:
        """(texts, features), dense or sparse."""

    def write(self, folder: Path) -> None:
        """Writes what gives the same rows again."""


@dataclass(frozen=True)
class SentenceFeatures:
    """Sentence embeddings; `model` gives the sentence-transformers model that they are of."""

    embed: Callable[[Sequence[str]], np.ndarray]
    model: Callable[[], Any]

    def rows(self, texts: Sequence[str]) -> np.ndarray:
        """(texts, dimensions), rows of length 1."""
        return self.embed(texts)

    def write(self, folder: Path) -> None:
        """A folder that sentence-transformers loads."""
        from synthsweep.train.encoder.reader import quiet

        with quiet(str(folder)):
            self.model().save(str(folder / ENCODER_FOLDER), create_model_card=False)
