"""What a study would take: how much of it is finished, and hours from what runs of the same encoder took."""

import statistics
from collections.abc import Iterable
from dataclasses import dataclass

from synthsweep.config.schema import ModelConfig, RunConfig
from synthsweep.run.cache import ProcessCache
from synthsweep.run.collaborators import Collaborators
from synthsweep.run.prepare import TrainingData, prepare
from synthsweep.study.run_key import run_key
from synthsweep.track.writer import Tracker
from synthsweep.train.schedule import plan_schedule


@dataclass(frozen=True)
class StudyForecast:
    """`steps` are those that are left, at most; `seconds` on one worker, None where no run was ever measured."""

    finished: int
    left: int
    steps: int
    seconds: float | None
    measured_on: int


def forecast(configs: Iterable[RunConfig], tracker: Tracker | None) -> StudyForecast:
    """Reads the texts of every run of the study, and asks the tracker which of them it has; trains nothing.

    `tracker` is None where there is no store yet.

    Raises:
        InputError: a run could not be made, from data or pool.
    """
    collaborators, finished, left, steps, model = Collaborators(cache=ProcessCache()), 0, 0, 0, ModelConfig()
    for config in configs:
        data = prepare(config, collaborators)
        if tracker is not None and not config.force and tracker.find(run_key(config, data)):
            finished += 1
            continue
        left, model = left + 1, config.model
        steps += planned_steps(config, data)
    measured = tracker.step_seconds(model) if tracker is not None and left else []
    seconds = steps * statistics.median(measured) if measured else None
    return StudyForecast(finished, left, steps, seconds, len(measured))


def planned_steps(config: RunConfig, data: TrainingData) -> int:
    """Optimiser steps of a run if it stops at no earlier epoch."""
    return plan_schedule(config.training, count=len(data.mix.examples), baseline=data.mix.baseline).steps
