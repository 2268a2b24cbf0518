"""Reads the runs of a local store from its database and its folders.

MLflow itself takes seconds to import, and again seconds to read a thousand runs. What needs its search language, files that
lie elsewhere, and databases of another version of MLflow stay with it.
"""

import math
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synthsweep.config.keys.run import TrackingConfig
from synthsweep.config.keys.training import ModelConfig
from synthsweep.errors import TrackingError
from synthsweep.storage.database import sqlite_address, sqlite_file
from synthsweep.storage.sqlite import MOST_VALUES, has_table, open_existing_sqlite
from synthsweep.track.mlflow.client import SAME_KEY_RUNS, wrapped
from synthsweep.track.mlflow.local_store import given_store
from synthsweep.track.mlflow.metric_names import own_names
from synthsweep.track.mlflow.moved_store import DATABASE, local_path, settle
from synthsweep.track.mlflow.pages import linked
from synthsweep.track.mlflow.run_files import artifacts_of, own_files, put_report
from synthsweep.track.mlflow.step_times import STEPS, TIMED_RUNS, encoder_of, seconds_per_step
from synthsweep.track.reader import NOTE, KeptRun

if TYPE_CHECKING:
    from synthsweep.track.mlflow.reader import MlflowReader

# The version of MLflow's tables that is read here: that of the MLflow which is installed with this package.
SCHEMA = "dc11669786a5"
# As MLflow's own search: neither what was deleted, nor runs of a deleted experiment.
RUNS = """
    SELECT runs.run_uuid, runs.name, runs.status, runs.artifact_uri FROM runs JOIN experiments USING (experiment_id)
    WHERE runs.lifecycle_stage = 'active' AND experiments.lifecycle_stage = 'active' AND runs.run_uuid IN ({chosen})
    ORDER BY runs.start_time, runs.run_uuid"""
OF_STUDY = "SELECT run_uuid FROM tags WHERE key = 'study' AND value = ?"
# The latest runs of a rule.
FINISHED = """
    SELECT run_uuid FROM runs JOIN experiments USING (experiment_id)
    WHERE runs.status = 'FINISHED' AND runs.lifecycle_stage = 'active' AND experiments.lifecycle_stage = 'active' AND {rule}
    ORDER BY runs.start_time DESC LIMIT {limit}"""
HAS_TAG = "EXISTS (SELECT 1 FROM tags WHERE tags.run_uuid = runs.run_uuid AND key = ? AND value = ?)"
HAS_PARAM = "EXISTS (SELECT 1 FROM params WHERE params.run_uuid = runs.run_uuid AND key = ? AND value = ?)"
HAS_METRIC = "EXISTS (SELECT 1 FROM latest_metrics WHERE latest_metrics.run_uuid = runs.run_uuid AND key = ? AND value > 0)"
STUDIES = """
    SELECT tags.value FROM tags JOIN runs USING (run_uuid) JOIN experiments USING (experiment_id)
    WHERE tags.key = 'study' AND tags.value != '' AND runs.lifecycle_stage = 'active' AND experiments.lifecycle_stage = 'active'
    ORDER BY runs.start_time DESC, runs.run_uuid DESC"""


