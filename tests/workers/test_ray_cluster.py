"""What a worker asks of a cluster, and clusters that cannot be joined."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from synthsweep.workers.ray_cluster import WorkerResources

NODES = [{"Resources": {"CPU": 4.0, "GPU": 1.0}}, {"Resources": {"CPU": 3.0}}, {"Resources": {}}]


@pytest.mark.parametrize(
    ("cpus", "gpus", "expected"),
    [(1, 0, 7), (2, 0, 3), (4, 0, 1), (5, 0, 0), (1, 1, 1), (1, 0.25, 4), (2, 0.25, 2), (1, 0.4, 2), (1, 2, 0)],
)
def test_no_worker_spans_two_nodes(cpus: int, gpus: float, expected: int) -> None:
    """CPUs and GPUs of different nodes do not add up to a worker, and a share of a GPU lies in one GPU."""
    assert WorkerResources(cpus, gpus).fitting(NODES) == expected


def refusal(address: str | None, **variables: str) -> str:
    """What `connect` raises, in a process of its own: Ray reads some of a local cluster's variables when it is imported."""
    program = (
        "from synthsweep.workers.ray_cluster import connect\n"
        "from synthsweep.errors import ConfigError\n"
        f"try: connect({address!r})\n"
        "except ConfigError as error: print(error)"
    )
    return subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, **variables}, capture_output=True, text=True
    ).stdout


def test_without_ray_the_error_says_how_to_install_it(tmp_path: Path) -> None:
    (tmp_path / "ray.py").write_text("raise ImportError('there is no Ray')\n")

    assert refusal(None, PYTHONPATH=str(tmp_path)) == "hydra/launcher=ray_workers needs Ray: pip install 'synthsweep[ray]'\n"


def test_the_modules_for_ray_do_not_import_it_at_once() -> None:
    """The launcher's checks come before seconds of imports."""
    program = "import sys, synthsweep.workers.ray_pool, synthsweep.workers.ray_cluster; print('ray' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", program], capture_output=True).stdout == b"False\n"


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["", "ray://"])
def test_an_address_where_nothing_listens_fails_at_once(scheme: str) -> None:
    """Ray alone would wait for minutes."""
    began = time.monotonic()
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        place = f"{scheme}127.0.0.1:{closed.getsockname()[1]}"
        message = refusal(place)

    assert message.startswith(f"hydra.launcher.address={place}: no Ray cluster: ")
    assert message.endswith("; start one with ray start --head, or set null for one of your own\n")
    assert time.monotonic() - began < 30
