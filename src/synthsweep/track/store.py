"""The local MLflow store: made once, whole, however many processes start at the same moment."""

import logging
import os
import sqlite3
import sys
from pathlib import Path

from synthsweep.errors import TrackingError
from synthsweep.messages import first_line

DATABASE, ARTIFACTS = "mlflow.db", "artifacts"


def database_uri(folder: Path) -> str:
    """The store's address: absolute, since MLflow's own default follows the current folder."""
    return f"sqlite:///{(folder.absolute() / DATABASE).as_posix()}"


def require_store(folder: Path) -> str:
    """Makes `mlflow.db` below the folder if it is not there yet, and returns its address.

    MLflow migrates a new database for seconds, and a kill or a second process in between would break it for good: it
    is migrated under another name, behind a lock, then renamed.

    Raises:
        TrackingError: the folder cannot be written to.
    """
    database = folder / DATABASE
    if database.exists():
        return database_uri(folder)
    from filelock import FileLock

    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / f".{DATABASE}.lock"):
            if not database.exists():
                _create(folder)
    except (OSError, sqlite3.Error) as error:
        raise TrackingError(f"tracking.folder={folder}: no MLflow store can be made here: {first_line(error)}") from error
    return database_uri(folder)


def _create(folder: Path) -> None:
    from mlflow.tracking import MlflowClient

    unborn = folder / f".{DATABASE}.unborn"
    for leftover in folder.glob(f"{unborn.name}*"):
        leftover.unlink()
    MlflowClient(tracking_uri=f"sqlite:///{unborn.absolute().as_posix()}").search_experiments(max_results=1)
    connection = sqlite3.connect(unborn)
    # Readers (the UI) and writers (runs) do not wait for one another.
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    unborn.replace(folder / DATABASE)


def quiet_mlflow() -> None:
    """They tell of every migration, retry and file; a run's screen is for the run."""
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    for name in ("mlflow", "alembic", "urllib3"):
        logging.getLogger(name).setLevel(logging.ERROR)


def impatient_mlflow() -> None:
    """A server that is not there should cost seconds, not MLflow's default of minutes."""
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "20")


def ui_address(port: int) -> str:
    """The page to open: MLflow's start page is that of LLM traces, two clicks from any run."""
    return f"http://127.0.0.1:{port}/#/experiments?workflowType=machine_learning"


def ui_command(uri: str, folder: Path, port: int) -> tuple[list[str], dict[str, str]]:
    """The command and environment of MLflow's server on loopback: one worker and no job queue, at a quarter of the memory."""
    command = [
        sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1",
        "--backend-store-uri", uri, "--default-artifact-root", (folder.absolute() / ARTIFACTS).as_uri(),
    ]  # fmt: skip
    return command, {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
