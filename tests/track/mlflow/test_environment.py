"""Only the configuration says where runs go."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from support.builders import Answer
from synthsweep.track.mlflow.environment import own_variables

# Each sends runs, registrations, reads, files or traces somewhere else.
REDIRECTING = (
    "MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI", "MLFLOW_BACKEND_STORE_URI", "MLFLOW_REGISTRY_STORE_URI",
    "MLFLOW_READ_REPLICA_BACKEND_STORE_URI", "MLFLOW_WORKSPACE_STORE_URI", "MLFLOW_TRACKING_DIR", "MLFLOW_REGISTRY_DIR",
)  # fmt: skip
OTHERS = {
    "MLFLOW_EXPERIMENT_NAME": "theirs", "MLFLOW_EXPERIMENT_ID": "77", "MLFLOW_RUN_ID": "0" * 32, "MLFLOW_WORKSPACE": "theirs",
    "MLFLOW_ENABLE_WORKSPACES": "true", "MLFLOW_TRACING_DESTINATION": "77", "MLFLOW_ARTIFACTS_DESTINATION": "/nowhere",
    "MLFLOW_DEFAULT_ARTIFACT_ROOT": "/nowhere", "MLFLOW_ENABLE_ASYNC_LOGGING": "true",
}  # fmt: skip


def test_what_redirects_is_forgotten_and_what_reaches_a_server_stays() -> None:
    kept = {"MLFLOW_TRACKING_USERNAME": "me", "MLFLOW_TRACKING_TOKEN": "t", "MLFLOW_HTTP_REQUEST_TIMEOUT": "5", "PATH": "/bin"}

    assert own_variables({**dict.fromkeys(REDIRECTING, "x"), **OTHERS, **kept}) == kept


@pytest.mark.slow
def test_a_run_goes_where_the_configuration_says(
    cli: Callable[..., Answer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its prompt, whatever the environment says of other stores."""

    for name in REDIRECTING:
        monkeypatch.setenv(name, f"sqlite:///{tmp_path}/elsewhere-{name}.db")
    for name, value in OTHERS.items():
        monkeypatch.setenv(name, value)

    answer = cli("run", "experiment=ci", "training.epochs=1", "training.threads=1")

    assert (answer.status, sorted(path.name for path in tmp_path.iterdir())) == (0, ["mlruns"])
    with closing(sqlite3.connect("mlruns/mlflow.db")) as store:
        assert store.execute("SELECT COUNT(*) FROM runs").fetchone()[0] == 1
        assert store.execute("SELECT COUNT(*) FROM model_versions").fetchone()[0] == 1
    assert not set(REDIRECTING) & set(os.environ)
