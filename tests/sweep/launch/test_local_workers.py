"""How many workers there are on this machine, with which threads and GPUs."""

import os
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hydra.types import TaskFunction

from hydra_plugins.synthsweep.workers_launcher import WorkersLauncher
from synthsweep.errors import ConfigError
from synthsweep.sweep.launch.local_workers import open_local_workers, visible_gpus, worker_environments

SETTINGS: dict[str, Any] = {"n_workers": 2, "threads": 1, "timeout_s": 0.0, "memory_gb": 0.0, "preload": ["json"]}
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def values_of(environments: list[Mapping[str, str]], name: str) -> list[str | None]:
    return [environment.get(name) for environment in environments]


def test_workers_share_the_cores() -> None:
    """Every library with threads of its own gets the same number."""

    environments = worker_environments(CORES, 0, [])

    assert values_of(environments, "OMP_NUM_THREADS") == values_of(environments, "MKL_NUM_THREADS") == ["1"] * CORES
    assert values_of(worker_environments(1, 0, []), "OMP_NUM_THREADS") == [str(CORES)]


def test_threads_are_as_many_as_were_asked_for() -> None:
    """More workers than cores have one each."""

    assert values_of(worker_environments(2, 5, []), "OMP_NUM_THREADS") == ["5", "5"]
    assert values_of(worker_environments(3 * CORES, 0, []), "OMP_NUM_THREADS") == ["1"] * 3 * CORES


def test_workers_take_the_gpus_in_turn() -> None:
    """One worker each by default; more of them share."""

    assert values_of(worker_environments(0, 0, ["0", "1"]), "CUDA_VISIBLE_DEVICES") == ["0", "1"]
    assert values_of(worker_environments(3, 0, ["3", "5"]), "CUDA_VISIBLE_DEVICES") == ["3", "5", "3"]
    assert values_of(worker_environments(1, 0, []), "CUDA_VISIBLE_DEVICES") == [None]


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
    """-1 and an empty list hide all of them."""

    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", named)

    assert visible_gpus() == expected


def test_there_is_at_least_one_worker() -> None:
    """However little memory is free."""

    assert 1 <= len(worker_environments(0, 0, [])) <= CORES


def test_there_are_no_more_workers_than_jobs(set_up: Callable[..., Any], reporting: TaskFunction) -> None:
    """A worker without a job would import for nothing."""

    workers = open_local_workers(set_up(WorkersLauncher(**{**SETTINGS, "n_workers": 3}), reporting), 1)
    try:
        assert workers.size == 1
    finally:
        workers.close()


@pytest.mark.parametrize("name", ["n_workers", "threads", "timeout_s", "memory_gb"])
def test_a_number_below_zero_is_refused(set_up: Callable[..., Any], reporting: TaskFunction, name: str) -> None:
    """By the name of its key."""

    with pytest.raises(ConfigError, match=f"^hydra.launcher.{name} must be at least 0, got -1: "):
        set_up(WorkersLauncher(**{**SETTINGS, name: -1}), reporting).open_workers(1)
