"""SQLite files that several processes share: the one place that opens them.

Connections are in autocommit mode: a change of several statements needs a `transaction`.
"""

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from filelock import FileLock

from synthsweep.errors import StorageError
from synthsweep.storage.private import make_private_file, narrow_database

# Writers wait for one another: eight workers that end at the same moment must not fail.
BUSY_S = 60.0
RETRY_S = 0.02
# Every SQLite accepts this many values in one statement.
MOST_VALUES = 900


def open_sqlite(
    path: Path,
    schema: str | Sequence[str] = "",
    *,
    version: int = 0,
    durable: bool = False,
    make_folder: bool = True,
    private: bool = False,
    busy_s: float = BUSY_S,
) -> sqlite3.Connection:
    """A file in write-ahead mode; the file, its folder and its tables are made where they are missing.

    `version`: the file keeps it (user_version), and `schema` runs only on a file of an earlier one; 0 runs it every time. If
    `schema` are several, each leads from one version to the next, and those after the file's version run.
    `durable`: what is committed survives a power cut. `private`: it holds texts, so that only its owner may read it.

    Raises:
        StorageError: a later version wrote the file.
        sqlite3.Error, OSError: the file cannot be made, or is not a database.
    """
    if make_folder:
        path.parent.mkdir(parents=True, exist_ok=True)
    if private:
        # SQLite gives the files beside it the mode of the file itself.
        make_private_file(path)
        narrow_database(path)
    # In a notebook, the thread that asks an LLM is another one than the one that opened the file, and waits for it.
    connection = sqlite3.connect(path, timeout=busy_s, isolation_level=None, check_same_thread=False)
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


def open_untouched(path: Path, *, busy_s: float = BUSY_S) -> sqlite3.Connection:
    """A file to look at: nothing is written, not even SQLite's two files for sharing where nobody else has the file open.

    Raises:
        sqlite3.Error: there is no such file, or it is not a database.
    """
    log = path.with_name(f"{path.name}-wal")
    # Changes that are not in the file yet are in this log, and only SQLite's files for sharing say where.
    shared = log.exists() and log.stat().st_size > 0
    address = f"{path.absolute().as_uri()}?mode=ro{'' if shared else '&immutable=1'}"
    return sqlite3.connect(address, uri=True, timeout=busy_s, isolation_level=None)


def copy_untouched(path: Path, copy: Path) -> None:
    """Copies a file as it is at one moment, with the changes beside it; nothing is written but the copy.

    Raises:
        sqlite3.Error: there is no such file, or it is not a database.
    """
    with closing(open_untouched(path)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)


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


def _prepare(connection: sqlite3.Connection, path: Path, schema: str | Sequence[str], version: int, busy_s: float) -> None:
    if version and require_version(connection, path, version) == version:
        return
    with FileLock(path.with_name(f".{path.name.removeprefix('.')}.lock"), timeout=busy_s):
        _set_write_ahead(connection, busy_s)
        if version and (written := require_version(connection, path, version)) != version:
            steps = schema if isinstance(schema, str) else "".join(schema[written:])
            # All or nothing, since a statement that changes an older table cannot be run twice.
            connection.executescript(f"BEGIN; {steps}; PRAGMA user_version={version}; COMMIT;")
        elif not version:
            connection.executescript(schema if isinstance(schema, str) else "".join(schema))


def require_version(connection: sqlite3.Connection, path: Path, version: int) -> int:
    """The version of a file; raises StorageError if it is later than `version`."""
    written = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if written > version:
        raise StorageError(f"{path} was written by a later version of synthsweep: upgrade")
    return written


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
