"""Databases that several processes share: their addresses, and one process at a time where that matters."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from synthsweep.errors import StorageError, StudyError
from synthsweep.messages import first_line, without_password

if TYPE_CHECKING:
    from sqlalchemy import Engine

# SQLite's writers wait for one another: eight workers that end at once must not fail.
BUSY_S = 60


def absolute_address(uri: str) -> str:
    """A SQLite address with an absolute path, since workers may start in another folder; others stay as they are."""
    from sqlalchemy.engine import URL, make_url
    from sqlalchemy.exc import ArgumentError

    try:
        url = make_url(uri)
    except (ArgumentError, ValueError) as error:
        shown = without_password(uri)
        raise StudyError(f"hydra.sweeper.storage must be an address such as sqlite:///mlruns/optuna.db, got {shown}") from error
    backend = url.get_backend_name()
    if backend not in {"sqlite", "postgresql"}:
        raise StudyError(f"hydra.sweeper.storage must be sqlite:/// or postgresql://, got {backend}")
    if backend == "postgresql":
        return uri
    if not url.database or url.database == ":memory:":
        raise StudyError("hydra.sweeper.storage must name a file, as in sqlite:///mlruns/optuna.db: workers share it")
    # A URL writes what is special in it as %XX: a folder may hold such characters.
    return URL.create("sqlite", database=Path(url.database).absolute().as_posix()).render_as_string()


def open_engine(address: str) -> "Engine":
    """An engine on an absolute address; a new SQLite file is made, in write-ahead mode.

    Raises:
        StorageError: the database cannot be made or does not answer.
    """
    import sqlalchemy

    file = sqlite_file(address)
    try:
        if file is None:
            engine = sqlalchemy.create_engine(address, pool_pre_ping=True)
            engine.connect().close()
        else:
            file.parent.mkdir(parents=True, exist_ok=True)
            engine = sqlalchemy.create_engine(address, connect_args={"timeout": BUSY_S})
            # Readers do not wait for writers; it stays with the file. Two that set it at once do not wait for each other.
            with alone(engine, "tables"), engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA journal_mode=WAL")
    except (sqlalchemy.exc.SQLAlchemyError, ImportError, OSError) as error:
        raise unanswered(address, error) from error
    return engine


def sqlite_file(address: str) -> Path | None:
    """The file of a SQLite address; None for a server."""
    from sqlalchemy.engine import make_url

    url = make_url(address)
    return Path(str(url.database)) if url.get_backend_name() == "sqlite" else None


def unanswered(address: str, error: BaseException) -> StorageError:
    """One line for a database that does not do what it is told."""
    hint = "; pip install 'synthsweep[postgres]'" if isinstance(error, ImportError) else ""
    return StorageError(without_password(f"database at {address}: {first_line(error)[:300]}{hint}"))


@contextmanager
def alone(engine: "Engine", name: str) -> Iterator[None]:
    """One process at a time, on whichever host, within the same name."""
    from sqlalchemy import text

    address = engine.url.render_as_string(hide_password=False)
    file = sqlite_file(address)
    if file is not None:
        from filelock import FileLock

        with FileLock(file.with_name(f".{file.name}.{zlib.crc32(name.encode())}.lock")):
            yield
        return
    number = {"number": zlib.crc32(name.encode())}
    with engine.connect() as connection:
        # The server lets go of it when the connection breaks.
        connection.execute(text("SELECT pg_advisory_lock(:number)"), number)
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:number)"), number)
