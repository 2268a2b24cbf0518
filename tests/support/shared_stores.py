"""The stores that several machines share: an MLflow server of the test's own, and what the stores say of who did what."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from support.ports import free_port
from synthsweep.storage.database import open_engine
from synthsweep.storage.leases import CLAIMS

LIMIT_S = 900
# TF-IDF takes a fraction of a second: what is tested is who takes what.
STUDY = ("experiment=ci", "model=tfidf", "tracking.figures=false", "mix.ratio=0,0.1,0.2,0.3", "replicates=2")
PLANNED = 8


@pytest.fixture
def server(tmp_path: Path, migrated: Path) -> Iterator[tuple[str, Path]]:
    """The address of a real MLflow server, and its folder; its database is migrated already, which takes long."""
    port, place = free_port(), tmp_path / "server"
    place.mkdir()
    shutil.copy(migrated / "mlflow.db", place)
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    stores = ["--backend-store-uri", f"sqlite:///{place}/mlflow.db", "--artifacts-destination", str(place / "artifacts")]
    environment = {**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    with (place / "log").open("wb") as log:
        process = subprocess.Popen([*command, *stores], env=environment, stdout=log, stderr=log, start_new_session=True)
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(lambda: answers(f"{address}/health"), process)
        yield address, place
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except OSError:
        return False


def wait_for(happened: Callable[[], object], process: subprocess.Popen[Any]) -> None:
    end = time.monotonic() + LIMIT_S
    while not happened():
        assert process.poll() is None
        assert time.monotonic() < end
        time.sleep(0.2)


def done_by(address: str) -> Counter[str]:
    """The finished replicates of a study, by the process that did them."""
    engine = open_engine(address)
    try:
        if not sa.inspect(engine).has_table(CLAIMS.name):
            return Counter()
        with engine.connect() as connection:
            rows = connection.execute(sa.select(CLAIMS.c.item, CLAIMS.c.owner).where(CLAIMS.c.state == "done")).all()
    finally:
        engine.dispose()
    return Counter(owner.split("|")[1] for item, owner in rows if "/" in item)


def scores(database: Path) -> Mapping[str, list[float]]:
    """The macro average precision on test of every replicate that was trained, by the key of its run."""
    query = (
        "SELECT (SELECT value FROM tags t WHERE t.run_uuid = r.run_uuid AND t.key = 'run_key'), m.value FROM runs r "
        "JOIN latest_metrics m ON m.run_uuid = r.run_uuid AND m.key = 'test/average_precision/macro' "
        "WHERE r.status = 'FINISHED'"
    )
    found: dict[str, list[float]] = {}
    with closing(sqlite3.connect(database)) as connection:
        for key, value in connection.execute(query):
            if key:
                found.setdefault(key, []).append(value)
    return found


def run_states(database: Path) -> Mapping[str, int]:
    """How many runs a store has in each state."""
    with closing(sqlite3.connect(database)) as connection:
        return dict(connection.execute("SELECT status, COUNT(*) FROM runs GROUP BY status"))
