"""What a study would take: how much of it is finished, and hours from what runs of the same encoder took."""

import statistics
from collections.abc import Iterable
from dataclasses import dataclass

from synthsweep.config.schema import ModelConfig, RunConfig
from synthsweep.run.cache import Reuse
from synthsweep.run.prepare import Material, prepare
from synthsweep.study.run_key import run_key
from synthsweep.track.writer import Tracker
from synthsweep.train.schedule import plan_schedule


@dataclass(frozen=True)
class Forecast:
    """`steps` are those that are left, at most; `seconds` on one worker, None where no run was ever measured."""

    finished: int
    left: int
    steps: int
    seconds: float | None
    measured_on: int


def forecast(configs: Iterable[RunConfig], tracker: Tracker | None) -> Forecast:
    """Reads the texts of every run of the study, and asks the tracker which of them it has; trains nothing.

    `tracker` is None where there is no store yet.

    Raises:
        InputError: a run could not be made, from data or pool.
    """
    reuse, finished, left, steps, model = Reuse(), 0, 0, 0, ModelConfig()
    for config in configs:
        material = prepare(config, reuse=reuse)
        if tracker is not None and not config.force and tracker.find(run_key(config, material)):
            finished += 1
            continue
        left, model = left + 1, config.model
        steps += planned_steps(config, material)
    measured = tracker.step_seconds(model) if tracker is not None and left else []
    seconds = steps * statistics.median(measured) if measured else None
    return Forecast(finished, left, steps, seconds, len(measured))


def planned_steps(config: RunConfig, material: Material) -> int:
    """Optimiser steps of a run if it stops at no earlier epoch."""
    return plan_schedule(config.training, count=len(material.mix.examples), baseline=material.mix.baseline).steps
