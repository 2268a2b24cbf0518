"""The worker pool of a sweep, whatever launcher it is given."""

from typing import Any

from hydra.plugins.launcher import Launcher

from synthsweep.sweep.launch.batches import BatchWorkerPool, batch_size
from synthsweep.workers.worker_pool import Ended, WorkerPool


def open_workers(launcher: Launcher, jobs: int, wanted_batch: int) -> WorkerPool:
    """The launcher's own workers where it has any; batches with any other launcher; no worker where no job is left."""
    if jobs <= 0:
        return NoWorkers()
    if hasattr(launcher, "open_workers"):
        workers: WorkerPool = launcher.open_workers(jobs)
        return workers
    return BatchWorkerPool(launcher, min(batch_size(launcher, wanted_batch), jobs))


class NoWorkers:
    """The pool of a study that is finished, for a runner that only closes what is open."""

    size = 0

    def room(self) -> int:
        return 1

    def submit(self, task_id: int, task: Any) -> None:
        raise AssertionError("a finished study has no job")

    def wait(self, seconds: float) -> list[Ended]:
        return []

    def ask_nothing_more(self) -> None:
        """Nothing runs."""

    def close(self, *, at_once: bool = False) -> None:
        """There is nothing to end."""
