"""Which workers there are, and any other launcher as a crew."""

import os
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from hydra._internal.core_plugins.basic_launcher import BasicLauncher
from hydra.core.hydra_config import HydraConfig
from hydra.types import TaskFunction
from omegaconf import DictConfig

from synthsweep.errors import Interrupted
from synthsweep.sweep.hydra_job import Task
from synthsweep.sweep.launch import BatchWorkerPool, batch_size, visible_gpus, worker_environments
from synthsweep.workers.pool import Ended, Failure

CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def of(environments: list[Mapping[str, str]], name: str) -> list[str | None]:
    return [environment.get(name) for environment in environments]


def test_workers_share_the_cores() -> None:
    """Each library that has threads is told the same."""

    environments = worker_environments(CORES, 0, [])

    assert ["1"] * CORES == of(environments, "OMP_NUM_THREADS") == of(environments, "MKL_NUM_THREADS")
    assert [str(CORES)] == of(worker_environments(1, 0, []), "OMP_NUM_THREADS")


def test_threads_are_as_many_as_were_asked_for() -> None:
    """More workers than cores have one each."""

    assert of(worker_environments(2, 5, []), "OMP_NUM_THREADS") == ["5", "5"]
    assert of(worker_environments(3 * CORES, 0, []), "OMP_NUM_THREADS") == ["1"] * 3 * CORES


def test_gpus_go_round() -> None:
    """One worker each by default; more of them share."""

    assert of(worker_environments(0, 0, ["0", "1"]), "CUDA_VISIBLE_DEVICES") == ["0", "1"]
    assert of(worker_environments(3, 0, ["3", "5"]), "CUDA_VISIBLE_DEVICES") == ["3", "5", "3"]
    assert of(worker_environments(1, 0, []), "CUDA_VISIBLE_DEVICES") == [None]


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ("", []),
        ("-1", []),
        ("0,1", ["0", "1"]),
        (" 2, 3 ", ["2", "3"]),
        ("GPU-ab,MIG-cd", ["GPU-ab", "MIG-cd"]),
        ("0,-1,1", ["0"]),
    ],
)
def test_the_gpus_are_those_that_cuda_would_see(monkeypatch: pytest.MonkeyPatch, named: str, expected: list[str]) -> None:
    """-1 and nothing hide them all."""

    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", named)

    assert expected == visible_gpus()


def test_there_is_at_least_one_worker() -> None:
    """However little memory is left."""

    assert 1 <= len(worker_environments(0, 0, [])) <= CORES


@pytest.fixture
def batch(set_up: Callable[..., Any], reporting: TaskFunction, node: DictConfig) -> BatchWorkerPool:
    """Two jobs at a time with Hydra's own launcher, in this process."""
    HydraConfig.instance().set_config(node)
    return BatchWorkerPool(set_up(BasicLauncher(), reporting), 2)


def test_a_batch_is_gathered_launched_and_ends_together(batch: BatchWorkerPool) -> None:
    """Its jobs count on from the first one's number."""

    before = batch.room()
    batch.submit(11, Task(4, ("mix.ratio=0.5",)))
    batch.submit(12, Task(5, ("mix.ratio=0.25",)))
    full = batch.room()
    ended = batch.wait(0.5)

    assert (before, full, batch.room()) == (2, 0, 2)
    assert [(one.task_id, one.result["ratio"], one.result["job"]) for one in ended] == [(11, 0.5, 4), (12, 0.25, 5)]
    assert batch.wait(0.5) == []


@pytest.mark.parametrize(("ratio", "reason"), [(9, "mix.ratio=9: too much of it"), (8, "ZeroDivisionError: a bug")])
def test_a_job_that_fails_in_a_batch_is_a_failure_of_its_own(
    batch: BatchWorkerPool, ratio: int, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The other one is done."""

    batch.submit(1, Task(0, (f"mix.ratio={ratio}",)))
    batch.submit(2, Task(1, ("mix.ratio=0.5",)))

    failed, well = batch.wait(0.5)

    assert Ended(1, None, Failure("raised", reason)) == failed
    assert (well.task_id, well.result["ratio"]) == (2, 0.5)


def test_an_interrupted_job_interrupts_the_sweep(set_up: Callable[..., Any], node: DictConfig) -> None:
    """It is no failure of the job."""

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
def test_a_batch_is_as_large_as_its_launcher_works_at_a_time(launcher: Any, wanted: int, expected: int) -> None:
    """Unless somebody knows better."""

    assert expected == batch_size(launcher, wanted)
