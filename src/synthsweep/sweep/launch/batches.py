"""Batches of jobs: any Hydra launcher as a worker pool, and a worker pool behind Hydra's `launch`."""

import copy
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra.core.config_search_path import ConfigSearchPath
from hydra.core.utils import JobReturn, JobStatus
from hydra.plugins.launcher import Launcher
from hydra.types import HydraContext
from omegaconf import DictConfig

from synthsweep.config.commands import for_shell
from synthsweep.errors import SynthsweepError, WorkerError
from synthsweep.messages import first_line
from synthsweep.progress import Progress, Stage, silent
from synthsweep.sweep.launch.hydra_job import Task, job_return
from synthsweep.workers.worker_pool import Ended, Failure, WorkerPool, failure_of


@dataclass
class BatchWorkerPool:
    """Any Hydra launcher as a worker pool: tasks are gathered, launched together, and end together."""

    launcher: Launcher
    size: int
    _gathered: list[tuple[int, Task]] = field(default_factory=list, init=False)

    def room(self) -> int:
        return self.size - len(self._gathered)

    def submit(self, task_id: int, task: Task) -> None:
        self._gathered.append((task_id, task))

    def wait(self, seconds: float) -> list[Ended]:
        batch, self._gathered = self._gathered, []
        if not batch:
            return []
        try:
            with _as_composed(self.launcher, [task for _, task in batch]):
                overrides = [list(task.overrides) for _, task in batch]
                returned = self.launcher.launch(overrides, initial_job_idx=batch[0][1].number)
        except SynthsweepError:
            raise
        except Exception as error:
            # joblib loses all workers when one dies, and raises an error of its own.
            name = type(self.launcher).__name__
            raise WorkerError(
                f"{name} gave up ({type(error).__name__}: {first_line(error)}); the same command goes on"
            ) from error
        return [_ended(task_id, done) for (task_id, _), done in zip(batch, returned, strict=True)]

    def ask_nothing_more(self) -> None:
        """The launcher has to end what it has begun."""

    def close(self, *, at_once: bool = False) -> None:
        """The launcher ends its own processes."""


class ComposedLoader(ConfigLoaderImpl):
    """Gives a launcher that composes its jobs what they were composed to."""

    def __init__(self, search_path: ConfigSearchPath, jobs: Mapping[tuple[str, ...], DictConfig]) -> None:
        super().__init__(search_path)
        self.jobs = jobs

    def load_sweep_config(self, master_config: DictConfig, sweep_overrides: list[str]) -> DictConfig:
        """A copy, since the launcher adds to it."""
        return copy.deepcopy(self.jobs[tuple(sweep_overrides)])


@contextmanager
def _as_composed(launcher: Any, tasks: Sequence[Task]) -> Iterator[None]:
    """Lets a launcher run the tasks as they were composed; one that holds no Hydra context composes them itself."""
    jobs = {task.overrides: task.config for task in tasks if task.config is not None}
    context = getattr(launcher, "hydra_context", None)
    if not isinstance(context, HydraContext) or len(jobs) < len(tasks):
        yield
        return
    loader = ComposedLoader(context.config_loader.get_search_path(), jobs)
    launcher.hydra_context = HydraContext(config_loader=loader, callbacks=context.callbacks)
    try:
        yield
    finally:
        launcher.hydra_context = context


def _ended(task_id: int, done: JobReturn) -> Ended:
    if done.status == JobStatus.COMPLETED:
        return Ended(task_id, done.return_value)
    try:
        # If the job failed, Hydra raises its error here.
        done.return_value  # noqa: B018
    except Exception as error:
        return Ended(task_id, None, failure_of(error))
    return Ended(task_id, None, Failure("raised", f"the launcher says {done.status.name}"))


def batch_size(launcher: Launcher, wanted: int) -> int:
    """How many jobs one of Hydra's launchers gets at once: `wanted`, else what the launcher runs in parallel, else one."""
    if wanted:
        return wanted
    joblib = getattr(launcher, "joblib", None)
    jobs = int(joblib.get("n_jobs") or -1) if joblib is not None else None
    if jobs is None:
        return 1 if type(launcher).__name__ == "BasicLauncher" else os.cpu_count() or 1
    return jobs if jobs > 0 else os.cpu_count() or 1


def launch_batch(
    workers: WorkerPool, job_overrides: Sequence[Sequence[str]], first: int, progress: Progress = silent
) -> list[JobReturn]:
    """Runs all jobs of a batch with the pool, and closes it; returns in the order of the jobs, and says when each has ended."""
    progress(Stage(f"{len(job_overrides)} jobs, {workers.size} at a time"))
    returned: dict[int, JobReturn] = {}
    waiting = [(number, list(overrides)) for number, overrides in enumerate(job_overrides)]
    finished = False
    try:
        while len(returned) < len(job_overrides):
            while waiting and workers.room():
                number, given = waiting.pop(0)
                workers.submit(number, Task(first + number, tuple(given)))
            for ended in workers.wait(1.0):
                error = RuntimeError(ended.failure.reason) if ended.failure else None
                overrides = job_overrides[ended.task_id]
                returned[ended.task_id] = job_return(ended.result, overrides, error)
                progress(Stage(f"{len(returned)} of {len(job_overrides)} ended: {_ended_line(first, overrides, ended)}"))
        finished = True
    finally:
        workers.close(at_once=not finished)
    return [returned[number] for number in range(len(job_overrides))]


def _ended_line(first: int, overrides: Sequence[str], ended: Ended) -> str:
    value = f"{ended.result:.4f}" if isinstance(ended.result, float) else "no value"
    result = f"failed: {ended.failure.reason}" if ended.failure else value
    return f"job {first + ended.task_id + 1} ({for_shell(*overrides)}): {result} ({ended.seconds:.0f} s)"
