"""The texts that a classifier is trained on, or chooses its best point with."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from synthsweep.stratify import number_of, stratified_order


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

    def sample(self, count: int, seed: int) -> "Texts":
        """At most so many, with nearly the shares of the whole of each set of labels; of one seed, more hold the fewer."""
        order = stratified_order([tuple(row) for row in self.truth.tolist()], random.Random(number_of(f"{seed} texts of dev")))
        places = sorted(order[:count])
        chosen = [None if values is None else values[places] for values in (self.weights, self.synthetic)]
        return Texts([self.texts[place] for place in places], self.truth[places], *chosen)

    @property
    def kinds(self) -> list[bool]:
        """Per text, whether an LLM wrote it."""
        return [False] * len(self.texts) if self.synthetic is None else self.synthetic.tolist()
