"""MLflow's tables as its own migrations make them, kept as SQL: a new store is made in milliseconds, not seconds.

`python -m synthsweep.track.mlflow.empty_store` writes `empty_store.sql` anew after an upgrade of MLflow; until then its
migrations run.
"""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from importlib.metadata import version
from pathlib import Path

from synthsweep.storage.database import sqlite_address

SQL = Path(__file__).with_name("empty_store.sql")
# What MLflow adds itself at each first use: its own experiment, at a place of that store.
OWN_EXPERIMENT = "DELETE FROM experiments"


def ready_tables() -> str:
    """The statements that make the tables of the installed MLflow; empty where they are of another version."""
    if not SQL.exists():
        return ""
    text = SQL.read_text(encoding="utf-8")
    return text if text.startswith(f"{_first_line()}\n") else ""


def migrated_tables() -> str:
    """The same, found out from a store that MLflow migrates."""
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "new.db"
        SqlAlchemyStore(sqlite_address(file), folder).engine.dispose()  # type: ignore[no-untyped-call]
        return "\n".join([_first_line(), *_statements(file)]) + "\n"


def _statements(file: Path) -> Iterator[str]:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(OWN_EXPERIMENT)
        yield from connection.iterdump()


def _first_line() -> str:
    return f"-- MLflow {version('mlflow')}"


if __name__ == "__main__":
    SQL.write_text(migrated_tables(), encoding="utf-8")
