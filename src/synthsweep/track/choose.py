"""The tracking store that a configuration names."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from synthsweep.config.keys.run import TrackingConfig
from synthsweep.errors import StudyError
from synthsweep.track.mlflow.moved_store import DATABASE
from synthsweep.track.reader import FinishedRuns, RunReader
from synthsweep.track.writer import ModelRegistry, RecordingTracker, Tracker


@dataclass(frozen=True)
class TrackingStore:
    """Both sides of one store: `tracker` writes one run at a time, `finished` finds earlier runs."""

    tracker: Tracker
    finished: FinishedRuns


def open_store(config: TrackingConfig) -> TrackingStore:
    """Opens the store, which is made if it does not exist, and closes the runs of dead processes in it.

    Raises:
        TrackingError: the store cannot be made or does not answer.
    """
    if config.kind == "none":
        recording = RecordingTracker()
        return TrackingStore(recording, recording)
    # MLflow takes seconds to import.
    from synthsweep.track.mlflow.reader import reader_on
    from synthsweep.track.mlflow.tracker import open_tracker

    tracker = open_tracker(config)
    return TrackingStore(tracker, reader_on(tracker.client, tracker.uri, config))


@contextmanager
def finished_runs_in(config: TrackingConfig) -> Iterator[FinishedRuns | None]:
    """The finished runs of a store, None if there is no store; nothing in it is made, closed or changed.

    Raises:
        TrackingError: the store does not answer.
    """
    if config.kind == "none":
        yield None
        return
    if config.kind == "local" and not config.uri and not (Path(config.folder) / DATABASE).exists():
        # MLflow takes seconds to import.
        yield None
        return
    from synthsweep.track.mlflow.snapshot import open_snapshot

    with open_snapshot(config) as runs:
        yield runs


def tracker_of(config: TrackingConfig) -> Tracker:
    """The writing side of `open_store`."""
    return open_store(config).tracker


def registry_of(config: TrackingConfig) -> ModelRegistry:
    """The registry of models of an existing store, which keeps runs and models alike.

    Raises:
        TrackingError: the store does not answer.
    """
    # MLflow takes seconds to import.
    from synthsweep.track.mlflow.model_registry import MlflowModels
    from synthsweep.track.mlflow.reader import open_reader

    store = open_reader(config)
    return MlflowModels(store.client, store.uri)


def reader_of(config: TrackingConfig) -> RunReader:
    """Opens an existing store for reading; nothing in it is made or closed.

    Raises:
        TrackingError: the store does not answer.
    """
    from synthsweep.track.mlflow.database_reader import open_database

    known = open_database(config)
    if known is not None:
        return known
    # MLflow takes seconds to import.
    from synthsweep.track.mlflow.reader import open_reader

    return open_reader(config)


def existing_reader(config: TrackingConfig) -> RunReader:
    """Opens the tracking store that a command reads; it must exist.

    Raises:
        StudyError: there is no store yet.
        TrackingError: the store does not answer.
    """
    if config.kind == "none":
        raise StudyError("tracking=none keeps nothing that could be read: set tracking=local")
    folder = Path(config.folder)
    if not config.uri and not (folder / DATABASE).exists():
        raise StudyError(f"tracking.folder={folder}: there are no runs yet; synthsweep run -m sweeps=demo makes some")
    return reader_of(config)
