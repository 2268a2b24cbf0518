"""`hydra/launcher=slurm_workers` as Hydra knows it, and whole studies whose jobs are killed, pre-empted and cancelled."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hydra.core.config_store import ConfigStore

from hydra_plugins.synthsweep.slurm_workers_launcher import SlurmWorkersConf
from support.postgres import Postgres
from support.shared_stores import LIMIT_S, PLANNED, STUDY, done_by, run_states, scores, server, wait_for
from support.slurm import Slurm
from support.slurm_cluster import slurm

__all__ = ["server", "slurm"]

COMMAND = (sys.executable, "-m", "synthsweep.cli.main", "run", "-m", *STUDY)
SLURM = ("hydra/launcher=slurm_workers", "hydra.launcher.poll_s=1", "hydra.sweeper.lease_s=10")


def test_hydra_knows_it_and_its_keys_without_submitit() -> None:
    """The plugin is imported at the start of every Hydra application of this environment."""

    node = ConfigStore.instance().load("hydra/launcher/slurm_workers.yaml").node
    program = (
        "import sys, hydra_plugins.synthsweep.slurm_workers_launcher as plugin;"
        "print({'submitit', 'torch', 'optuna', 'synthsweep.workers'} & set(sys.modules), 'WorkersLauncher' in vars(plugin))"
    )

    assert set(SlurmWorkersConf.__dataclass_fields__) == set(node)
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout == "set() False\n"


def begin(log: str, *overrides: str) -> subprocess.Popen[bytes]:
    """The command that follows the jobs; its output goes to a file."""
    with Path(log).open("wb") as file:
        return subprocess.Popen(
            [*COMMAND, *SLURM, *overrides], stdout=file, stderr=file,
            env={**os.environ, "OMP_NUM_THREADS": "1"}, start_new_session=True,
        )  # fmt: skip


@pytest.mark.slow
def test_a_study_whose_jobs_are_pre_empted_and_killed_has_the_numbers_of_an_undisturbed_one(
    cli: Callable[..., Any], postgres: Postgres, server: tuple[str, Path], slurm: Slurm, made_store: None
) -> None:
    """One job loses its node, one is killed with all its processes: every replicate is done once, and no run stays open."""
    address, (uri, place) = postgres.new_database(), server
    stores = (f"hydra.sweeper.storage={address}", "tracking=server", f"tracking.uri={uri}")
    # Long enough to be seen while it waits.
    slurm.set(requeue_s=5)
    followed = begin("follow.log", "study=shared", "hydra.launcher.n_jobs=2", *stores)
    wait_for(lambda: sum(done_by(address).values()), followed)
    slurm.preempt("17_0")
    slurm.kill("17_1")

    status = followed.wait(LIMIT_S)
    log = Path("follow.log").read_text()
    undisturbed = cli("run", "-m", *STUDY, "study=alone", "hydra/launcher=basic")

    assert (status, sum(done_by(address).values())) == (0, PLANNED), log
    assert f"{PLANNED} of {PLANNED} replicates finished" in log
    assert "job 17_0 lost its node and is queued again" in log
    assert "job 17_1 ended: OUT_OF_MEMORY" in log
    assert "Traceback" not in out_of_jobs()
    assert slurm.books.job("17_0")["starts"] == 2
    assert "RUNNING" not in run_states(place / "mlflow.db")
    assert undisturbed.status == 0
    shared, alone = scores(place / "mlflow.db"), scores(Path("mlruns/mlflow.db"))
    assert {key: len(values) for key, values in shared.items()} == dict.fromkeys(alone, 1)
    assert {key: values[0] for key, values in shared.items()} == {key: values[0] for key, values in alone.items()}


@pytest.mark.slow
def test_the_jobs_of_a_command_that_was_killed_are_followed_by_the_same_command_again(slurm: Slurm, made_store: None) -> None:
    """Nothing is submitted twice. Ctrl-C lets the jobs end what they run; a second one cancels them, and leaves no run open."""
    slurm.set(hold=True)
    overrides = ("study=mine", "hydra.launcher.n_jobs=2")
    first = begin("first.log", *overrides)
    wait_for(lambda: "2 jobs wait (Resources)" in Path("first.log").read_text(), first)
    first.kill()
    first.wait()
    slurm.set(hold=False)
    second = begin("second.log", *overrides)
    wait_for(lambda: "array 17: 2 jobs run" in Path("second.log").read_text() and "worker start" in out_of_jobs(), second)
    second.send_signal(signal.SIGINT)
    wait_for(lambda: "Ctrl-C again ends them at once" in Path("second.log").read_text(), second)
    second.send_signal(signal.SIGINT)

    status, log = second.wait(LIMIT_S), Path("second.log").read_text()

    assert (first.returncode, status) == (-signal.SIGKILL, 130), log
    assert "array 17 is there already: this command follows it and submits nothing" in log
    assert "array 17 is cancelled" in log
    assert sorted(slurm.states()) == ["17_0", "17_1"]
    assert set(slurm.states().values()) <= {"CANCELLED", "FAILED", "COMPLETED"}
    assert "RUNNING" not in run_states(Path("mlruns/mlflow.db"))


def out_of_jobs() -> str:
    return "".join(file.read_text() for file in Path("mlruns/hydra/slurm").rglob("*.err"))


@pytest.mark.slow
def test_a_training_that_was_pre_empted_goes_on_from_its_checkpoint(slurm: Slurm, made_store: None) -> None:
    """The job that is queued again takes the replicate up after its last evaluation."""
    encoder = ("experiment=ci", "tracking.figures=false", "mix.ratio=0,0.25", "training.epochs=20", "training.patience=0")
    more = ("study=long", "replicates=1", "training.checkpoint=true", "hydra.launcher.n_jobs=1", *SLURM)
    with Path("follow.log").open("wb") as file:
        followed = subprocess.Popen([*COMMAND[:5], *encoder, *more], stdout=file, stderr=file)
    wait_for(lambda: list(Path("mlruns/checkpoints").glob("*.pt")), followed)
    (job,) = slurm.states()
    slurm.preempt(job)

    status, log = followed.wait(LIMIT_S), Path("follow.log").read_text()

    assert (status, slurm.books.job(job)["starts"]) == (0, 2), log
    assert "2 of 2 replicates finished" in log
    with closing(sqlite3.connect("mlruns/mlflow.db")) as connection:
        resumed = connection.execute("SELECT DISTINCT value FROM metrics WHERE key LIKE '%time/resumed'").fetchall()
    assert [seconds > 0 for (seconds,) in resumed] == [True]
    assert list(Path("mlruns/checkpoints").iterdir()) == []
