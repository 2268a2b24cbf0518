"""Jobs of a Slurm cluster as workers of a study: what each of them runs, what it asks of Slurm, and what cannot work there."""

import ipaddress
import socket
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from omegaconf import DictConfig

from synthsweep.config.commands import assign
from synthsweep.config.flat import values_of
from synthsweep.config.keys.run import TrackingConfig
from synthsweep.config.keys.sweeper import OF_A_PROCESS, SweeperSettings
from synthsweep.config.spelling import default_text
from synthsweep.errors import ConfigError
from synthsweep.messages import without_password
from synthsweep.pages.folder_name import own_folder
from synthsweep.storage.database import sqlite_file
from synthsweep.workers.slurm.array import JobArray, submit_array
from synthsweep.workers.slurm.commands import node_names, require_programs

# Where submitit's files lie, below tracking.folder: jobs read and write them, so the nodes must have this folder too.
FOLDER = Path("hydra") / "slurm"


def submit_workers(
    settings: Mapping[str, Any], study: str, sweeper: SweeperSettings, tracking: TrackingConfig, jobs: int
) -> JobArray:
    """Submits `synthsweep work` as an array of at most so many jobs.

    Raises:
        ConfigError: Slurm or submitit is not here.
        WorkerError: Slurm refuses the array.
    """
    command = work_command(settings, study, sweeper, tracking)
    folder = own_folder(Path(tracking.folder) / FOLDER, study)
    size = max(min(settings["n_jobs"], jobs), 1)
    return submit_array(command, size, folder, array_name(study), slurm_parameters(settings))


def array_name(study: str) -> str:
    """What Slurm calls the jobs of a study."""
    return f"synthsweep-{study}".replace("|", "_")


def work_command(settings: Mapping[str, Any], study: str, sweeper: SweeperSettings, tracking: TrackingConfig) -> list[str]:
    """`synthsweep work` with the stores of this command, and with its limits for each process."""
    stores = {f"tracking.{key}": value for key, value in values_of(tracking).items() if value is not None}
    limits = {name: getattr(sweeper, name.rpartition(".")[2]) for name in (*OF_A_PROCESS, "hydra.sweeper.lease_s")}
    workers = {
        "n_workers": settings["workers_per_job"],
        "threads": max(settings["cpus_per_job"] // settings["workers_per_job"], 1),
        "timeout_s": settings["timeout_s"],
        "start_s": settings["start_s"],
    }
    keys = {**stores, **limits, **{f"hydra.launcher.{name}": value for name, value in workers.items()}}
    if sweeper.storage:
        keys["hydra.sweeper.storage"] = sweeper.storage
    texts = [assign(key, value) if isinstance(value, str) else f"{key}={default_text(value)}" for key, value in keys.items()]
    # -P: a file of the current folder must not replace a library. Hydra's variable is set in this process alone.
    python = ["env", "-u", "HYDRA_FULL_ERROR", sys.executable, "-P", "-m"]
    return [*python, "synthsweep.cli.main", "work", assign("study", study), *texts]


def slurm_parameters(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of submitit for one job."""
    optional = {
        "partition": settings["partition"],
        "gpus_per_node": settings["gpus_per_job"] or None,
        "setup": list(settings["setup"]) or None,
    }
    return {
        **{name: value for name, value in optional.items() if value is not None},
        "time": settings["time_min"],
        "cpus_per_task": settings["cpus_per_job"],
        "ntasks_per_node": 1,
        "mem": f"{round(settings['mem_gb'] * 1024)}M",
        "signal_delay_s": settings["signal_s"],
        "array_parallelism": settings["max_running"] or settings["n_jobs"],
        "max_requeues": settings["max_requeues"],
        # submitit's own would have to be known to the cluster's accounts.
        "wckey": None,
        "additional_parameters": {"requeue": True, **settings["additional"]},
    }


def require_reachable(settings: Mapping[str, Any], config: DictConfig) -> None:
    """Raises ConfigError for what the nodes of the cluster cannot reach or must not show, before anything begins."""
    require_programs()
    for key, address, way_out in (
        ("tracking.uri", str(config.tracking.uri or ""), "set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD"),
        ("hydra.sweeper.storage", str(config.hydra.sweeper.get("storage") or ""), "set PGPASSWORD or write ~/.pgpass"),
    ):
        if urlsplit(address).password:
            raise ConfigError(
                f"{key} holds a password, which everybody on a node could read in the command line of a job: leave it out, "
                f"and {way_out}"
            )
    here = socket.gethostname().partition(".")[0]
    if {name.partition(".")[0] for name in node_names(settings["partition"])} == {here}:
        # A cluster of one machine, which is this one: its files and addresses are those of the jobs.
        return
    for key, value, way_out in _of_this_machine(config):
        raise ConfigError(f"{key} is {value}, which the nodes of the cluster do not reach: {way_out}")
    if settings["setup"]:
        # It may open a tunnel.
        return
    for key, address, example in (
        ("tracking.uri", str(config.tracking.uri or ""), "http://HOST:5000"),
        ("hydra.sweeper.storage", str(config.hydra.sweeper.get("storage") or ""), "postgresql+psycopg://lab@HOST/studies"),
    ):
        if is_loopback(address):
            raise ConfigError(
                f"{key}={without_password(address)} is each node's own address: set {key}={example} with a host that the nodes "
                "reach, or open a tunnel in hydra.launcher.setup"
            )


def _of_this_machine(config: DictConfig) -> Iterator[tuple[str, str, str]]:
    storage = str(config.hydra.sweeper.get("storage") or "")
    if not storage or sqlite_file(storage) is not None:
        # SQLite shares its journal through memory, which no file server does.
        yield "hydra.sweeper.storage", "a SQLite file", "set hydra.sweeper.storage=postgresql+psycopg://lab@HOST/studies"
    if config.tracking.kind == "local" and (not config.tracking.uri or sqlite_file(str(config.tracking.uri)) is not None):
        yield "tracking", "a file of this machine (tracking=local)", "set tracking=server tracking.uri=http://HOST:5000"


def is_loopback(address: str) -> bool:
    """Whether an address names the machine that reads it."""
    host = urlsplit(address).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
