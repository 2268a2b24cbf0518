"""`synthsweep ui`, in this process."""

import socket
from collections.abc import Callable

import pytest

from support.builders import Answer


def test_a_port_that_is_taken_is_one_line(cli: Callable[..., Answer]) -> None:
    """The UI of another folder may still be open."""

    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        answer = cli("ui", f"ui.port={port}")

    assert answer.status == 2
    assert f"synthsweep: ui.port={port} is taken" in answer.err[-1]


def test_the_pages_show_this_store_whatever_the_environment_says(
    cli: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """MLflow's server takes most of its options from variables, too."""

    given: list[dict[str, str]] = []
    monkeypatch.setattr("os.execve", lambda program, command, environment: given.append(environment))
    for name in ("MLFLOW_REGISTRY_STORE_URI", "MLFLOW_ARTIFACTS_DESTINATION", "MLFLOW_HOST", "MLFLOW_UVICORN_OPTS"):
        monkeypatch.setenv(name, "elsewhere")

    answer = cli("ui", "ui.port=5999")

    assert (answer.status, "elsewhere" in given[0].values()) == (0, False)
