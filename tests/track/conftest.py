"""A local store that MLflow has migrated once for all tests of the room."""

import shutil
from pathlib import Path

import pytest

from synthsweep.config.schema import TrackingConfig
from synthsweep.track.mlflow_tracker import MlflowTracker, open_tracker
from synthsweep.track.store import require_store


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("store")
    require_store(folder)
    return folder


@pytest.fixture
def tracker(tmp_path: Path, migrated: Path) -> MlflowTracker:
    shutil.copytree(migrated, tmp_path / "mlruns")
    return open_tracker(TrackingConfig())
