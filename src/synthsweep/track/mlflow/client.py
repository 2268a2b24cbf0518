"""What the writer and the reader of an MLflow store share: a search through all pages, and the handling of errors."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from synthsweep.errors import SynthsweepError, TrackingError
from synthsweep.messages import first_line, without_password

if TYPE_CHECKING:
    # MLflow takes seconds to import.
    from mlflow.entities import Run
    from mlflow.tracking import MlflowClient

# The most runs that MLflow returns at once.
PAGE = 1000
# At most this many runs with one key are looked at.
SAME_KEY_RUNS = 50
# What SQLite and PostgreSQL say of a row that another process has made in the meantime.
TAKEN = ("unique constraint", "duplicate key")
# One more than a run has data sets, each of which may be met so.
SHARED_ATTEMPTS = 6


@contextmanager
def wrapped(uri: str) -> Iterator[None]:
    """Raises errors of the store as TrackingError, and our own as they are."""
    try:
        yield
    except SynthsweepError:
        raise
    except Exception as error:
        # MLflow lets SQLAlchemy's, sqlite3's and requests' errors through beside its own.
        raise TrackingError(without_password(f"tracking: MLflow at {uri} {_reason(error)}")) from error


def write_shared(write: Callable[[], object]) -> None:
    """Writes what other processes may write at the same moment, such as a tag of an experiment or a data set.

    MLflow looks for the row and then makes it: of two that do so at once, the later one fails, and finds it on another try.
    """
    for attempt in range(SHARED_ATTEMPTS):
        try:
            write()
        except Exception as error:
            taken = any(words in str(error).lower() for words in TAKEN)
            if not taken or attempt == SHARED_ATTEMPTS - 1:
                raise
        else:
            return


def search_runs(client: "MlflowClient", rule: str, *, latest: int | None = None) -> "list[Run]":
    """The runs of all experiments that a filter of MLflow selects, oldest first; with `latest`, that many, latest first."""
    experiments = [experiment.experiment_id for experiment in client.search_experiments()]
    order = ["attributes.start_time ASC" if latest is None else "attributes.start_time DESC"]
    runs: list[Run] = []
    token: str | None = None
    while True:
        size = PAGE if latest is None else min(PAGE, latest - len(runs))
        page = client.search_runs(experiments, rule, max_results=size, order_by=order, page_token=token)
        runs += page
        token = page.token
        if not token or len(runs) == latest:
            return runs


def _reason(error: Exception) -> str:
    text = first_line(error)
    if "out-of-date database schema" in text:
        return "has a database of another MLflow version: back it up, then mlflow db upgrade URI"
    if "Max retries exceeded" in text or "Connection" in text:
        return "does not answer: start it, correct tracking.uri, or set tracking=local"
    return f"says: {text[:300]}"
