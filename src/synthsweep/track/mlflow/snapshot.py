"""Looks at a store as it is, without writing to it: MLflow itself writes to every database that it opens."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from synthsweep.config.keys.run import TrackingConfig
from synthsweep.errors import StorageError, TrackingError
from synthsweep.messages import first_line
from synthsweep.storage.database import has_tables, sqlite_file
from synthsweep.storage.sqlite import copy_untouched
from synthsweep.track.mlflow.database_reader import DatabaseReader, is_known
from synthsweep.track.mlflow.local_store import database_uri, quiet_mlflow
from synthsweep.track.mlflow.moved_store import DATABASE
from synthsweep.track.mlflow.run_files import artifacts_of
from synthsweep.track.reader import FinishedRuns


@contextmanager
def open_snapshot(config: TrackingConfig) -> Iterator[FinishedRuns | None]:
    """A reader of a SQLite store's copy, or of a server; None if the database holds no store yet.

    Raises:
        TrackingError: the store does not answer.
    """
    database = _database(config)
    if database is None:
        yield _of_server(config) if _is_store(config) else None
        return
    if not database.exists():
        yield None
        return
    with TemporaryDirectory(prefix="synthsweep-") as folder:
        try:
            copy_untouched(database, Path(folder) / DATABASE)
        except (sqlite3.Error, OSError) as error:
            raise TrackingError(f"tracking: {database} cannot be read: {first_line(error)}") from error
        # A copy for a moment is no store that was moved: its files are where they were.
        copy = Path(folder) / DATABASE
        yield DatabaseReader(copy, config, artifacts_of(config)) if is_known(copy) else _through_mlflow(copy, config)


def _through_mlflow(copy: Path, config: TrackingConfig) -> FinishedRuns:
    # MLflow takes seconds to import.
    from mlflow.tracking import MlflowClient

    from synthsweep.track.mlflow.reader import reader_on

    quiet_mlflow()
    uri = database_uri(copy.parent)
    return reader_on(MlflowClient(tracking_uri=uri, registry_uri=uri), uri, config)


def _of_server(config: TrackingConfig) -> FinishedRuns:
    from synthsweep.track.mlflow.reader import open_reader

    return open_reader(config)


def _database(config: TrackingConfig) -> Path | None:
    """The file of a store; None for a server."""
    if config.kind == "server":
        return None
    return sqlite_file(config.uri) if config.uri else Path(config.folder) / DATABASE


def _is_store(config: TrackingConfig) -> bool:
    if config.kind == "server":
        return True
    try:
        return has_tables(str(config.uri), "experiments")
    except StorageError as error:
        raise TrackingError(f"tracking.uri: {first_line(error)}") from error
