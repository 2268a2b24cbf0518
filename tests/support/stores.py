"""Stores of studies on a real database, whose tables are made once: that takes longer than most tests."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from support.postgres import Postgres
from support.studies import GOAL, definition
from synthsweep.storage.database import open_engine
from synthsweep.storage.leases import Leases
from synthsweep.study.design.objective import Goal
from synthsweep.study.optuna_storage import StudyStore, open_storage, open_study


@pytest.fixture(scope="session")
def made_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("storage") / "optuna.db"
    engine = open_engine(f"sqlite:///{file}")
    Leases(engine, "nobody's").close()
    open_storage(f"sqlite:///{file}").engine.dispose()
    engine.dispose()
    return file


@pytest.fixture
def address(tmp_path: Path, made_tables: Path) -> str:
    """A storage on SQLite without a study."""
    shutil.copy(made_tables, tmp_path / "optuna.db")
    return f"sqlite:///{tmp_path / 'optuna.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def each_address(request: pytest.FixtureRequest) -> str:
    """An empty storage of each kind."""
    if request.param == "sqlite":
        return str(request.getfixturevalue("address"))
    server: Postgres = request.getfixturevalue("postgres")
    return server.new_database()


@pytest.fixture
def open_store(address: str) -> Iterator[Callable[..., StudyStore]]:
    """Opens studies as commands do, each time as if from another process."""
    opened: list[StudyStore] = []

    def open_one(goal: Goal = GOAL, *, name: str = "study", at: str = "", pruner: Any = None, **changes: Any) -> StudyStore:
        store = open_study(at or address, name, definition(**changes), goal, pruner=pruner, lease_s=60.0)
        opened.append(store)
        return store

    yield open_one
    for store in opened:
        store.leases.close()
        store.leases.engine.dispose()
        store.storage._backend.engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def each_new_address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without any table, of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'new.db'}"
    server: Postgres = request.getfixturevalue("postgres")
    return server.new_database()
