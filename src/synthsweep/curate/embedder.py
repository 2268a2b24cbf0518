"""The seam to a sentence encoder: whoever compares meanings gets vectors through it."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np


class Embedder(Protocol):
    """Turns texts into vectors: a sentence-transformers model behind a cache, or a small one of a test."""

    @property
    def name(self) -> str:
        """The model as the cache and the run's tags name it."""

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """(texts, dimensions) float32; each row has length 1, so that a product of two rows is their cosine.

        Raises:
            ModelError: the model is not here.
        """
