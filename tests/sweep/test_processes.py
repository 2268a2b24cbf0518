"""Whole sweeps: killed, interrupted, on Hydra's other launchers, on PostgreSQL from two terminals."""

import os
import random
import re
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import pytest

from support.forks import Forks
from support.kills import TARGETS, count, orphans, start, strike, wait_until, workers_of
from support.patience import LIMIT_S
from support.postgres import Postgres

pytestmark = [pytest.mark.slow, pytest.mark.long, pytest.mark.usefixtures("made_store")]

TRIALS = 6
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1"}


def sweep(*overrides: str) -> list[str]:
    return [sys.executable, "-m", "synthsweep.cli.main", "run", "-m", "sweeps=ci", *overrides]


def at_work(process: subprocess.Popen[bytes]) -> None:
    """Waits until a replicate is finished."""
    end = time.monotonic() + LIMIT_S
    while not re.search(r"trial \d+ replicate \d+: ", Path("sweep.log").read_text()):
        assert process.poll() is None, Path("sweep.log").read_text()
        assert time.monotonic() < end
        time.sleep(0.1)


@pytest.mark.parametrize(("target", "design"), list(zip(TARGETS, ("search", "factorial", "factorial"), strict=True)))
def test_what_is_killed_goes_on_with_the_same_command(target: str, design: str, tmp_path: Path) -> None:
    """All trials are finished, none trained twice, nothing is RUNNING, no worker stays."""

    sweep = start(design, tmp_path, trials=TRIALS)
    at_work(sweep)
    wait_until(random.Random(1).uniform(0, 3), sweep)
    strike(sweep, target, random.Random(1))
    if target == "worker":
        assert sweep.wait(LIMIT_S) == 0, Path("sweep.log").read_text()

    assert start(design, tmp_path, trials=TRIALS).wait(LIMIT_S) == 0, Path("sweep.log").read_text()

    counted = count(tmp_path)
    assert (counted.trials["COMPLETE"], counted.trials.get("RUNNING", 0), counted.twice) == (TRIALS, 0, 0)
    assert not [kind for kind, status in counted.runs if status == "RUNNING"]
    assert counted.runs["trial", "FINISHED"] == TRIALS
    assert orphans(tmp_path) == []


@pytest.mark.parametrize("times", [1, 2])
def test_ctrl_c_ends_a_sweep_once_in_order_twice_at_once(times: int, tmp_path: Path) -> None:
    """Status 130, one line, nothing left RUNNING; what had finished is there."""

    sweep = start("factorial", tmp_path, trials=TRIALS)
    at_work(sweep)
    busy = len(workers_of(sweep))
    for _ in range(times):
        sweep.send_signal(signal.SIGINT)
        time.sleep(1)

    status, log = sweep.wait(LIMIT_S), Path("sweep.log").read_text()

    counted = count(tmp_path)
    assert (status, busy) == (130, 2)
    assert "synthsweep: interrupted: the same command goes on" in log.splitlines()[-1]
    assert "Traceback" not in log
    assert not [kind for kind, state in counted.runs if state == "RUNNING"]
    assert 1 <= counted.runs["replicate", "FINISHED"] < TRIALS
    assert orphans(tmp_path) == []


@pytest.mark.parametrize(
    ("launcher", "package", "more"),
    [
        ("joblib", "hydra_plugins.hydra_joblib_launcher", ["hydra.launcher.n_jobs=2"]),
        ("submitit_local", "hydra_plugins.hydra_submitit_launcher", ["hydra.sweeper.batch_size=2"]),
        (
            "ray",
            "hydra_plugins.hydra_ray_launcher",
            ["+hydra.launcher.ray.init={num_cpus: 2, include_dashboard: false}"],
        ),
    ],
)
def test_hydras_own_launchers_run_a_study(launcher: str, package: str, more: list[str]) -> None:
    """In batches; every replicate is finished, and nothing is written beside mlruns/."""

    if find_spec(package) is None:
        pytest.skip(f"{package} is not installed: pip install 'synthsweep[launchers]'")

    # Two configurations with one seed: submitit starts a process a job.
    words = sweep(f"hydra/launcher={launcher}", "replicates=1", "training.learning_rate=1e-3", *more)
    answer = subprocess.run(words, capture_output=True, text=True, timeout=LIMIT_S, env=ENVIRONMENT)

    assert answer.returncode == 0, answer.stderr
    assert "2 of 2 replicates finished" in answer.stdout
    assert [path.name for path in Path().iterdir()] == ["mlruns"]


def test_two_terminals_share_a_study_on_postgresql(postgres: Postgres, forks: Forks) -> None:
    """Optuna's storage and MLflow's store both; no replicate is done twice, and both commands end well."""

    places = [f"hydra.sweeper.storage={postgres.new_database()}", f"tracking.uri={postgres.new_database()}"]
    command = sweep("training.epochs=4", "hydra.launcher.n_workers=1", "hydra.launcher.threads=1", *places)
    terminals = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT) for _ in range(2)
    ]
    outputs = [terminal.communicate(timeout=LIMIT_S) for terminal in terminals]

    done = [err.count("dev/average_precision/macro") for _, err in outputs]
    assert [terminal.returncode for terminal in terminals] == [0, 0], outputs
    assert sum(done) == 8
    assert min(done) > 0
    assert "8 of 8 replicates finished" in forks.run(*command[3:]).out
