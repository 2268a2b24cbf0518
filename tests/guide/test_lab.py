"""The lab's database and server of the guide, as far as they can be had without Docker."""

import os
import shlex
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import psycopg
import pytest
import yaml
from mlflow.tracking import MlflowClient
from sqlalchemy.engine import make_url

from support.guide_pages import blocks
from support.patience import LIMIT_S
from support.ports import free_port
from support.postgres import Postgres
from synthsweep.study.optuna_storage import open_storage

PAGE = "howto-lab"


def wait_for_answer(port: int, server: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + LIMIT_S
    while server.poll() is None and time.monotonic() < end:
        with suppress(OSError), urlopen(f"http://127.0.0.1:{port}/health") as answer:
            if answer.status == 200:
                return
        time.sleep(0.2)
    pytest.fail(Path("server.log").read_text())


@pytest.fixture
def services() -> dict[str, Any]:
    text = next(block.text for block in blocks(PAGE) if block.language == "yaml" and block.text.startswith("services:"))
    return dict(yaml.safe_load(text)["services"])


def test_nothing_is_published_but_to_this_machine(services: dict[str, Any]) -> None:
    published = [port for service in services.values() for port in service["ports"]]

    assert published == ["127.0.0.1:5432:5432", "127.0.0.1:5000:5000"]


def test_no_password_is_written_into_the_file(services: dict[str, Any]) -> None:
    assert services["postgres"]["environment"]["POSTGRES_PASSWORD"].startswith("${LAB_PASSWORD:?")
    assert make_url(services["mlflow"]["environment"]["MLFLOW_BACKEND_STORE_URI"]).password == "${LAB_PASSWORD}"


@pytest.mark.slow
def test_the_databases_and_the_server_take_studies_and_runs(services: dict[str, Any], postgres: Postgres) -> None:
    """The role and the databases as the image makes them; then the server's own command, on other ports."""
    made, addresses = services["postgres"]["environment"], {}
    statements = [
        f"CREATE ROLE {made['POSTGRES_USER']} SUPERUSER LOGIN", f"CREATE DATABASE {made['POSTGRES_DB']}",
        *(block.text for block in blocks(PAGE) if block.language == "sql"),
    ]  # fmt: skip
    with psycopg.connect(host="127.0.0.1", port=postgres.port, user="postgres", autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())
    for name in (made["POSTGRES_DB"], make_url(services["mlflow"]["environment"]["MLFLOW_BACKEND_STORE_URI"]).database):
        addresses[name] = f"postgresql+psycopg://{made['POSTGRES_USER']}@127.0.0.1:{postgres.port}/{name}"
    inner = shlex.split(services["mlflow"]["command"])[-1]
    words = shlex.split(inner.partition("exec mlflow ")[2])
    port = free_port()
    for flag, value in {"--host": "127.0.0.1", "--port": str(port), "--artifacts-destination": "artifacts"}.items():
        words[words.index(flag) + 1] = value

    studies = open_storage(addresses["studies"])
    assert studies.get_all_studies() == []
    studies.remove_session()
    studies.engine.dispose()
    command = [sys.executable, "-m", "mlflow", *words, "--workers", "1", "--backend-store-uri", addresses["mlflow"]]
    with Path("server.log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
    try:
        wait_for_answer(port, server)
        assert MlflowClient(f"http://127.0.0.1:{port}").create_experiment("lab")
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait(LIMIT_S)
