"""The trained regressions as one matrix: what is kept of them, and needs no scikit-learn."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

REGRESSION_FILE = "regression.npz"


@dataclass(frozen=True)
class LinearHead:
    """`weights` are (labels, features), `bias` is (labels,)."""

    weights: np.ndarray
    bias: np.ndarray

    def logits(self, rows: Any) -> np.ndarray:
        """(texts, features), dense or sparse, to (texts, labels), float64."""
        found: np.ndarray = np.add(rows @ self.weights.T, self.bias, dtype=np.float64)
        return found

    def write(self, folder: Path) -> None:
        """Writes arrays, and nothing that would be executed when it is read."""
        np.savez_compressed(folder / REGRESSION_FILE, weights=self.weights, bias=self.bias)


def read_head(folder: Path) -> LinearHead:
    """What `LinearHead.write` wrote."""
    with np.load(folder / REGRESSION_FILE, allow_pickle=False) as found:
        return LinearHead(found["weights"], found["bias"])