@dataclass
class DatabaseReader:
    """A RunReader; `artifacts` is the folder of the store's files."""

    database: Path
    config: TrackingConfig
    artifacts: Path | None
    # Where the files of each run are that was read.
    _addresses: dict[str, str] = field(default_factory=dict, init=False)

    @property
    def uri(self) -> str:
        return sqlite_address(self.database)

    def find_finished(self, run_key: str, *, with_predictions: bool = True) -> KeptRun | None:
        runs = self._runs(FINISHED.format(rule=HAS_TAG, limit=SAME_KEY_RUNS), ["run_key", run_key])
        return next((run for run in reversed(runs) if run.has_predictions or not with_predictions), None)

    def step_seconds(self, model: ModelConfig) -> list[float]:
        rule, same = " AND ".join((HAS_PARAM, HAS_PARAM, HAS_METRIC)), encoder_of(model)
        chosen = FINISHED.format(rule=rule, limit=TIMED_RUNS)
        return seconds_per_step(reversed(self._runs(chosen, [*(text for pair in same.items() for text in pair), STEPS])))

    def runs_of_study(self, study: str) -> list[KeptRun]:
        return self._runs(OF_STUDY, [study])

    def filtered_runs(self, rule: str) -> list[KeptRun]:
        return self._mlflow.filtered_runs(rule)

    def runs_with_ids(self, run_ids: Collection[str]) -> list[KeptRun]:
        return [run for part in _parts(sorted(run_ids)) for run in self._runs(_marks(part), part)]

    def studies(self) -> list[str]:
        with wrapped(str(self.database)), closing(self._open()) as connection:
            return list(dict.fromkeys(str(name) for (name,) in connection.execute(STUDIES)))

    def file_of(self, run_id: str, name: str) -> Path | None:
        address = self._address_of(run_id)
        place = local_path(address)
        if address and place is None:
            return self._mlflow.file_of(run_id, name)
        return place / name if place is not None and (place / name).is_file() else None

    def folder_of(self, run_id: str, name: str) -> Path | None:
        address = self._address_of(run_id)
        place = local_path(address)
        if address and place is None:
            return self._mlflow.folder_of(run_id, name)
        return place / name if place is not None and (place / name).is_dir() else None

    def describe(self, run_id: str, text: str) -> None:
        with wrapped(str(self.database)), closing(open_existing_sqlite(self.database)) as connection:
            found = connection.execute("SELECT experiment_id FROM runs WHERE run_uuid = ?", [run_id]).fetchone()
            if found is None:
                raise TrackingError(f"tracking: run {run_id} is gone")
            change = "INSERT INTO tags (key, value, run_uuid) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value"
            connection.execute(change, [NOTE, linked(text, str(found[0])), run_id])

    def add_report(self, folder: Path, files: Sequence[str], run_ids: Sequence[str], place: str) -> None:
        for run_id in run_ids:
            there = local_path(self._address_of(run_id))
            if there is None:
                self._mlflow.add_report(folder, files, [run_id], place)
            else:
                with wrapped(str(self.database)):
                    put_report(folder, files, there / place)

    @cached_property
    def _mlflow(self) -> "MlflowReader":
        from synthsweep.track.mlflow.reader import open_reader

        return open_reader(self.config)

    def _open(self) -> sqlite3.Connection:
        return open_existing_sqlite(self.database, read_only=True)

    def _address_of(self, run_id: str) -> str:
        """Where the files of a run are, also of one that was deleted but not removed; empty if there is no such run."""
        if run_id not in self._addresses:
            with wrapped(str(self.database)), closing(self._open()) as connection:
                found = connection.execute("SELECT artifact_uri FROM runs WHERE run_uuid = ?", [run_id]).fetchone()
            self._addresses[run_id] = found[0] if found else ""
        return self._addresses[run_id]

    def _runs(self, chosen: str, values: Sequence[str]) -> list[KeptRun]:
        """The runs whose ids are `chosen`, a list or a query with these values, oldest first."""
        with wrapped(str(self.database)), closing(self._open()) as connection:
            # One moment for all tables: other processes may write.
            connection.execute("BEGIN")
            rows = connection.execute(RUNS.format(chosen=chosen), values).fetchall()
            params = _by_run(connection, "SELECT run_uuid, key, value FROM params", rows)
            tags = _by_run(connection, "SELECT run_uuid, key, value FROM tags", rows)
            metrics = _by_run(connection, "SELECT run_uuid, key, value, is_nan FROM latest_metrics", rows)
        self._addresses |= {row[0]: row[3] for row in rows}
        return [
            KeptRun(
                run_id=run_id,
                name=str(name),
                status=status,
                metrics=own_names({key: math.nan if is_nan else value for key, value, is_nan in metrics.get(run_id, ())}),
                tags=dict(tags.get(run_id, ())),
                params=dict(params.get(run_id, ())),
                files=own_files(address, self.artifacts),
            )
            for run_id, name, status, address in rows
        ]


def open_database(config: TrackingConfig) -> DatabaseReader | None:
    """Opens an existing local store, and settles what was moved or copied; None if only MLflow can read it.

    Raises:
        TrackingError: it was copied here, and cannot be written to.
    """
    if config.kind == "server":
        return None
    folder = Path(config.folder)
    database = sqlite_file(given_store(config.uri, folder)) if config.uri else folder / DATABASE
    if not config.uri and folder.joinpath(DATABASE).exists():
        settle(folder / DATABASE)
    if database is None or not is_known(database):
        return None
    return DatabaseReader(database, config, artifacts_of(config))


def is_known(database: Path) -> bool:
    """Whether it holds MLflow's tables of the version that is read here."""
    try:
        with closing(open_existing_sqlite(database, read_only=True)) as connection:
            known = has_table(connection, "alembic_version")
            return known and connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(SCHEMA,)]
    except sqlite3.Error:
        # MLflow says what is wrong with it.
        return False


def _by_run(connection: sqlite3.Connection, query: str, rows: Sequence[Sequence[Any]]) -> Mapping[str, list[Any]]:
    """What a table has of these runs, in the order in which it was written."""
    found: dict[str, list[Any]] = {}
    for part in _parts([row[0] for row in rows]):
        for run_id, *values in connection.execute(f"{query} WHERE run_uuid IN ({_marks(part)}) ORDER BY rowid", part):
            found.setdefault(run_id, []).append(values)
    return found


def _parts(values: Sequence[str]) -> list[Sequence[str]]:
    return [values[start : start + MOST_VALUES] for start in range(0, len(values), MOST_VALUES)]


def _marks(values: Sequence[str]) -> str:
    return ", ".join("?" * len(values))
