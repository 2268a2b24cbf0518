"""The protocol of a sentence encoder, which turns texts into vectors."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np


class Embedder(Protocol):
    """A sentence-transformers model behind a cache, or a small stand-in for it in tests."""

    @property
    def name(self) -> str:
        """The name of the model in the cache and in the tags of a run."""

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """(texts, dimensions) float32; each row has length 1, so that the product of two rows is their cosine.

        Raises:
            ModelError: the model is not on this machine.
        """
