"""How a training run went: its evaluations on dev."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from synthsweep.progress import Event

# What rates dev probabilities (texts, criteria): higher is better, None where it is undefined.
Score = Callable[[np.ndarray], float | None]


@dataclass(frozen=True)
class CurvePoint:
    """One evaluation on dev; `score` is None where no criterion is defined there."""

    step: int
    epoch: float
    train_loss: float
    dev_loss: float
    score: float | None
    learning_rate: float


@dataclass(frozen=True)
class Evaluated(Event):
    """The classifier was evaluated on dev; `total` is how many steps training takes at most."""

    point: CurvePoint
    total: int
