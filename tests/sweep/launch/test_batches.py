"""Any Hydra launcher as a worker pool."""

import os
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from hydra._internal.core_plugins.basic_launcher import BasicLauncher
from hydra.core.hydra_config import HydraConfig
from hydra.types import TaskFunction
from omegaconf import DictConfig

from synthsweep.errors import Interrupted
from synthsweep.progress import Event, Stage
from synthsweep.sweep.launch.batches import BatchWorkerPool, batch_size, launch_batch
from synthsweep.sweep.launch.choose import NoWorkers
from synthsweep.sweep.launch.hydra_job import Task
from synthsweep.workers.worker_pool import Ended, Failure


@pytest.fixture
def batch(set_up: Callable[..., Any], reporting: TaskFunction, node: DictConfig) -> BatchWorkerPool:
    """Two jobs at a time with Hydra's own launcher, in this process."""
    HydraConfig.instance().set_config(node)
    return BatchWorkerPool(set_up(BasicLauncher(), reporting), 2)


def test_a_batch_is_gathered_launched_and_ends_together(batch: BatchWorkerPool) -> None:
    """Its jobs are numbered from the first one's number on."""

    before = batch.room()
    batch.submit(11, Task(4, ("mix.ratio=0.5",)))
    batch.submit(12, Task(5, ("mix.ratio=0.25",)))
    full = batch.room()
    ended = batch.wait(0.5)

    assert (before, full, batch.room()) == (2, 0, 2)
    assert [(one.task_id, one.result["ratio"], one.result["job"]) for one in ended] == [(11, 0.5, 4), (12, 0.25, 5)]
    assert batch.wait(0.5) == []


def test_a_launcher_that_composes_its_jobs_gets_them_as_they_were_composed(
    batch: BatchWorkerPool, planned: Callable[..., Any]
) -> None:
    """Then it composes again by itself, for whoever uses it next."""

    composed = planned("mix.ratio=0.25,0.75").plan.composed(("mix.ratio=0.75",))
    batch.submit(1, Task(0, ("mix.ratio=0.5",), composed))
    (as_composed,) = batch.wait(0.5)
    batch.submit(2, Task(1, ("mix.ratio=0.5",)))
    (by_itself,) = batch.wait(0.5)

    assert (as_composed.result["ratio"], by_itself.result["ratio"]) == (0.75, 0.5)


@pytest.mark.parametrize(("ratio", "reason"), [(9, "mix.ratio=9: too much of it"), (8, "ZeroDivisionError: a bug")])
def test_a_job_that_fails_in_a_batch_is_a_failure_of_its_own(
    batch: BatchWorkerPool, ratio: int, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The other job is done."""

    batch.submit(1, Task(0, (f"mix.ratio={ratio}",)))
    batch.submit(2, Task(1, ("mix.ratio=0.5",)))

    failed, well = batch.wait(0.5)

    assert failed == Ended(1, None, Failure("raised", reason))
    assert (well.task_id, well.result["ratio"]) == (2, 0.5)


def test_an_interrupted_job_interrupts_the_sweep(set_up: Callable[..., Any], node: DictConfig) -> None:
    """The interruption does not count as a failure of the job."""

    def task(config: DictConfig) -> None:
        raise Interrupted("asked")

    HydraConfig.instance().set_config(node)
    batch = BatchWorkerPool(set_up(BasicLauncher(), task), 1)
    batch.submit(1, Task(0, ("mix.ratio=0.5",)))

    assert batch.wait(0.5) == [Ended(1, None, Failure("interrupted", "asked"))]


@pytest.mark.parametrize(
    ("launcher", "wanted", "expected"),
    [
        (BasicLauncher(), 0, 1),
        (BasicLauncher(), 5, 5),
        (SimpleNamespace(joblib={"n_jobs": 3}), 0, 3),
        (SimpleNamespace(joblib={"n_jobs": -1}), 0, os.cpu_count()),
        (SimpleNamespace(joblib={}), 0, os.cpu_count()),
        (SimpleNamespace(), 0, os.cpu_count()),
    ],
)
def test_a_batch_has_as_many_jobs_as_its_launcher_runs_at_a_time(launcher: Any, wanted: int, expected: int) -> None:
    """Unless `hydra.sweeper.batch_size` says otherwise."""

    assert batch_size(launcher, wanted) == expected


def test_another_sweepers_batch_says_which_of_its_jobs_have_ended() -> None:
    """Hydra's basic sweeper gives all jobs at once, and shows nothing until the last one."""
    said: list[Event] = []
    workers = PoolOfOne([Ended(0, 0.25, None, 3.0), Ended(1, None, Failure("raised", "no text"), 1.0)])

    returned = launch_batch(workers, [["mix.ratio=0"], ["mix.ratio=1"]], 4, said.append)

    assert said == [
        Stage("2 jobs, 1 at a time"),
        Stage("1 of 2 ended: job 5 (mix.ratio=0): 0.2500 (3 s)"),
        Stage("2 of 2 ended: job 6 (mix.ratio=1): failed: no text (1 s)"),
    ]
    assert returned[0].return_value == 0.25


class PoolOfOne(NoWorkers):
    """Ends one task after the other, as told."""

    size = 1

    def __init__(self, ends: list[Ended]) -> None:
        self.ends = ends

    def submit(self, task_id: int, task: Any) -> None:
        """Its end is known."""

    def wait(self, seconds: float) -> list[Ended]:
        return [self.ends.pop(0)]
