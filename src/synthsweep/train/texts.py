"""The texts that a classifier is trained on, or chooses its best point with."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Texts:
    """Texts with their labels: `truth` is (texts, criteria), 0 or 1, or UNKNOWN where nobody decided.

    `weights` (texts,) are the weights of texts in the loss, None for 1 each; `synthetic` (texts,) says which an LLM wrote, None
    for none.
    """

    texts: Sequence[str]
    truth: np.ndarray
    weights: np.ndarray | None = None
    synthetic: np.ndarray | None = None

    @property
    def kinds(self) -> list[bool]:
        """Per text, whether an LLM wrote it."""
        return [False] * len(self.texts) if self.synthetic is None else self.synthetic.tolist()
