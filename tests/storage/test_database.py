"""Addresses of databases, and one process at a time."""

import os
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from filelock import FileLock, Timeout
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine

from support.patience import LIMIT_S
from support.postgres import Postgres
from synthsweep.errors import ConfigError, StorageError, StudyError
from synthsweep.storage.database import (
    absolute_address,
    alone,
    as_storage_error,
    open_engine,
    sqlite_address,
    sqlite_file,
    study_address,
)


@pytest.mark.parametrize("uri", ["sqlite:///mlruns/optuna.db", "sqlite+pysqlite:///mlruns/optuna.db"])
def test_a_relative_file_becomes_absolute(uri: str, tmp_path: Path) -> None:
    """Workers may start in another folder."""

    assert sqlite_file(absolute_address(uri)) == tmp_path / "mlruns/optuna.db"
    assert absolute_address(absolute_address(uri)) == absolute_address(uri)


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1).filter(lambda name: name not in {".", ".."}))
def test_an_address_leads_to_its_file_whatever_that_is_called(name: str) -> None:
    """For SQLAlchemy, for Optuna, which formats addresses, and for MLflow, which makes the folder of what begins sqlite:///."""
    file = Path("/projects") / name / "mlruns" / "x.db"
    address = sqlite_address(file)

    assert sqlite_file(address) == file
    assert sqlite_file(address.format(SCHEMA_VERSION=1)) == file
    assert absolute_address(address) == address
    assert not address.startswith("sqlite:///")


def test_studies_are_kept_in_the_tracking_folder_unless_a_storage_is_named(tmp_path: Path) -> None:
    assert sqlite_file(study_address(None, "what? #1/100%25")) == tmp_path / "what? #1/100%25/optuna.db"
    assert sqlite_file(study_address("sqlite:///other.db", "mlruns")) == tmp_path / "other.db"


def test_a_servers_address_stays_as_it_is() -> None:
    uri = "postgresql+psycopg://me:s/e@cret@host:5432/studies"

    assert absolute_address(uri) == uri
    assert sqlite_file(uri) is None


@pytest.mark.parametrize(
    ("uri", "message"),
    [
        ("optuna.db", "hydra.sweeper.storage must be an address such as sqlite:///mlruns/optuna.db, got optuna.db"),
        ("mysql://host/studies", "hydra.sweeper.storage must be sqlite:/// or postgresql://, got mysql"),
        ("sqlite://", "hydra.sweeper.storage must name a file, as in sqlite:///mlruns/optuna.db: workers share it"),
        ("sqlite:///:memory:", "hydra.sweeper.storage must name a file, as in sqlite:///mlruns/optuna.db: workers share it"),
    ],
)
def test_an_address_that_cannot_be_shared_is_refused(uri: str, message: str) -> None:
    with pytest.raises(StudyError, match=f"^{re.escape(message)}$"):
        absolute_address(uri)


@pytest.mark.parametrize(
    "folder", ["plain", "with a space", "sigma σ", "per%20cent", "plus+and#hash", "what?", "{b} [1] a;b&c 'q\" @:"]
)
def test_a_new_file_is_made_where_the_address_says(folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In write-ahead mode, with its folder, whatever the project's folder is called."""
    (tmp_path / folder).mkdir()
    monkeypatch.chdir(tmp_path / folder)
    address = absolute_address("sqlite:///mlruns/optuna.db")

    engine = open_engine(address)
    with engine.connect() as connection:
        mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
    with alone(engine, "study"):
        beside = sorted(path.suffix for path in Path("mlruns").iterdir())
    engine.dispose()

    assert mode == "wal"
    assert list(tmp_path.iterdir()) == [tmp_path / folder]
    assert {".db", ".lock"} <= set(beside)


def test_a_database_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    """A file is where its folder should be, or the file is not a database."""
    (tmp_path / "taken").write_text("not a database, but long enough to be taken for one" * 9)

    with pytest.raises(StorageError, match=r"^database at /.*/taken/optuna\.db: .*File exists[^\n]*$"):
        open_engine(absolute_address("sqlite:///taken/optuna.db"))
    with pytest.raises(StorageError, match=r"^database at /.*/taken: .*file is not a database[^\n]*$"):
        open_engine(absolute_address("sqlite:///taken"))


def test_a_server_that_does_not_answer_is_one_line_without_password() -> None:
    with pytest.raises(StorageError) as caught:
        open_engine("postgresql+psycopg://me:secret@127.0.0.1:1/studies")

    assert str(caught.value).startswith("database at postgresql+psycopg://127.0.0.1:1/studies: ")
    assert "secret" not in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_a_driver_that_is_not_installed_says_what_to_install() -> None:
    with pytest.raises(StorageError, match=r"pip install 'synthsweep\[postgres\]'$"):
        open_engine("postgresql+psycopg2cffi://127.0.0.1/studies")
    assert "pip" not in str(as_storage_error("sqlite:///x", ValueError("no")))


def test_one_process_at_a_time_holds_a_name_on_sqlite(tmp_path: Path) -> None:
    """Another name is not locked."""
    engine = create_engine(f"sqlite:///{tmp_path / 'optuna.db'}")

    with alone(engine, "one"):
        (lock,) = tmp_path.glob(".optuna.db.*.lock")
        with pytest.raises(Timeout):
            FileLock(lock, timeout=0.01).acquire()
        with alone(engine, "other"):
            both = list(tmp_path.glob(".optuna.db.*.lock"))
    with FileLock(lock, timeout=0.01):
        free = True

    assert len(both) == 2
    assert free


def test_one_process_at_a_time_holds_a_name_on_postgresql(postgres: Postgres) -> None:
    """Until the block ends, with or without an error; another name is not locked."""
    address = postgres.new_database()
    ours, theirs = open_engine(address), open_engine(address)
    order: list[str] = []

    def second() -> None:
        with alone(theirs, "one"):
            order.append("second")

    def first(waiting: threading.Thread) -> None:
        with alone(ours, "one"):
            waiting.start()
            with alone(theirs, "other"):
                order.append("other")
            waiting.join(0.2)
            order.append("first")
            raise ValueError("an error")

    waiting = threading.Thread(target=second)
    with pytest.raises(ValueError, match="an error"):
        first(waiting)
    waiting.join(LIMIT_S)
    for engine in (ours, theirs):
        engine.dispose()

    assert order == ["other", "first", "second"]


@pytest.mark.slow
def test_a_new_file_may_be_opened_by_many_at_the_same_moment(tmp_path: Path) -> None:
    """SQLite lets no two connections set a file's mode at once, and does not make the second wait."""
    modes = set()
    with ThreadPoolExecutor(4) as pool:
        for number in range(30):
            opened = [pool.submit(open_engine, f"sqlite:///{tmp_path}/{number}.db") for _ in range(4)]
            for engine in [one.result() for one in opened]:
                with engine.connect() as connection:
                    modes.add(connection.exec_driver_sql("PRAGMA journal_mode").scalar())
                engine.dispose()

    assert modes == {"wal"}


def test_a_folder_whose_name_is_not_utf_8_is_refused_in_one_line() -> None:
    """No address can hold it; the line can be printed."""

    folder = Path(os.fsdecode(b"caf\xe9"))

    with pytest.raises(ConfigError, match=r"^tracking.folder must have a name in UTF-8, got .*caf\ufffd: rename that folder$"):
        sqlite_address(folder / "mlflow.db")
