"""The page of a store with its training runs, made on the spot for a store that an earlier version filled."""

from mlflow.tracking import MlflowClient

from synthsweep.config.keys.run import TrackingConfig
from synthsweep.config.metrics import PRIMARY
from synthsweep.track.mlflow.client import search_runs, wrapped
from synthsweep.track.mlflow.pages import runs_page
from synthsweep.track.mlflow.tracker import open_tracker
from synthsweep.track.views import TRAINED, training_view

# What stands among the criteria in the names of metrics.
AVERAGES = frozenset({"macro", "micro", "weighted", "undefined"})


def offer_training_page(config: TrackingConfig) -> tuple[str, str]:
    """The address of the store, which is made if it does not exist, and that of the page below its server's.

    Raises:
        TrackingError: the store cannot be made or does not answer.
    """
    tracker = open_tracker(config)
    return tracker.uri, runs_page(tracker.offer([training_view(_labels(tracker.client, tracker.uri))]))


def _labels(client: MlflowClient, uri: str) -> list[str]:
    """The criteria of the latest training run."""
    with wrapped(uri):
        latest = search_runs(client, f"{TRAINED} and attributes.status = 'FINISHED'", latest=1)
    prefix = PRIMARY.rpartition("/")[0] + "/"
    names = sorted(name for run in latest for name in run.data.metrics if name.startswith(prefix))
    return [name.removeprefix(prefix) for name in names if name.removeprefix(prefix) not in AVERAGES]
