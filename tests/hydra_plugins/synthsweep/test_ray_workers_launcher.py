"""`hydra/launcher=ray_workers` as Hydra knows it, and a whole study on a real Ray that loses a worker."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from hydra.core.config_store import ConfigStore

from hydra_plugins.synthsweep.ray_workers_launcher import RayWorkersConf
from support.forks import Forks
from support.worker_tasks import eventually


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
@pytest.mark.long
def test_a_study_on_ray_finishes_although_a_worker_is_killed(forks: Forks) -> None:
    """Its replicate is done again; the next command has nothing to do, and does not start Ray."""

    command = [sys.executable, "-m", "synthsweep.cli.main", "run", "-m", *STUDY, "hydra/launcher=ray_workers"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    with Path("sweep.log").open("w") as log, subprocess.Popen(command, stdout=log, stderr=log, env=environment) as sweep:
        assert eventually(lambda: list(Path("mlruns/hydra/multirun").glob("*/[0-9]"))), Path("sweep.log").read_text()
        ray_workers(psutil.Process(sweep.pid))[0].send_signal(signal.SIGKILL)
    said = Path("sweep.log").read_text()
    again = forks.run(*command[3:])

    assert sweep.returncode == 0, said
    assert "4 of 4 replicates finished" in said
    assert "every replicate is finished" in " ".join(again.err)
    assert again.status == 0
