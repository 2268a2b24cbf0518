"""Workers on this machine: how many, with which threads and GPUs."""

import itertools
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

from synthsweep.sweep.launch.hydra_job import ConfiguredLauncher, pickled_runner
from synthsweep.workers.local_pool import Limits, LocalWorkerPool
from synthsweep.workers.worker_pool import thread_variables

# Memory of a worker that trains MiniLM, with torch, transformers and MLflow loaded.
GB_PER_WORKER = 1.5


def open_local_workers(launcher: ConfiguredLauncher, jobs: int) -> LocalWorkerPool:
    """As many workers as fit, but no more than there are jobs."""
    settings = launcher.settings
    assert launcher.config is not None
    environments = worker_environments(settings["n_workers"], settings["threads"], visible_gpus())[: max(jobs, 1)]
    logs = Path(str(launcher.config.hydra.sweep.dir)) / "workers"
    limits = Limits(settings["timeout_s"], settings["memory_gb"], settings["start_s"])
    return LocalWorkerPool(pickled_runner(launcher), environments, logs, limits)


def worker_environments(wanted: int, threads: int, gpus: Sequence[str]) -> list[Mapping[str, str]]:
    """The variables of each worker: its share of the cores, and its GPU where there are any.

    By default there is one worker per GPU, or else one per core as memory allows: two workers of one thread do more than
    one of two. The number of threads changes the last digits, so it does not depend on free memory or on the jobs left.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    fitting = int(psutil.virtual_memory().available / 1e9 / GB_PER_WORKER)
    count = wanted or (len(gpus) if gpus else max(1, min(cores, fitting)))
    shared = thread_variables(threads or max(1, cores // (wanted or len(gpus) or cores)))
    return [{**shared, **({"CUDA_VISIBLE_DEVICES": gpus[slot % len(gpus)]} if gpus else {})} for slot in range(count)]


def visible_gpus() -> list[str]:
    """CUDA's numbers of the GPUs that this process may use; torch, which knows them too, takes seconds to import."""
    named = os.environ.get("CUDA_VISIBLE_DEVICES")
    if named is not None:
        # CUDA ignores everything from the first invalid name on: -1 hides all.
        return list(itertools.takewhile(lambda name: name not in {"", "-1"}, map(str.strip, named.split(","))))
    if shutil.which("nvidia-smi") is None:
        return []
    try:
        listed = subprocess.run(["nvidia-smi", "--list-gpus"], capture_output=True, text=True, timeout=20, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return []
    return [str(number) for number, line in enumerate(listed.splitlines()) if line.startswith("GPU ")]
