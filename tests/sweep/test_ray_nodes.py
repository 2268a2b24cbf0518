"""One study on two nodes of a Ray cluster, of which one is lost."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from support.postgres import Postgres
from support.shared_stores import LIMIT_S, PLANNED, STUDY, done_by, run_states, scores, server, wait_for
from synthsweep.workers.ray_cluster import OBJECT_STORE_BYTES, PRIVATE

__all__ = ["server"]


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Two nodes with a CPU each, which others reach with this process's token alone."""
    for name, value in PRIVATE.items():
        monkeypatch.setenv(name, value)
    from ray.cluster_utils import Cluster

    before = signal.getsignal(signal.SIGTERM)
    node = {"num_cpus": 1, "object_store_memory": OBJECT_STORE_BYTES, "node_ip_address": "127.0.0.1"}
    made = Cluster(initialize_head=True, head_node_args={**node, "include_dashboard": False})
    try:
        made.add_node(**node)
        yield made
    finally:
        made.shutdown()
        # Ray's node ends this process at SIGTERM in a way of its own.
        signal.signal(signal.SIGTERM, before)


@pytest.mark.slow
def test_a_study_that_loses_a_node_has_the_numbers_of_an_undisturbed_one(
    cli: Callable[..., Any], postgres: Postgres, server: tuple[str, Path], cluster: Any, made_store: None
) -> None:
    """Every replicate is done once, and no run stays open."""
    address, (uri, place) = postgres.new_database(), server
    stores = (f"hydra.sweeper.storage={address}", "tracking=server", f"tracking.uri={uri}")
    ray = ("hydra/launcher=ray_workers", f"hydra.launcher.address={cluster.address}", "hydra.launcher.n_workers=2")
    command = [sys.executable, "-m", "synthsweep.cli.main", "run", "-m", *STUDY, "study=shared", *ray, *stores]
    with Path("sweep.log").open("wb") as log:
        sweep = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, "OMP_NUM_THREADS": "1"})
    # Both have come up by the time that two are done.
    wait_for(lambda: sum(done_by(address).values()) >= 2, sweep)
    cluster.remove_node(next(iter(cluster.worker_nodes)), allow_graceful=False)

    status = sweep.wait(LIMIT_S)
    said = Path("sweep.log").read_text()
    undisturbed = cli("run", "-m", *STUDY, "study=alone", "hydra/launcher=basic")

    assert (status, sum(done_by(address).values())) == (0, PLANNED), said
    assert f"{PLANNED} of {PLANNED} replicates finished" in said
    assert "RUNNING" not in run_states(place / "mlflow.db")
    assert undisturbed.status == 0
    shared, alone = scores(place / "mlflow.db"), scores(Path("mlruns/mlflow.db"))
    assert {key: len(values) for key, values in shared.items()} == dict.fromkeys(alone, 1)
    assert {key: values[0] for key, values in shared.items()} == {key: values[0] for key, values in alone.items()}
