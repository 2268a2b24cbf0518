"""The local MLflow store: made completely and only once, even if many processes start at the same moment."""

import logging
import os
import sqlite3
import sys
from pathlib import Path

from synthsweep.errors import TrackingError
from synthsweep.messages import first_line
from synthsweep.storage.database import sqlite_address, sqlite_file
from synthsweep.storage.sqlite import open_sqlite
from synthsweep.track.mlflow.empty_store import ready_tables
from synthsweep.track.mlflow.environment import forget_foreign_variables
from synthsweep.track.mlflow.moved_store import ARTIFACTS, DATABASE, list_home, settle

UNFINISHED = f".{DATABASE}.unborn"


def database_uri(folder: Path) -> str:
    """The store's address: absolute, since MLflow's own default follows the current folder."""
    return sqlite_address(folder / DATABASE)


def artifact_root(folder: Path) -> str:
    """The address below which the store keeps the files of its runs; one, even if links lead to the folder by several paths."""
    return (folder.resolve() / ARTIFACTS).as_uri()


def existing_store(folder: Path) -> str:
    """The address of the store in a folder; what was moved or copied here is settled first.

    Raises:
        TrackingError: it was copied here, and cannot be written to.
    """
    if (folder / DATABASE).exists():
        settle(folder / DATABASE)
    return database_uri(folder)


def given_store(uri: str, folder: Path) -> str:
    """The address of the database that `tracking.uri` names; one that lies in the folder is settled like the folder's own.

    Raises:
        TrackingError: it was copied here, and cannot be written to.
    """
    file = sqlite_file(uri) if uri.startswith("sqlite") else None
    if file is None:
        return uri
    # Elsewhere, several folders may share it.
    if file.exists() and file.parent.resolve() == folder.resolve():
        settle(file)
    return sqlite_address(file)


def require_store(folder: Path) -> str:
    """Makes `mlflow.db` in the folder if it is not there yet, and returns its address.

    A kill or a second process while MLflow makes its tables would break them for good: the database is made under another
    name, behind a lock, then renamed.

    Raises:
        TrackingError: the folder cannot be written to.
    """
    database = folder / DATABASE
    if database.exists():
        return existing_store(folder)
    from filelock import FileLock

    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / f".{DATABASE}.lock"):
            if not database.exists():
                _create(folder)
    except (OSError, sqlite3.Error) as error:
        raise TrackingError(f"tracking.folder={folder}: no MLflow store can be made here: {first_line(error)}") from error
    return existing_store(folder)


def make_tables(uri: str, artifacts: str) -> None:
    """Makes MLflow's tables in a database, or looks at them; its own experiment gets a place below `artifacts`."""
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    # A client would give that experiment a place in the current folder, and write the folder's name into SQL unescaped.
    SqlAlchemyStore(uri, artifacts).engine.dispose()  # type: ignore[no-untyped-call]


def _create(folder: Path) -> None:
    unfinished = folder / UNFINISHED
    _delete_unfinished(folder)
    # Readers (the UI) and writers (runs) do not wait for one another.
    connection = open_sqlite(unfinished, ready_tables())
    make_tables(sqlite_address(unfinished), artifact_root(folder))
    list_home(connection, folder.resolve())
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    unfinished.replace(folder / DATABASE)
    _delete_unfinished(folder)


def _delete_unfinished(folder: Path) -> None:
    """Deletes what a killed process left: the unfinished database and the files beside it."""
    for path in folder.glob(f"{UNFINISHED}*"):
        path.unlink()


def quiet_mlflow() -> None:
    """Silences MLflow's and its libraries' lines on migrations, retries and files: a run's screen is for the run.

    What the environment says of other stores is forgotten.
    """
    forget_foreign_variables()
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    # Two lines per run on a server, and a request for them.
    os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")
    for name in ("mlflow", "alembic", "urllib3"):
        logging.getLogger(name).setLevel(logging.ERROR)


def impatient_mlflow() -> None:
    """Makes MLflow give up on a missing server in seconds; its default is minutes."""
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "20")


def ui_command(uri: str, folder: Path, port: int) -> tuple[list[str], dict[str, str]]:
    """The command and environment of MLflow's server on loopback: one worker and no job queue take a quarter of the memory."""
    command = [
        sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1",
        "--default-artifact-root", artifact_root(folder),
        # Its own line of the address would lead to its page for traces, and a line per request would push ours away.
        "--uvicorn-opts", "--log-level warning",
    ]  # fmt: skip
    # Everybody on this machine can read a command line, and the address may hold a password.
    address = {"MLFLOW_BACKEND_STORE_URI": uri, "MLFLOW_REGISTRY_STORE_URI": uri}
    quiet = {"MLFLOW_LOGGING_LEVEL": "WARNING", "PYTHONWARNINGS": "ignore"}
    return command, {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", **address, **quiet}
