"""The tests' own PostgreSQL server: separate databases, stores of both libraries, and nothing left at the end."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from support.patience import LIMIT_S
from support.postgres import PROGRAMS, Postgres, find_programs, missing, serving

SERVE_AND_FORK = """
import os, sys, time
from pathlib import Path
from support.postgres import find_programs, serving

with serving(find_programs(), Path(sys.argv[1])) as server:
    if os.fork() == 0:
        time.sleep(600)
    print(server.port, flush=True)
    time.sleep(600)
"""


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that the server's user may write to, unlike pytest's own."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o1777)
        yield Path(folder)


def install(folder: Path, *programs: str) -> Path:
    folder.mkdir(parents=True)
    for name in programs:
        (folder / name).touch(mode=0o755)
    return folder


def listening(port: int) -> bool:
    with closing(socket.socket()) as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def test_the_newest_whole_server_is_found(tmp_path: Path) -> None:
    """Versions are compared as numbers, and a folder that lacks a program is skipped."""

    install(tmp_path / "9" / "bin", *PROGRAMS)
    whole = install(tmp_path / "15" / "bin", *PROGRAMS)
    install(tmp_path / "16" / "bin", "pg_ctl")

    assert find_programs(tmp_path, path="") == whole


def test_the_server_on_path_comes_first(tmp_path: Path) -> None:
    """A version on PATH was chosen, through a link too."""

    install(tmp_path / "15" / "bin", *PROGRAMS)
    chosen = install(tmp_path / "14" / "bin", *PROGRAMS)
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / "pg_ctl").symlink_to(chosen / "pg_ctl")

    assert find_programs(tmp_path, path=str(tmp_path / "links")) == chosen


def test_without_a_server_one_line_says_how_to_get_it(tmp_path: Path) -> None:
    """It is the reason that a skipped test gives."""

    reason = missing(find_programs(tmp_path, path=""))

    assert reason.splitlines() == ["no PostgreSQL server on PATH or in /usr/lib/postgresql: apt-get install postgresql"]


def test_a_server_that_does_not_start_says_why_and_leaves_nothing(place: Path) -> None:
    """The error has the output of its programs, and the folder is gone."""

    broken = install(place / "bin", *PROGRAMS)
    (broken / "initdb").write_text("#!/bin/sh\necho the disk is full\nexit 1\n")

    with pytest.raises(RuntimeError, match="PostgreSQL did not start:\nthe disk is full"), serving(broken, place):
        pass

    assert list(place.iterdir()) == [broken]


def test_two_databases_are_separate(postgres: Postgres) -> None:
    """A table of one is unknown in the other, and each begins empty."""

    from sqlalchemy import create_engine, inspect, text

    first, second = (create_engine(postgres.new_database()) for _ in range(2))
    before = [inspect(engine).get_table_names() for engine in (first, second)]
    with first.begin() as connection:
        connection.execute(text("CREATE TABLE runs (id INTEGER)"))
    after = [inspect(engine).get_table_names() for engine in (first, second)]
    for engine in (first, second):
        engine.dispose()

    assert before == [[], []]
    assert after == [["runs"], []]


@pytest.mark.slow
def test_mlflow_and_optuna_share_the_server(postgres: Postgres) -> None:
    """Each in its own database: a run with its metric, a study with its trial."""

    import optuna
    from mlflow.tracking import MlflowClient

    client = MlflowClient(tracking_uri=postgres.new_database())
    run = client.create_run(client.create_experiment("doses")).info.run_id
    client.log_metric(run, "test/macro_f1", 0.5)
    storage = optuna.storages.RDBStorage(postgres.new_database())
    study = optuna.create_study(storage=storage, study_name="doses")
    study.tell(study.ask(), 0.25)
    trials = optuna.load_study(storage=storage, study_name="doses").trials
    storage.engine.dispose()

    assert client.get_run(run).data.metrics == {"test/macro_f1": 0.5}
    assert [trial.value for trial in trials] == [0.25]


@pytest.mark.slow
@pytest.mark.usefixtures("postgres")
def test_the_server_ends_with_a_killed_process(place: Path) -> None:
    """Neither a kill that runs no handler nor a forked child that lives on leaves a server or its folder."""

    process = subprocess.Popen(
        [sys.executable, "-c", SERVE_AND_FORK, str(place)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
        start_new_session=True,
    )
    try:
        assert process.stdout
        port = int(process.stdout.readline())
        listened = listening(port)
        process.kill()
        end = time.monotonic() + LIMIT_S
        while (listening(port) or list(place.iterdir())) and time.monotonic() < end:
            time.sleep(0.05)
        left = (listening(port), list(place.iterdir()))
    finally:
        # The forked child too.
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()

    assert listened
    assert left == (False, [])
