"""How long a run trains, and when it looks at dev; pure."""

import math
from dataclasses import dataclass

from synthsweep.config.schema import TrainingConfig


@dataclass(frozen=True)
class Schedule:
    """How many steps are taken, and after how many of them dev is looked at."""

    steps: int
    steps_an_evaluation: int
    patience: int


def plan_schedule(config: TrainingConfig, *, count: int, baseline: int) -> Schedule:
    """The schedule for `count` training texts; with match_steps, that of the `baseline` real ones."""
    texts = baseline if config.match_steps else count
    an_epoch = math.ceil(texts / config.batch_size)
    return Schedule(an_epoch * config.epochs, an_epoch, 0 if config.match_steps else config.patience)
