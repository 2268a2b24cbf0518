"""SQLite files that several processes share: the one place that opens them.

Connections are in autocommit mode: a change of several statements needs a `transaction`.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock

from synthsweep.errors import StorageError

# Writers wait for one another: eight workers that end at the same moment must not fail.
BUSY_S = 60.0
RETRY_S = 0.02
# Every SQLite accepts this many values in one statement.
MOST_VALUES = 900


def open_sqlite(
    path: Path, schema: str = "", *, version: int = 0, durable: bool = False, make_folder: bool = True, busy_s: float = BUSY_S
) -> sqlite3.Connection:
    """A file in write-ahead mode; the file, its folder and its tables are made where they are missing.

    `version`: the file keeps it (user_version), and `schema` runs only on a file of an earlier one; 0 runs it every time.
    `durable`: what is committed survives a power cut.

    Raises:
        StorageError: a later version wrote the file.
        sqlite3.Error, OSError: the file cannot be made, or is not a database.
    """
    if make_folder:
        path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, timeout=busy_s, isolation_level=None)
    try:
        _prepare(connection, path, schema, version, busy_s)
        if durable:
            connection.execute("PRAGMA synchronous=FULL")
    except BaseException:
        connection.close()
        raise
    return connection


def open_existing_sqlite(path: Path, *, read_only: bool = False, busy_s: float = BUSY_S) -> sqlite3.Connection:
    """A file as it is; `read_only` changes no byte of it, but may leave SQLite's two files for sharing beside it.

    Raises:
        sqlite3.Error: there is no such file, or it is not a database.
    """
    address = f"{path.absolute().as_uri()}?mode={'ro' if read_only else 'rw'}"
    return sqlite3.connect(address, uri=True, timeout=busy_s, isolation_level=None)


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All statements of the block, or none of them."""
    # A transaction that reads first and then wants to write would not wait for another one.
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def has_table(connection: sqlite3.Connection, name: str) -> bool:
    """Whether a table exists: another process may have made the file a moment ago, but not its tables yet."""
    return connection.execute("SELECT 1 FROM sqlite_master WHERE name=?", (name,)).fetchone() is not None


def _prepare(connection: sqlite3.Connection, path: Path, schema: str, version: int, busy_s: float) -> None:
    if version and _is_current(connection, path, version):
        return
    with FileLock(path.with_name(f".{path.name.removeprefix('.')}.lock"), timeout=busy_s):
        _set_write_ahead(connection, busy_s)
        if version and not _is_current(connection, path, version):
            # All or nothing, since a statement that changes an older table cannot be run twice.
            connection.executescript(f"BEGIN; {schema}; PRAGMA user_version={version}; COMMIT;")
        elif not version:
            connection.executescript(schema)


def _is_current(connection: sqlite3.Connection, path: Path, version: int) -> bool:
    written = connection.execute("PRAGMA user_version").fetchone()[0]
    if written > version:
        raise StorageError(f"{path} was written by a later version of synthsweep: upgrade")
    return bool(written == version)


def _set_write_ahead(connection: sqlite3.Connection, busy_s: float) -> None:
    """Readers and writers do not wait for one another; the mode stays with the file."""
    end = time.monotonic() + busy_s
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            # Here SQLite itself does not wait for another process that writes.
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
        time.sleep(RETRY_S)
