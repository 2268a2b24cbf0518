"""One study, three machines: folders and homes of their own, a database and a server between them, and not every one lives."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.begun_studies import begin_study
from support.postgres import Postgres
from support.shared_stores import LIMIT_S, PLANNED, STUDY, done_by, run_states, scores, server, wait_for

__all__ = ["server"]


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
    assert "RUNNING" not in run_states(place / "mlflow.db")
    assert undisturbed.status == 0
    shared, alone = scores(place / "mlflow.db"), scores(tmp_path / "mlruns/mlflow.db")
    assert {key: len(values) for key, values in shared.items()} == dict.fromkeys(alone, 1)
    assert {key: values[0] for key, values in shared.items()} == {key: values[0] for key, values in alone.items()}
