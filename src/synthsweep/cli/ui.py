"""`synthsweep ui`: MLflow's own pages."""

import os
import sys
from pathlib import Path

from omegaconf import DictConfig

from synthsweep.config.compose.register import frozen
from synthsweep.config.roots import UiRootConfig
from synthsweep.errors import InputError
from synthsweep.loopback import require_free


def ui(node: DictConfig) -> None:
    """`synthsweep ui`: replaces this process by MLflow's own server, on loopback."""
    config = frozen(node, UiRootConfig)
    if config.tracking.kind != "local":
        raise InputError(
            f"tracking.kind must be local for synthsweep ui, got {config.tracking.kind}: a server has a page of its own"
        )
    require_free(config.ui.port, "ui.port")
    from synthsweep.track.mlflow.environment import own_variables
    from synthsweep.track.mlflow.local_store import require_store, ui_address, ui_command

    command, environment = ui_command(require_store(Path(config.tracking.folder)), Path(config.tracking.folder), config.ui.port)
    print(f"MLflow UI: {ui_address(config.ui.port)}  (Ctrl-C ends it)", flush=True)
    os.execve(sys.executable, command, {**own_variables(os.environ), **environment})
