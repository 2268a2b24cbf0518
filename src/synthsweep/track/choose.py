"""The tracker that a configuration names."""

from synthsweep.config.schema import TrackingConfig
from synthsweep.track.writer import RecordingTracker, Tracker


def tracker_of(config: TrackingConfig) -> Tracker:
    """A tracker for one run.

    Raises:
        TrackingError: the store cannot be made or does not answer.
    """
    if config.kind == "none":
        return RecordingTracker()
    # MLflow takes seconds to import.
    from synthsweep.track.mlflow_tracker import open_tracker

    return open_tracker(config)
