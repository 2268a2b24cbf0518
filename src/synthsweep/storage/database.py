"""Addresses and engines of databases, SQLite or PostgreSQL, and a lock between processes."""

import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synthsweep.errors import ConfigError, StorageError, StudyError
from synthsweep.messages import first_line, without_password
from synthsweep.storage.sqlite import BUSY_S, open_sqlite

if TYPE_CHECKING:
    from sqlalchemy import Engine

OPTUNA = "optuna.db"


def absolute_address(uri: str) -> str:
    """A SQLite address with an absolute path, since workers may start in another folder; others stay as they are.

    Raises:
        StudyError: the address is invalid, or names a database that workers cannot share.
    """
    from sqlalchemy.engine import make_url
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
    return sqlite_address(Path(url.database))


def sqlite_address(file: Path) -> str:
    """The address of a SQLite file, with an absolute path; the only place that writes one.

    Raises:
        ConfigError: a folder above it has a name that is not UTF-8, which no address can hold.
    """
    from sqlalchemy.engine import URL

    try:
        file.absolute().as_posix().encode()
    except UnicodeEncodeError as error:
        shown = str(file.absolute().parent).encode(errors="surrogateescape").decode(errors="replace")
        raise ConfigError(f"tracking.folder must have a name in UTF-8, got {shown}: rename that folder") from error
    # MLflow takes the folder in an address that begins with sqlite:/// literally and makes it, with %3F for a question
    # mark: with the driver's name it leaves the folder alone. Optuna formats its address: braces must be escaped too.
    return URL.create("sqlite+pysqlite", database=file.absolute().as_posix()).render_as_string()


def study_address(storage: str | None, folder: str) -> str:
    """The absolute address of `hydra.sweeper.storage`; without one, studies are kept in `optuna.db` of the tracking folder.

    Raises:
        StudyError: the address is invalid, or names a database that workers cannot share.
    """
    return absolute_address(storage) if storage else sqlite_address(Path(folder) / OPTUNA)


def sqlite_file(address: str) -> Path | None:
    """The file of a SQLite address; None for a server."""
    from sqlalchemy.engine import make_url

    url = make_url(address)
    return Path(str(url.database)) if url.get_backend_name() == "sqlite" else None


def open_engine(address: str) -> "Engine":
    """An engine on an absolute address; a new SQLite file is made, in write-ahead mode.

    Raises:
        StorageError: the database cannot be made or does not answer.
    """
    import sqlalchemy

    file = sqlite_file(address)
    try:
        if file is not None:
            open_sqlite(file).close()
        engine = sqlalchemy.create_engine(address, **engine_arguments(address))
        engine.connect().close()
    except (sqlalchemy.exc.SQLAlchemyError, sqlite3.Error, ImportError, OSError) as error:
        raise as_storage_error(address, error) from error
    return engine


def has_tables(address: str, name: str) -> bool:
    """Whether a database server has the table `name`; nothing is made.

    Raises:
        StorageError: it does not answer.
    """
    import sqlalchemy

    try:
        engine = sqlalchemy.create_engine(address, **engine_arguments(address))
        try:
            return bool(sqlalchemy.inspect(engine).has_table(name))
        finally:
            engine.dispose()
    except (sqlalchemy.exc.SQLAlchemyError, ImportError, OSError) as error:
        raise as_storage_error(address, error) from error


def study_names(address: str) -> set[str]:
    """The names of the studies that Optuna's tables hold; nothing is made.

    Raises:
        StorageError: the database does not answer.
    """
    import sqlalchemy

    file = sqlite_file(address)
    if file is not None and not file.exists():
        return set()
    try:
        engine = sqlalchemy.create_engine(address, **engine_arguments(address))
        try:
            if not sqlalchemy.inspect(engine).has_table("studies"):
                return set()
            with engine.connect() as connection:
                return set(connection.execute(sqlalchemy.text("SELECT study_name FROM studies")).scalars())
        finally:
            engine.dispose()
    except (sqlalchemy.exc.SQLAlchemyError, ImportError, OSError) as error:
        raise as_storage_error(address, error) from error


def engine_arguments(address: str) -> dict[str, Any]:
    """SQLAlchemy's arguments for a database that several processes share."""
    return {"pool_pre_ping": True} if sqlite_file(address) is None else {"connect_args": {"timeout": BUSY_S}}


def as_storage_error(address: str, error: BaseException) -> StorageError:
    """A driver's error as one line that names the file or the server, without its password."""
    hint = "; pip install 'synthsweep[postgres]'" if isinstance(error, ImportError) else ""
    place = sqlite_file(address) or address
    return StorageError(without_password(f"database at {place}: {first_line(error)[:300]}{hint}"))


@contextmanager
def alone(engine: "Engine", name: str) -> Iterator[None]:
    """Lets one process at a time, on any host, hold the lock `name`."""
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
        # The server releases the lock when the connection breaks.
        connection.execute(text("SELECT pg_advisory_lock(:number)"), number)
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:number)"), number)
