"""A Hydra job as a task of a worker in another process."""

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hydra.core.utils import JobStatus
from hydra.types import TaskFunction

from hydra_plugins.synthsweep.workers_launcher import WorkersLauncher
from synthsweep.errors import DataError
from synthsweep.sweep.launch.hydra_job import Task, job_return, pickled_runner
from synthsweep.workers.local_pool import LocalWorkerPool


@pytest.fixture
def runner(set_up: Callable[..., Any], reporting: TaskFunction) -> bytes:
    return pickled_runner(set_up(WorkersLauncher(preload=["json"]), reporting))


@pytest.mark.slow
def test_all_workers_of_a_sweep_write_below_one_folder(runner: bytes) -> None:
    """The date in its name is fixed before they start."""

    workers = LocalWorkerPool(runner, [{}, {}], Path("logs"))
    try:
        for number in range(2):
            workers.submit(number, Task(number, ("mix.ratio=0.5",)))
        ended: list[Any] = []
        while len(ended) < 2:
            ended += workers.wait(20)
    finally:
        workers.close()

    folders = [Path(one.result["folder"]) for one in ended]
    assert len({folder.parent for folder in folders}) == 1
    assert {folder.name for folder in folders} == {"0", "1"}
    assert len({one.result["process"] for one in ended}) == 2


@pytest.mark.slow
def test_a_worker_runs_what_was_composed_for_it(runner: bytes, planned: Callable[..., Any]) -> None:
    """Whatever its overrides would compose to by now."""

    plan = planned("mix.ratio=0.25,0.75").plan
    workers = LocalWorkerPool(runner, [{}], Path("logs"))
    try:
        workers.submit(1, Task(0, ("mix.ratio=0.5",), plan.composed(("mix.ratio=0.75",))))
        ended: list[Any] = []
        while not ended:
            ended += workers.wait(20)
    finally:
        workers.close()

    assert (ended[0].result["ratio"], ended[0].result["job"]) == (0.75, 0)


def test_a_pickled_runner_is_small_enough_for_a_socket(runner: bytes) -> None:
    """Workers start at the same time only if each one's socket takes it at once."""

    assert len(runner) < 200_000


def test_a_task_can_be_pickled() -> None:
    task = Task(3, ("mix.ratio=0.5", "study='a b'"))

    assert pickle.loads(pickle.dumps(task)) == task  # noqa: S301


def test_a_job_return_holds_a_value_or_raises_the_error() -> None:
    well, badly = job_return(1.5, ["a=1"]), job_return(None, ["a=2"], DataError("no"))

    assert (well.status, well.return_value, well.overrides) == (JobStatus.COMPLETED, 1.5, ["a=1"])
    assert badly.status == JobStatus.FAILED
    with pytest.raises(DataError, match=r"^no$"):
        badly.return_value  # noqa: B018
