"""A study of a few trials under kill -9: of the sweep, of one worker, or of the whole process group."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psutil

from support.patience import LIMIT_S

COMMAND = [
    sys.executable,
    "-m",
    "synthsweep.cli.main",
    "run",
    "-m",
    "experiment=ci",
    "study=killed",
    "hydra.launcher.n_workers=2",
]
DESIGNS = ("factorial", "search")
RATIOS = ("0.05", "0.1", "0.15", "0.2", "0.25", "0.3")
TARGETS = ("sweep", "worker", "group")


@dataclass(frozen=True)
class Counted:
    """What two databases say of a study: Optuna's trials by state, MLflow's runs by kind and status, keys trained twice."""

    trials: dict[str, int]
    runs: dict[tuple[str, str], int]
    twice: int


def command(design: str, epochs: int, trials: int) -> list[str]:
    if design == "search":
        varied = ["training.learning_rate=tag(log,interval(1e-4,1e-2))", "mix.ratio=0,0.1,0.2"]
        varied += ["hydra.sweeper.design=search", f"hydra.sweeper.n_trials={trials}"]
    else:
        varied = [f"mix.ratio={','.join(RATIOS[: trials // 2])}", "prompt=plain,attributed"]
    return [*COMMAND, *varied, f"training.epochs={epochs}", "training.patience=0"]


def start(design: str, folder: Path, epochs: int = 3, trials: int = 12) -> subprocess.Popen[bytes]:
    """Starts the sweep in a process group of its own, with one thread per worker; its output goes to sweep.log."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
    with (folder / "sweep.log").open("ab") as log:
        return subprocess.Popen(
            command(design, epochs, trials), cwd=folder, stdout=log, stderr=log, env=environment, start_new_session=True
        )


def workers_of(sweep: subprocess.Popen[bytes]) -> list[psutil.Process]:
    try:
        children = psutil.Process(sweep.pid).children()
        return [child for child in children if "synthsweep.workers.worker" in child.cmdline()]
    except psutil.Error:
        return []


def strike(sweep: subprocess.Popen[bytes], target: str, rng: random.Random) -> bool:
    """Kills the target with SIGKILL; False if there was nothing to kill."""
    if sweep.poll() is not None:
        return False
    if target == "worker":
        workers = workers_of(sweep)
        if workers:
            rng.choice(workers).kill()
        return bool(workers)
    if target == "group":
        os.killpg(sweep.pid, signal.SIGKILL)
    else:
        sweep.kill()
    sweep.wait(LIMIT_S)
    return True


def wait_until(seconds: float, sweep: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and sweep.poll() is None:
        time.sleep(0.05)


def orphans(folder: Path) -> list[int]:
    """Processes of workers in this folder that still run."""
    alive = []
    for process in psutil.process_iter():
        try:
            if "synthsweep.workers.worker" in process.cmdline() and Path(process.cwd()) == folder:
                alive.append(process.pid)
        except (psutil.Error, OSError):
            continue
    return alive


def count(folder: Path) -> Counted:
    with closing(sqlite3.connect(folder / "mlruns/optuna.db")) as database:
        trials = Counter(row[0] for row in database.execute("SELECT state FROM trials"))
    runs = "SELECT (SELECT value FROM tags WHERE tags.run_uuid = runs.run_uuid AND key = 'kind'), status FROM runs"
    twice = (
        "SELECT COUNT(*) - COUNT(DISTINCT value) FROM tags JOIN runs USING (run_uuid) "
        "WHERE key = 'run_key' AND status = 'FINISHED'"
    )
    with closing(sqlite3.connect(folder / "mlruns/mlflow.db")) as database:
        counted = Counter((kind or "", status) for kind, status in database.execute(runs))
        return Counted(dict(trials), dict(counted), database.execute(twice).fetchone()[0])


def numbers(folder: Path) -> dict[str, list[tuple[str, float]]]:
    """Run key to the metrics of the run that was trained, without times."""
    rows = (
        "SELECT tags.value, latest_metrics.key, latest_metrics.value FROM latest_metrics "
        "JOIN tags USING (run_uuid) JOIN runs USING (run_uuid) "
        "WHERE tags.key = 'run_key' AND status = 'FINISHED' AND latest_metrics.key NOT LIKE 'time/%' "
        "ORDER BY 1, 2"
    )
    metrics: dict[str, list[tuple[str, float]]] = {}
    with closing(sqlite3.connect(folder / "mlruns/mlflow.db")) as database:
        for key, name, value in database.execute(rows):
            metrics.setdefault(key, []).append((name, value))
    return metrics
