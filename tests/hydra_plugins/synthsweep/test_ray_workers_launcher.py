"""`hydra/launcher=ray_workers`: what it asks of a cluster, and a whole study on a real Ray that loses a worker."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from hydra.core.config_store import ConfigStore
from hydra.types import TaskFunction
from omegaconf import OmegaConf

from hydra_plugins.synthsweep.ray_workers_launcher import (
    RayWorkersConf,
    RayWorkersLauncher,
    require_shared,
    worker_variables,
    workers_wanted,
)
from support.worker_tasks import eventually
from synthsweep.errors import ConfigError
from synthsweep.workers.ray_cluster import WorkerResources

SETTINGS: dict[str, Any] = {
    name: value for name, value in vars(RayWorkersConf(preload=["json"])).items() if not name.startswith("_")
}


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"n_workers": -1}, "hydra.launcher.n_workers must be at least 0, got -1"),
        ({"cpus_per_worker": 0}, "hydra.launcher.cpus_per_worker must be at least 1, got 0"),
        ({"gpus_per_worker": -0.5}, "hydra.launcher.gpus_per_worker must be at least 0, got -0.5"),
        ({"gpus_per_worker": 1.5}, "hydra.launcher.gpus_per_worker must be a whole number, or a share below 1; got 1.5"),
        ({"timeout_s": -1}, "hydra.launcher.timeout_s must be at least 0, got -1"),
    ],
)
def test_numbers_that_ray_would_refuse_are_refused_before_it_starts(
    set_up: Callable[..., Any], reporting: TaskFunction, setting: dict[str, float], message: str
) -> None:
    """By the names of their keys."""

    with pytest.raises(ConfigError) as refused:
        set_up(RayWorkersLauncher(**{**SETTINGS, **setting}), reporting).open_workers(1)

    assert message == str(refused.value)


def test_a_worker_has_the_threads_of_its_cpus_and_sees_no_gpu_that_it_did_not_ask_for() -> None:
    """`env_vars` has the last word."""

    plain = worker_variables({**SETTINGS, "cpus_per_worker": 4})
    own = worker_variables({**SETTINGS, "gpus_per_worker": 0.5, "env_vars": {"OMP_NUM_THREADS": 2, "HF_HUB_OFFLINE": 1}})

    threads = {"OMP_NUM_THREADS": "4", "MKL_NUM_THREADS": "4"}
    assert {**threads, "TOKENIZERS_PARALLELISM": "false", "CUDA_VISIBLE_DEVICES": ""} == plain
    assert (own["OMP_NUM_THREADS"], own["HF_HUB_OFFLINE"], own.get("CUDA_VISIBLE_DEVICES")) == ("2", "1", None)


def test_there_are_as_many_workers_as_fit_or_as_were_asked_for() -> None:
    """Who asks for more waits for nodes that come."""

    assert [
        workers_wanted(0, 7, WorkerResources()),
        workers_wanted(2, 7, WorkerResources()),
        workers_wanted(9, 0, WorkerResources(8)),
    ] == [7, 2, 9]


def test_a_worker_that_no_node_can_hold_is_refused() -> None:
    """It would pend for ever."""

    with pytest.raises(ConfigError) as refused:
        workers_wanted(0, 0, WorkerResources(8, 0.5))

    assert str(refused.value) == (
        "hydra.launcher: no node of the Ray cluster has 8 CPUs and 0.5 GPUs for a worker: "
        "lower cpus_per_worker or gpus_per_worker, or set n_workers to wait for a node that has"
    )


@pytest.mark.parametrize(
    ("kind", "pruner", "storage", "message"),
    [
        ("local", None, "sqlite:///a.db", "tracking=local is a file of this machine, and the Ray cluster has 3 machines: "),
        ("server", {"_target_": "x"}, "sqlite:///a.db", "hydra.sweeper.storage is a file of this machine, and workers on "),
        ("server", {"_target_": "x"}, "postgresql://a/b", ""),
        ("server", None, "sqlite:///a.db", ""),
    ],
)
def test_files_of_one_machine_are_not_for_many(kind: str, pruner: Any, storage: str, message: str) -> None:
    """Each would write a SQLite file of its own, or all of them break one on a network drive."""

    config = OmegaConf.create({"tracking": {"kind": kind}, "hydra": {"sweeper": {"pruner": pruner, "storage": storage}}})

    require_shared(config, 1)
    if not message:
        require_shared(config, 3)
        return
    with pytest.raises(ConfigError) as refused:
        require_shared(config, 3)
    assert str(refused.value).startswith(message)


def test_hydra_knows_it_and_its_keys_without_ray() -> None:
    """The plugin is imported at the start of every Hydra application of this environment."""

    node = ConfigStore.instance().load("hydra/launcher/ray_workers.yaml").node
    program = (
        "import sys, hydra_plugins.synthsweep.ray_workers_launcher as plugin;"
        "print({'ray', 'torch', 'optuna', 'synthsweep.workers'} & set(sys.modules), 'WorkersLauncher' in vars(plugin))"
    )

    assert set(RayWorkersConf.__dataclass_fields__) == set(node)
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout == "set() False\n"


STUDY = ("experiment=ci", "training.threads=1", "tracking.figures=false", "mix.ratio=0,0.25", "seed=1,2", "study=r")


def ray_workers(process: psutil.Process) -> list[psutil.Process]:
    """The actors below a sweep."""
    return [one for one in process.children(recursive=True) if "ray::_Worker" in " ".join(one.cmdline()[:1])]


@pytest.mark.slow
def test_a_study_on_ray_finishes_although_a_worker_is_killed() -> None:
    """What it was at is done again; the next command has nothing to do, and starts no Ray."""

    command = [sys.executable, "-m", "synthsweep.cli.main", "run", "-m", *STUDY, "hydra/launcher=ray_workers"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    sweep = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    seen = psutil.Process(sweep.pid)
    assert eventually(lambda: list(Path("mlruns/hydra/multirun").glob("*/[0-9]")), 240)
    ray_workers(seen)[0].send_signal(signal.SIGKILL)
    out, err = sweep.communicate(timeout=400)
    again = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=200)

    assert sweep.returncode == 0, err
    assert "4 of 4 replicates finished" in out
    assert "every replicate is finished" in again.stderr
    assert again.returncode == 0
