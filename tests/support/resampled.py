"""The effects of a block for any weights of its texts: the reference of the closed form."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from synthsweep.compare.stats.scores.differences import weighted_sums
from synthsweep.compare.stats.scores.estimands import Estimands
from synthsweep.compare.stats.scores.kernel import Scorer, base_counts, scorer, with_macro


@dataclass(frozen=True)
class Differences:
    """The differences of one block, for any weights of its texts.

    `base` is `base_counts` of its test set; `contrasts` is (contrasts, cells), the weight of each cell.
    """

    scorers: Sequence[Scorer]
    base: np.ndarray
    contrasts: np.ndarray

    def __call__(self, weights: np.ndarray) -> np.ndarray:
        """(groups, draws) weights of the texts to (contrasts, metrics, criteria and macro and micro, draws)."""
        base = self.base.astype(weights.dtype, copy=False) @ weights
        scores = np.stack([scorer.scores(base, weights) for scorer in self.scorers])
        return with_macro(weighted_sums(self.contrasts, scores), axis=-2)

    def row(self, weights: np.ndarray) -> np.ndarray:
        """(effects, draws)."""
        return self(weights).reshape(-1, weights.shape[1])


def differences_of(row: Estimands, number: int) -> Differences:
    """The effects of one block."""
    test, outputs = row.grid.tests[number], [cell.outputs[number] for cell in row.grid.cells]
    return Differences([scorer(output, test) for output in outputs], base_counts(test), row.weights)
