"""`synthsweep ui`: MLflow's own pages, opened on the table of training runs."""

import os
import subprocess
import sys
from pathlib import Path

from omegaconf import DictConfig

from synthsweep.config.compose.register import frozen
from synthsweep.config.roots import UiRootConfig
from synthsweep.errors import InputError
from synthsweep.loopback import require_free
from synthsweep.messages import without_password


def ui(node: DictConfig) -> None:
    """`synthsweep ui`: replaces this process by MLflow's own server, on loopback; of a server that runs, prints the address."""
    config = frozen(node, UiRootConfig)
    tracking, port = config.tracking, config.ui.port
    if tracking.kind == "none":
        raise InputError("tracking.kind must be local or server for synthsweep ui, got none: it keeps nothing to show")
    if tracking.kind == "local":
        require_free(port, "ui.port")
    from synthsweep.track.mlflow.local_store import ui_command
    from synthsweep.track.mlflow.training_page import offer_training_page

    store, page = offer_training_page(tracking)
    if tracking.kind == "server":
        print(f"MLflow UI: {without_password(str(tracking.uri)).rstrip('/')}/{page}", flush=True)
        return
    address = f"http://127.0.0.1:{port}"
    print(f"MLflow UI: {address}/{page}  (Ctrl-C ends it)", flush=True)
    _open_when_up(f"{address}/{page}", port)
    _serve(*ui_command(store, Path(tracking.folder), port))


def _serve(command: list[str], environment: dict[str, str]) -> None:
    from synthsweep.track.mlflow.environment import own_variables

    os.execve(sys.executable, command, {**own_variables(os.environ), **environment})


def _open_when_up(address: str, port: int) -> None:
    """Opens a browser on a terminal with a display, from a process of its own: this one becomes the server."""
    if sys.stdout.isatty() and (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or sys.platform == "darwin"):
        opener = [sys.executable, "-m", "synthsweep.track.mlflow.open_page", address, str(port)]
        subprocess.Popen(opener, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
