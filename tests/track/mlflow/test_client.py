"""What several processes write to one MLflow store at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from mlflow.exceptions import MlflowException

from synthsweep.config.keys.run import TrackingConfig
from synthsweep.track.mlflow.client import SHARED_ATTEMPTS, write_shared
from synthsweep.track.mlflow.tracker import MlflowTracker, open_tracker
from synthsweep.track.writer import RunStart, TableView

SQLITE = "(sqlite3.IntegrityError) UNIQUE constraint failed: experiment_tags.key, experiment_tags.experiment_id"
POSTGRES = '(psycopg.errors.UniqueViolation) duplicate key value violates unique constraint "tag_pk"'


def failing(times: int, words: str) -> tuple[Callable[[], None], list[int]]:
    tries: list[int] = []

    def write() -> None:
        tries.append(len(tries))
        if len(tries) <= times:
            raise MlflowException(words)

    return write, tries


@pytest.mark.parametrize("words", [SQLITE, POSTGRES])
def test_a_row_that_another_process_has_just_made_is_written_once_more(words: str) -> None:
    write, tries = failing(1, words)

    write_shared(write)

    assert len(tries) == 2


@pytest.mark.parametrize(("times", "words", "tried"), [(1, "disk is full", 1), (99, SQLITE, SHARED_ATTEMPTS)])
def test_any_other_failure_and_one_without_an_end_are_raised(times: int, words: str, tried: int) -> None:
    write, tries = failing(times, words)

    with pytest.raises(MlflowException):
        write_shared(write)

    assert len(tries) == tried


@pytest.mark.usefixtures("tracker")
def test_workers_that_start_at_once_all_start(tmp_path: Path) -> None:
    """Each writes the tables of the experiment's pages, as the first runs of a study do."""
    views = tuple(TableView(f"table {number}", "", (), "") for number in range(40))
    trackers, together = [open_tracker(TrackingConfig()) for _ in range(4)], Barrier(4)

    def start(tracker: MlflowTracker) -> str:
        together.wait()
        return tracker.start(RunStart("one", {}, {}, views=views))

    with ThreadPoolExecutor(4) as pool:
        started = list(pool.map(start, trackers))

    assert len(set(started)) == 4
