"""Crews for a sweep: of local processes, and of any stock launcher in batches."""

import itertools
import os
import pickle
import shutil
import subprocess
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cloudpickle
import psutil
from hydra.core.singleton import Singleton
from hydra.core.utils import JobReturn, JobStatus
from hydra.plugins.launcher import Launcher

from synthsweep.errors import ConfigError, SynthsweepError, WorkerError
from synthsweep.messages import first_line
from synthsweep.sweep.hydra_job import HydraTaskRunner, Task, job_return
from synthsweep.workers.local import Limits, LocalWorkerPool
from synthsweep.workers.pool import Ended, Failure, WorkerPool, failure_of, thread_variables

# A worker with torch, transformers, MLflow and MiniLM in training.
GB_PER_WORKER = 1.5


def pickled_runner(launcher: Any) -> bytes:
    """The launcher's job as bytes; its date is fixed first, so that all workers write below one folder."""
    str(launcher.config.hydra.sweep.dir)
    task = HydraTaskRunner(
        launcher.hydra_context, launcher.config, launcher.task_function, Singleton.get_state(), launcher.settings["preload"]
    )
    return pickle.dumps(Packed(zlib.compress(cloudpickle.dumps(task), level=1)))


@dataclass(frozen=True)
class Packed:
    """Whoever unpickles it gets what was packed: few enough bytes for a socket to take at once."""

    content: bytes

    def __reduce__(self) -> Any:
        return unpacked, (self.content,)


def unpacked(content: bytes) -> Any:
    """The object of a compressed pickle."""
    return pickle.loads(zlib.decompress(content))  # noqa: S301


def open_local_workers(launcher: Any, jobs: int) -> LocalWorkerPool:
    """As many workers as fit, but no more than there are jobs.

    Raises:
        ConfigError: a number below zero.
    """
    settings = launcher.settings
    for name in ("n_workers", "threads", "timeout_s", "memory_gb"):
        if settings[name] < 0:
            raise ConfigError(f"hydra.launcher.{name} must be at least 0, got {settings[name]}")
    environments = worker_environments(settings["n_workers"], settings["threads"], visible_gpus())[: max(jobs, 1)]
    logs = Path(str(launcher.config.hydra.sweep.dir)) / "workers"
    return LocalWorkerPool(pickled_runner(launcher), environments, logs, Limits(settings["timeout_s"], settings["memory_gb"]))


def worker_environments(wanted: int, threads: int, gpus: Sequence[str]) -> list[Mapping[str, str]]:
    """The variables of each worker: its share of the cores, and its GPU where there are any.

    By default there is one worker a GPU, or else one a core, as far as the memory goes: two workers of one thread do more than
    one of two. Threads follow neither from what memory is free nor from what is left to do: they change the last digits.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    fitting = int(psutil.virtual_memory().available / 1e9 / GB_PER_WORKER)
    count = wanted or (len(gpus) if gpus else max(1, min(cores, fitting)))
    shared = thread_variables(threads or max(1, cores // (wanted or len(gpus) or cores)))
    return [{**shared, **({"CUDA_VISIBLE_DEVICES": gpus[slot % len(gpus)]} if gpus else {})} for slot in range(count)]


def visible_gpus() -> list[str]:
    """CUDA's numbers of the GPUs that this process may use; torch, which knows too, takes seconds to import."""
    named = os.environ.get("CUDA_VISIBLE_DEVICES")
    if named is not None:
        # CUDA sees nothing from the first name on that is none: -1 hides all.
        return list(itertools.takewhile(lambda name: name not in {"", "-1"}, map(str.strip, named.split(","))))
    if shutil.which("nvidia-smi") is None:
        return []
    try:
        listed = subprocess.run(["nvidia-smi", "--list-gpus"], capture_output=True, text=True, timeout=20, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return []
    return [str(number) for number, line in enumerate(listed.splitlines()) if line.startswith("GPU ")]


@dataclass
class BatchWorkerPool:
    """Any Hydra launcher as a crew: orders are gathered, launched together, and end together."""

    launcher: Launcher
    size: int
    _gathered: list[tuple[int, Task]] = field(default_factory=list, init=False)

    def room(self) -> int:
        return self.size - len(self._gathered)

    def submit(self, task_id: int, order: Task) -> None:
        self._gathered.append((task_id, order))

    def wait(self, seconds: float) -> list[Ended]:
        batch, self._gathered = self._gathered, []
        if not batch:
            return []
        try:
            returned = self.launcher.launch([list(order.overrides) for _, order in batch], initial_job_idx=batch[0][1].number)
        except SynthsweepError:
            raise
        except Exception as error:
            # joblib's loses all workers when one dies, and says so.
            name = type(self.launcher).__name__
            raise WorkerError(
                f"{name} gave up ({type(error).__name__}: {first_line(error)}); the same command goes on"
            ) from error
        return [_ended(task_id, done) for (task_id, _), done in zip(batch, returned, strict=True)]

    def close(self, *, at_once: bool = False) -> None:
        """The launcher ends its own processes."""


def _ended(task_id: int, done: JobReturn) -> Ended:
    if done.status == JobStatus.COMPLETED:
        return Ended(task_id, done.return_value)
    try:
        done.return_value  # noqa: B018
    except Exception as error:
        return Ended(task_id, None, failure_of(error))
    return Ended(task_id, None, Failure("raised", f"the launcher says {done.status.name}"))


def batch_size(launcher: Launcher, wanted: int) -> int:
    """How many jobs a stock launcher is given at once: what was asked for, else what it says of itself, else one."""
    if wanted:
        return wanted
    joblib = getattr(launcher, "joblib", None)
    jobs = int(joblib.get("n_jobs") or -1) if joblib is not None else None
    if jobs is None:
        return 1 if type(launcher).__name__ == "BasicLauncher" else os.cpu_count() or 1
    return jobs if jobs > 0 else os.cpu_count() or 1


def launch_batch(workers: WorkerPool, job_overrides: Sequence[Sequence[str]], first: int) -> list[JobReturn]:
    """All jobs of a batch through a crew, in their order."""
    returned: dict[int, JobReturn] = {}
    waiting = [(number, list(overrides)) for number, overrides in enumerate(job_overrides)]
    orderly = False
    try:
        while len(returned) < len(job_overrides):
            while waiting and workers.room():
                number, overrides = waiting.pop(0)
                workers.submit(number, Task(first + number, tuple(overrides)))
            for ended in workers.wait(1.0):
                error = RuntimeError(ended.failure.reason) if ended.failure else None
                returned[ended.task_id] = job_return(ended.result, job_overrides[ended.task_id], error)
        orderly = True
    finally:
        workers.close(at_once=not orderly)
    return [returned[number] for number in range(len(job_overrides))]
