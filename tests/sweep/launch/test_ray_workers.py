"""What is asked of a Ray cluster, and what is refused before it is asked."""

from collections.abc import Callable
from typing import Any

import pytest
from hydra.types import TaskFunction
from omegaconf import OmegaConf

from hydra_plugins.synthsweep.ray_workers_launcher import RayWorkersConf, RayWorkersLauncher
from synthsweep.errors import ConfigError
from synthsweep.sweep.launch.ray_workers import require_shared_stores, worker_count, worker_variables
from synthsweep.workers.ray_cluster import WorkerResources

SETTINGS: dict[str, Any] = {
    name: value for name, value in vars(RayWorkersConf(preload=["json"])).items() if not name.startswith("_")
}


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        (
            {"n_workers": -1},
            "hydra.launcher.n_workers must be at least 0, got -1: workers on the cluster; 0 asks for as many as fit",
        ),
        ({"cpus_per_worker": 0}, "hydra.launcher.cpus_per_worker must be at least 1, got 0: CPUs per worker"),
        (
            {"gpus_per_worker": -0.5},
            "hydra.launcher.gpus_per_worker must be at least 0, got -0.5: GPUs per worker; a fraction shares one",
        ),
        ({"gpus_per_worker": 1.5}, "hydra.launcher.gpus_per_worker must be a whole number, or a share below 1; got 1.5"),
        (
            {"timeout_s": -1},
            "hydra.launcher.timeout_s must be at least 0, got -1: seconds that a replicate may take; 0 sets no limit",
        ),
    ],
)
def test_numbers_that_ray_would_refuse_are_refused_before_it_starts(
    set_up: Callable[..., Any], reporting: TaskFunction, setting: dict[str, float], message: str
) -> None:
    """By their keys."""

    with pytest.raises(ConfigError) as refused:
        set_up(RayWorkersLauncher(**{**SETTINGS, **setting}), reporting).open_workers(1)

    assert str(refused.value) == message


def test_a_worker_has_the_threads_of_its_cpus_and_sees_no_gpu_that_it_did_not_ask_for() -> None:
    """`env_vars` overrides both."""

    plain = worker_variables({**SETTINGS, "cpus_per_worker": 4})
    own = worker_variables({**SETTINGS, "gpus_per_worker": 0.5, "env_vars": {"OMP_NUM_THREADS": 2, "HF_HUB_OFFLINE": 1}})

    threads = {"OMP_NUM_THREADS": "4", "MKL_NUM_THREADS": "4"}
    assert plain == {**threads, "TOKENIZERS_PARALLELISM": "false", "CUDA_VISIBLE_DEVICES": ""}
    assert (own["OMP_NUM_THREADS"], own["HF_HUB_OFFLINE"], own.get("CUDA_VISIBLE_DEVICES")) == ("2", "1", None)


def test_there_are_as_many_workers_as_fit_or_as_were_asked_for() -> None:
    """Those that do not fit wait for further nodes."""

    assert [
        worker_count(0, 7, WorkerResources()),
        worker_count(2, 7, WorkerResources()),
        worker_count(9, 0, WorkerResources(8)),
    ] == [7, 2, 9]


def test_a_worker_that_no_node_can_hold_is_refused() -> None:
    """It would wait for ever."""

    with pytest.raises(ConfigError) as refused:
        worker_count(0, 0, WorkerResources(8, 0.5))

    assert str(refused.value) == (
        "hydra.launcher: no node of the Ray cluster has 8 CPUs and 0.5 GPUs for a worker: "
        "lower cpus_per_worker or gpus_per_worker, or set n_workers to wait for a node that has"
    )


@pytest.mark.parametrize(
    ("kind", "pruner", "storage", "message"),
    [
        ("local", None, "sqlite:///a.db", "tracking=local is a file of this machine, and the Ray cluster has 3 machines: "),
        ("server", {"_target_": "x"}, "sqlite:///a.db", "hydra.sweeper.storage is a file of this machine, and workers on "),
        ("server", {"_target_": "x"}, None, "hydra.sweeper.storage is a file of this machine, and workers on "),
        ("server", {"_target_": "x"}, "postgresql://a/b", ""),
        ("server", None, "sqlite:///a.db", ""),
    ],
)
def test_files_of_one_machine_are_refused_on_several(
    kind: str, pruner: dict[str, str] | None, storage: str | None, message: str
) -> None:
    """Each machine would write its own SQLite file, or all would corrupt one on a network drive."""

    config = OmegaConf.create({"tracking": {"kind": kind}, "hydra": {"sweeper": {"pruner": pruner, "storage": storage}}})

    require_shared_stores(config, 1)
    if not message:
        require_shared_stores(config, 3)
        return
    with pytest.raises(ConfigError) as refused:
        require_shared_stores(config, 3)
    assert str(refused.value).startswith(message)
