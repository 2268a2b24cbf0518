"""What each job of an array runs, what it asks of Slurm, and what is refused before anything begins."""

import socket
from typing import Any

import pytest
from omegaconf import OmegaConf

from hydra_plugins.synthsweep.slurm_workers_launcher import SlurmWorkersConf
from support.slurm import Slurm
from support.slurm_cluster import slurm
from synthsweep.config.keys.run import TrackingConfig
from synthsweep.config.keys.sweeper import SweeperSettings
from synthsweep.errors import ConfigError
from synthsweep.sweep.launch.slurm_workers import is_loopback, require_reachable, slurm_parameters, work_command

__all__ = ["slurm"]

SETTINGS: dict[str, Any] = {name: value for name, value in vars(SlurmWorkersConf()).items() if not name.startswith("_")}
SERVER = {"kind": "server", "uri": "http://lab:5000"}
POSTGRES = "postgresql+psycopg://lab@db/studies"


def config(tracking: dict[str, Any] = SERVER, storage: str | None = POSTGRES) -> Any:
    return OmegaConf.create({"tracking": {"uri": None, **tracking}, "hydra": {"sweeper": {"storage": storage}}})


@pytest.mark.usefixtures("slurm")
@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            config(storage="postgresql+psycopg://lab:SECRET@db/studies"),
            r"hydra\.sweeper\.storage holds a password, .* PGPASSWORD",
        ),
        (config({"kind": "server", "uri": "http://me:SECRET@lab:5000"}), r"tracking\.uri holds a password, .* MLFLOW_TRACKING"),
    ],
)
def test_an_address_with_a_password_is_refused(given: Any, said: str) -> None:
    """It would stand in the command line of every job."""
    with pytest.raises(ConfigError, match=said) as refused:
        require_reachable(SETTINGS, given)

    assert "SECRET" not in str(refused.value)


def test_a_job_joins_the_study_with_the_stores_and_the_limits_of_the_command() -> None:
    """Its workers share the CPUs that Slurm gives it; addresses are written as Hydra reads them."""
    settings = {**SETTINGS, "cpus_per_job": 8, "workers_per_job": 2, "timeout_s": 60.0}
    sweeper = SweeperSettings(storage=POSTGRES, max_retries=1, lease_s=30.0)

    words = work_command(settings, "my study", sweeper, TrackingConfig(**SERVER))

    assert words[words.index("work") + 1] == "study='my study'"
    assert {
        "tracking.kind=server", "tracking.uri='http://lab:5000'", "tracking.folder=mlruns", "tracking.log_data=false",
        f"hydra.sweeper.storage='{POSTGRES}'", "hydra.sweeper.max_retries=1", "hydra.sweeper.lease_s=30",
        "hydra.launcher.n_workers=2", "hydra.launcher.threads=4", "hydra.launcher.timeout_s=60",
    } <= set(words)  # fmt: skip


def test_slurm_is_asked_for_what_the_keys_say() -> None:
    """What is null is left to the cluster; a further parameter has the last word."""
    settings = {**SETTINGS, "partition": "gpu", "gpus_per_job": 1, "additional": {"account": "lab", "requeue": False}}

    asked = slurm_parameters(settings)

    assert (asked["partition"], asked["gpus_per_node"], asked["mem"], asked["time"]) == ("gpu", 1, "16384M", 240)
    assert asked["additional_parameters"] == {"account": "lab", "requeue": False}
    assert not {"partition", "gpus_per_node", "setup"} & set(slurm_parameters(SETTINGS))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"storage": None},
            r"hydra\.sweeper\.storage is a SQLite file, which the nodes of the cluster do not reach: set",
        ),
        ({"storage": "sqlite:////tmp/optuna.db"}, r"hydra\.sweeper\.storage is a SQLite file"),
        ({"tracking": {"kind": "local"}}, r"tracking is a file of this machine \(tracking=local\), which the nodes"),
        (
            {"tracking": {**SERVER, "uri": "http://127.0.0.1:5000"}},
            r"tracking\.uri=http://127\.0\.0\.1:5000 is each node's own address: set tracking\.uri=http://HOST:5000",
        ),
        (
            {"storage": "postgresql+psycopg://lab@localhost/studies"},
            r"hydra\.sweeper\.storage=postgresql\+psycopg://localhost/studies is each node's own address",
        ),
    ],
)
def test_stores_that_the_nodes_do_not_reach_are_refused(slurm: Slurm, given: dict[str, Any], message: str) -> None:
    """On a cluster of this machine alone they are reached; a tunnel of the user's own may lead to a server, never to a file."""
    slurm.set(nodes=["node1", "node2"])
    with pytest.raises(ConfigError, match=f"^{message}"):
        require_reachable(SETTINGS, config(**given))

    slurm.set(nodes=[socket.gethostname()])
    require_reachable(SETTINGS, config(**given))


def test_a_tunnel_in_setup_is_trusted(slurm: Slurm) -> None:
    slurm.set(nodes=["node1"])

    tunnel = {**SETTINGS, "setup": ["ssh -fN -L 5000:127.0.0.1:5000 lab"]}

    require_reachable(tunnel, config({**SERVER, "uri": "http://127.0.0.1:5000"}))


def test_stores_with_a_name_are_reached(slurm: Slurm) -> None:
    slurm.set(nodes=["node1"])

    require_reachable(SETTINGS, config())

    assert [is_loopback(address) for address in ("http://[::1]:5000", "http://lab:5000", "")] == [True, False, False]
