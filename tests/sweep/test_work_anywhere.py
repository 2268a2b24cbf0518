"""One study, three machines: folders and homes of their own, a database and a server between them, and not every one lives."""

import json
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

from support.begun_studies import begin_study
from support.ports import free_port
from support.postgres import Postgres
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


def machine(folder: Path, name: str, *stores: str) -> subprocess.Popen[bytes]:
    """`synthsweep work` in a folder and a home of its own; its output goes to work.log there."""
    place = folder / name
    place.mkdir()
    environment = {**os.environ, "HOME": str(place), "HF_HOME": str(place / "hf"), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "synthsweep.cli.main", "work", "shared", *stores]
    with (place / "work.log").open("wb") as log:
        return subprocess.Popen(
            [*command, "hydra/launcher=basic", "hydra.sweeper.lease_s=10"],
            cwd=place, env=environment, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip


def done_by(address: str) -> Counter[str]:
    """The finished replicates of a study, by the process that did them."""
    engine = open_engine(address)
    try:
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


@pytest.mark.slow
def test_machines_come_and_go_and_every_replicate_is_done_once(
    cli: Callable[..., Any], postgres: Postgres, server: tuple[str, Path], tmp_path: Path, made_store: None
) -> None:
    """One is killed, one is stopped, one comes late: the numbers are those of a study that nobody disturbed."""
    address, (uri, place) = postgres.new_database(), server
    stores = (f"hydra.sweeper.storage={address}", "tracking=server", f"tracking.uri={uri}")
    begin_study(tmp_path / "first", address, *STUDY, "study=shared")
    killed, stopped = machine(tmp_path, "killed", *stores), machine(tmp_path, "stopped", *stores)
    wait_for(lambda: done_by(address)[str(killed.pid)] >= 1, killed)
    os.killpg(killed.pid, signal.SIGKILL)
    wait_for(lambda: done_by(address)[str(stopped.pid)] >= 1, stopped)
    stopped.terminate()
    late = machine(tmp_path, "late", *stores)

    ended = [one.wait(LIMIT_S) for one in (killed, stopped, late)]
    log = (tmp_path / "late/work.log").read_text()
    undisturbed = cli("run", "-m", *STUDY, "study=alone", "hydra/launcher=basic")

    by = done_by(address)
    assert (ended[0], ended[2], sum(by.values())) == (-signal.SIGKILL, 0, PLANNED), log
    assert ended[1] in {0, 130}
    assert by[str(killed.pid)] >= 1
    assert by[str(stopped.pid)] >= 1
    assert f"{PLANNED} of {PLANNED} replicates finished" in log
    with closing(sqlite3.connect(place / "mlflow.db")) as connection:
        states = dict(connection.execute("SELECT status, COUNT(*) FROM runs GROUP BY status"))
    assert "RUNNING" not in states, json.dumps(states)
    assert undisturbed.status == 0
    shared, alone = scores(place / "mlflow.db"), scores(tmp_path / "mlruns/mlflow.db")
    assert {key: len(values) for key, values in shared.items()} == dict.fromkeys(alone, 1)
    assert {key: values[0] for key, values in shared.items()} == {key: values[0] for key, values in alone.items()}
