"""How long a run trains, and when it is evaluated on dev; pure."""

import math
from dataclasses import dataclass

from synthsweep.config.keys.training import TrainingConfig

# Pairs of texts per step of SetFit.
PAIRS_PER_STEP = 16


@dataclass(frozen=True)
class Schedule:
    """Steps in all and per evaluation on dev; `patience` evaluations without a better one end training, 0 never does."""

    steps: int
    steps_per_evaluation: int
    patience: int


def plan_schedule(config: TrainingConfig, *, count: int, baseline: int) -> Schedule:
    """The schedule for `count` training texts; with match_steps, that of the `baseline` real ones."""
    texts = baseline if config.match_steps else count
    per_epoch = math.ceil(texts / config.batch_size)
    return Schedule(per_epoch * config.epochs, per_epoch, 0 if config.match_steps else config.patience)


def pair_steps(texts: int, pairs: int) -> int:
    """The steps of SetFit, which takes so many pairs per text."""
    return math.ceil(texts * pairs / PAIRS_PER_STEP)
