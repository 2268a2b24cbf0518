"""The address of a run's own page in MLflow."""

from synthsweep.config.keys.run import TrackingConfig
from synthsweep.messages import without_password
from synthsweep.track.mlflow.client import wrapped
from synthsweep.track.mlflow.reader import open_reader

# Where `synthsweep ui` serves a local store.
LOCAL_UI = "http://127.0.0.1:5000"


def run_page(config: TrackingConfig, run_id: str) -> str:
    """The page on the server; for a local store, the page that `synthsweep ui` serves at its default port."""
    reader = open_reader(config)
    with wrapped(reader.uri):
        experiment = reader.client.get_run(run_id).info.experiment_id
    server = without_password(str(config.uri)).rstrip("/") if config.kind == "server" else LOCAL_UI
    return f"{server}/#/experiments/{experiment}/runs/{run_id}"
