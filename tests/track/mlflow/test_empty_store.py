"""The tables of a new store that are kept as SQL."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from synthsweep.track.mlflow import empty_store
from synthsweep.track.mlflow.empty_store import migrated_tables, ready_tables
from synthsweep.track.mlflow.local_store import require_store


def made_of(statements: str) -> list[list[str]]:
    """The lines of every table, index and row that these statements make: MLflow's migrations write some in any order."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(statements)
        return sorted(sorted(line.strip(", \t") for line in made.splitlines()) for made in connection.iterdump())


@pytest.mark.slow
def test_they_are_what_the_migrations_of_the_installed_mlflow_make() -> None:
    """After an upgrade, `python -m synthsweep.track.mlflow.empty_store` writes them anew."""

    assert made_of(ready_tables()) == made_of(migrated_tables())


def test_those_of_another_version_are_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """MLflow's migrations make the tables then: both a missing file and an older one."""
    older = tmp_path / "empty_store.sql"
    older.write_text("-- MLflow 3.0.0\nCREATE TABLE old (a);\n")

    for file in (older, tmp_path / "missing.sql"):
        monkeypatch.setattr(empty_store, "SQL", file)
        assert ready_tables() == ""


@pytest.mark.slow
def test_a_store_without_them_is_migrated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(empty_store, "SQL", tmp_path / "missing.sql")

    require_store(tmp_path)

    with closing(sqlite3.connect(tmp_path / "mlflow.db")) as connection:
        assert {"runs", "alembic_version"} <= {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
