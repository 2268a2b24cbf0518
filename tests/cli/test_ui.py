"""`synthsweep ui`, in this process."""

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from support.builders import Answer
from synthsweep.config.keys.run import TrackingConfig
from synthsweep.track.mlflow.open_page import open_when_up
from synthsweep.track.mlflow.pages import view_state
from synthsweep.track.mlflow.tracker import open_tracker
from synthsweep.track.views import training_view
from synthsweep.track.writer import RunStart


def test_a_port_that_is_taken_is_one_line(cli: Callable[..., Answer]) -> None:
    """The UI of another folder may still be open."""

    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        answer = cli("ui", f"ui.port={port}")

    assert answer.status == 2
    assert f"synthsweep: ui.port={port} is taken" in answer.err[-1]


@pytest.mark.slow
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


@pytest.mark.slow
def test_it_shows_the_training_runs_of_the_store_that_the_configuration_names(
    cli: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of `tracking.uri` too; a store of an earlier version gets the table at once, with the criteria of its latest run."""

    given: list[dict[str, str]] = []
    monkeypatch.setattr("os.execve", lambda program, command, environment: given.append(environment))
    tracker = open_tracker(TrackingConfig(uri="sqlite:///other/runs.db"))
    tracker.start(RunStart("one", {}, {"arm": "augment"}))
    tracker.log_metrics({"test/average_precision/macro": 0.5, "test/average_precision/B7": 0.5})
    tracker.finish("FINISHED")

    answer = cli("ui", "ui.port=5998", "tracking.uri=sqlite:///other/runs.db")

    page = "#/experiments/1/runs?workflowType=machine_learning&viewStateShareKey=runs"
    assert answer.out == f"MLflow UI: http://127.0.0.1:5998/{page}  (Ctrl-C ends it)\n"
    assert given[0]["MLFLOW_BACKEND_STORE_URI"] == f"sqlite+pysqlite:///{Path('other/runs.db').absolute()}"
    assert tracker.client.get_experiment("1").tags["mlflow.sharedViewState.runs"] == view_state(training_view(["B7"]))


def test_a_browser_opens_once_the_server_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda address: not opened.append(address))
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        port = server.getsockname()[1]
        assert not open_when_up("http://page", port, wait_s=0.1)
        server.listen()
        assert open_when_up("http://page", port)

    assert opened == ["http://page"]
