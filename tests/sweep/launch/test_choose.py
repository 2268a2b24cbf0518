"""Which worker pool a sweep gets."""

from types import SimpleNamespace
from typing import Any

import pytest

from support.worker_pools import DeskWorkers
from synthsweep.sweep.launch.batches import BatchWorkerPool
from synthsweep.sweep.launch.choose import NoWorkers, open_workers


def test_a_launcher_with_workers_of_its_own_opens_them() -> None:
    pool = DeskWorkers(lambda task: None)

    assert open_workers(SimpleNamespace(open_workers=lambda jobs: pool), 3, 0) is pool


@pytest.mark.parametrize(("jobs", "size"), [(9, 4), (3, 3)])
def test_any_other_launcher_works_in_batches_no_larger_than_the_jobs(jobs: int, size: int) -> None:
    launcher: Any = SimpleNamespace(joblib={"n_jobs": 4})

    pool = open_workers(launcher, jobs, 0)

    assert isinstance(pool, BatchWorkerPool)
    assert pool.size == size


def test_a_finished_study_starts_no_worker() -> None:
    """Ray or a cluster would be asked in vain."""

    pool = open_workers(SimpleNamespace(), 0, 0)

    assert isinstance(pool, NoWorkers)
    assert (pool.size, pool.wait(0.5)) == (0, [])
    with pytest.raises(AssertionError):
        pool.submit(1, None)
