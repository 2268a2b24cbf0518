"""A sentence encoder of hashed words: texts with the same words are near, without any model."""

import hashlib
import re
from collections.abc import Sequence

import numpy as np


class ToyEmbedder:
    """An Embedder of 64 dimensions; case and punctuation do not matter."""

    name = "toy"

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        rows = np.full((len(texts), 64), 1e-3)
        for row, text in zip(rows, texts, strict=True):
            for word in re.findall(r"\w+", text.casefold()):
                row[int(hashlib.sha256(word.encode()).hexdigest(), 16) % 64] += 1
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
