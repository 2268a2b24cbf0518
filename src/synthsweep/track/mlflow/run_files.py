"""The files of runs: in folders of this machine, or fetched from a server once."""

import shutil
import tempfile
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING
from weakref import finalize

from synthsweep.config.keys.run import TrackingConfig
from synthsweep.track.mlflow.moved_store import ARTIFACTS, local_path

if TYPE_CHECKING:
    # MLflow takes seconds to import.
    from mlflow.store.artifact.artifact_repo import ArtifactRepository

# The folders of a report; any other one below its place belongs to another report.
REPORT_FOLDERS = ("figures", "tables")


def artifacts_of(config: TrackingConfig) -> Path | None:
    """The folder of a local store's files; None for a server, which has its own."""
    return None if config.kind == "server" else Path(config.folder).resolve() / ARTIFACTS


def own_files(address: str, artifacts: Path | None) -> Path | None:
    """The folder of a run's files; None outside of the store's own `artifacts`, where nothing is said about what is gone."""
    place = local_path(address)
    inside = place is not None and artifacts is not None and place.resolve().is_relative_to(artifacts)
    return place if inside else None


@dataclass
class FetchedFiles:
    """Files of runs that lie elsewhere, below a temporary folder that is removed when this object or the process ends.

    Several threads may ask, each for another file.
    """

    _folder: Path | None = field(default=None, init=False)
    _making: Lock = field(default_factory=Lock, init=False)
    _listed: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict, init=False)

    def file(self, run_id: str, name: str, there: "ArtifactRepository") -> Path | None:
        """The file of this name, fetched unless it was; None if the run has none."""
        place = self._place() / run_id / name
        if place.exists():
            return place
        folder = name.rpartition("/")[0]
        if (run_id, folder) not in self._listed:
            found = there.list_artifacts(folder or None)
            self._listed[run_id, folder] = frozenset(file.path for file in found)
        if name not in self._listed[run_id, folder]:
            return None
        (self._place() / run_id).mkdir(exist_ok=True)
        fetched: str = there.download_artifacts(name, str(self._place() / run_id))  # type: ignore[no-untyped-call]
        return Path(fetched)

    def _place(self) -> Path:
        with self._making:
            if self._folder is None:
                self._folder = Path(tempfile.mkdtemp(prefix="synthsweep-"))
                finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
            return self._folder


def put_report(folder: Path, files: Sequence[str], target: Path) -> None:
    """Copies these files of a folder to `target`; an earlier report there loses the files that are not among them."""
    for name in files:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / name, target / name)
    _remove_others(target, set(files))


def _remove_others(target: Path, kept: Collection[str]) -> None:
    """Folders below those of a report stay: they belong to other reports."""
    for part in (target, *(target / name for name in REPORT_FOLDERS)):
        with suppress(FileNotFoundError):
            for path in part.iterdir():
                if path.is_file() and path.relative_to(target).as_posix() not in kept:
                    path.unlink()
