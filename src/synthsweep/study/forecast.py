"""A forecast of a study: how much is finished, and how long the rest takes, from earlier runs of the same encoder."""

import statistics
from collections.abc import Iterable
from dataclasses import dataclass

from synthsweep.config.keys.run import RunConfig
from synthsweep.config.keys.training import ModelConfig
from synthsweep.run.cache import ProcessCache
from synthsweep.run.collaborators import Collaborators
from synthsweep.run.prepare import TrainingData, prepare
from synthsweep.study.run_key import run_key
from synthsweep.track.reader import FinishedRuns
from synthsweep.train.schedule import plan_schedule


@dataclass(frozen=True)
class StudyForecast:
    """`steps` is the most that is left to train; `seconds` are for one worker, None where no run was measured yet."""

    finished: int
    left: int
    steps: int
    seconds: float | None
    measured_on: int


def forecast(configs: Iterable[RunConfig], finished_runs: FinishedRuns | None) -> StudyForecast:
    """Reads the texts of every run of the study, and checks which runs are finished; trains nothing.

    `finished_runs` is None where there is no store yet.

    Raises:
        InputError: the data or the pool of a run cannot be read.
    """
    collaborators, finished, left, steps, model = Collaborators(cache=ProcessCache()), 0, 0, 0, ModelConfig()
    for config in configs:
        prepared = prepare(config, collaborators)
        if finished_runs is not None and not config.force and finished_runs.find_finished(run_key(config, prepared)):
            finished += 1
            continue
        left, model = left + 1, config.model
        steps += planned_steps(config, prepared)
    measured = finished_runs.step_seconds(model) if finished_runs is not None and left else []
    seconds = steps * statistics.median(measured) if measured else None
    return StudyForecast(finished, left, steps, seconds, len(measured))


def planned_steps(config: RunConfig, prepared: TrainingData) -> int:
    """Optimiser steps of a run that does not stop early."""
    return plan_schedule(config.training, count=len(prepared.mix.examples), baseline=prepared.mix.baseline).steps
