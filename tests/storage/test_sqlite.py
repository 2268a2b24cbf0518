"""One opener of SQLite files: write-ahead mode, tables, versions, and several processes at once."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from filelock import FileLock

from synthsweep.errors import StorageError
from synthsweep.storage.sqlite import copy_untouched, has_table, open_existing_sqlite, open_sqlite, open_untouched, transaction

TABLE = "CREATE TABLE IF NOT EXISTS words (word TEXT PRIMARY KEY)"
NAMES = ["plain", "with a space", "sigma σ", "per%20cent", "plus+and#hash", "what?"]


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(open_sqlite(tmp_path / "words.db", TABLE)) as opened:
        yield opened


def pragma(connection: sqlite3.Connection, name: str) -> str:
    return str(connection.execute(f"PRAGMA {name}").fetchone()[0])


def words(path: Path) -> list[str]:
    with closing(open_existing_sqlite(path)) as connection:
        return [word for (word,) in connection.execute("SELECT word FROM words ORDER BY word")]


@pytest.mark.parametrize("folder", NAMES)
def test_a_new_file_is_made_with_its_folder_and_tables(folder: str, tmp_path: Path) -> None:
    path = tmp_path / folder / "words.db"

    with closing(open_sqlite(path, TABLE)) as connection:
        mode = pragma(connection, "journal_mode")
    with closing(open_existing_sqlite(path, read_only=True)) as connection:
        made = has_table(connection, "words")

    assert (mode, made) == ("wal", True)
    assert list(tmp_path.iterdir()) == [tmp_path / folder]


def test_a_missing_folder_is_not_made_for_who_does_not_want_it(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError, match="unable to open database file"):
        open_sqlite(tmp_path / "nowhere" / "words.db", make_folder=False)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("read_only", [True, False])
def test_a_missing_file_is_not_made_by_looking(read_only: bool, tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError, match="unable to open database file"):
        open_existing_sqlite(tmp_path / "words.db", read_only=read_only)

    assert list(tmp_path.iterdir()) == []


def test_a_connection_that_only_reads_cannot_write(connection: sqlite3.Connection, tmp_path: Path) -> None:
    reader = open_existing_sqlite(tmp_path / "words.db", read_only=True)

    with closing(reader), pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader.execute("INSERT INTO words VALUES ('a')")


@pytest.mark.parametrize("version", [0, 1])
def test_a_durable_file_syncs_each_commit(version: int, tmp_path: Path) -> None:
    """Also one that was there; SQLite's 2 is FULL."""
    for _ in range(2):
        with closing(open_sqlite(tmp_path / "words.db", TABLE, version=version, durable=True)) as connection:
            assert pragma(connection, "synchronous") == "2"


def test_a_schema_runs_once_for_each_version(tmp_path: Path) -> None:
    for version, schema in ((1, "CREATE TABLE one (x)"), (1, "CREATE TABLE never (x)"), (2, "CREATE TABLE two (x)")):
        open_sqlite(tmp_path / "words.db", schema, version=version).close()

    with closing(open_existing_sqlite(tmp_path / "words.db")) as connection:
        assert [has_table(connection, name) for name in ("one", "never", "two")] == [True, False, True]
        assert pragma(connection, "user_version") == "2"


def test_a_file_of_a_later_version_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "words.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("CREATE TABLE later (x); PRAGMA user_version=3;")
    before = path.read_bytes()

    with pytest.raises(StorageError, match=r"words\.db was written by a later version of synthsweep: upgrade$"):
        open_sqlite(path, TABLE, version=2)

    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_what_is_no_database_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "words.db"
    path.write_text("notes, and enough of them to be read as the head of a database " * 20)
    before = path.read_bytes()

    with pytest.raises(sqlite3.DatabaseError, match="file is not a database"):
        open_sqlite(path, TABLE)

    assert path.read_bytes() == before


def test_a_transaction_that_fails_leaves_nothing(connection: sqlite3.Connection, tmp_path: Path) -> None:
    with pytest.raises(sqlite3.IntegrityError), transaction(connection):
        connection.executemany("INSERT INTO words VALUES (?)", [("twice",), ("twice",)])
    with transaction(connection):
        connection.execute("INSERT INTO words VALUES ('kept')")

    assert words(tmp_path / "words.db") == ["kept"]


def test_a_transaction_waits_for_another_one(connection: sqlite3.Connection, tmp_path: Path) -> None:
    def insert() -> None:
        with closing(open_sqlite(tmp_path / "words.db", TABLE)) as other, transaction(other):
            other.execute("INSERT INTO words VALUES ('second')")

    second = threading.Thread(target=insert)
    with transaction(connection):
        second.start()
        second.join(0.3)
        waited = second.is_alive()
        connection.execute("INSERT INTO words VALUES ('first')")
    second.join(20)

    assert waited
    assert words(tmp_path / "words.db") == ["first", "second"]


@pytest.mark.parametrize("begin", ["BEGIN", "BEGIN IMMEDIATE"])
def test_the_mode_of_a_file_in_use_is_set_as_soon_as_that_is_possible(begin: str, tmp_path: Path) -> None:
    """SQLite waits by itself for a reader, but not for a writer."""
    path = tmp_path / "words.db"
    user = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    user.execute("CREATE TABLE old (x)")
    user.execute(begin)
    user.execute("SELECT * FROM old").fetchall()
    rollback = threading.Timer(0.3, user.execute, ["ROLLBACK"])
    rollback.start()
    began = time.monotonic()

    with closing(open_sqlite(path, TABLE)) as connection:
        mode = pragma(connection, "journal_mode")
    rollback.join()
    user.close()

    assert mode == "wal"
    assert time.monotonic() - began > 0.25


@pytest.mark.parametrize("version", [0, 1])
def test_a_new_file_is_made_by_one_process_at_a_time(version: int, tmp_path: Path) -> None:
    with FileLock(tmp_path / ".words.db.lock"), pytest.raises(OSError, match=r"words\.db\.lock"):
        open_sqlite(tmp_path / "words.db", TABLE, version=version, busy_s=0.05)


@pytest.mark.slow
@pytest.mark.parametrize("version", [0, 1])
def test_eight_may_open_a_new_file_at_the_same_moment(version: int, tmp_path: Path) -> None:
    modes = set()
    with ThreadPoolExecutor(8) as pool:
        for number in range(20):
            path = tmp_path / f"{number}.db"
            for opened in [pool.submit(_open_and_close, path, version) for _ in range(8)]:
                modes.add(opened.result())

    assert modes == {("wal", True)}


def _open_and_close(path: Path, version: int) -> tuple[str, bool]:
    with closing(open_sqlite(path, TABLE, version=version)) as connection:
        return pragma(connection, "journal_mode"), has_table(connection, "words")


def test_looking_at_a_file_writes_nothing(tmp_path: Path) -> None:
    """Not even the files for sharing; changes that another connection has not moved into the file yet are seen."""

    path = tmp_path / "words?.db"
    with closing(open_sqlite(path, TABLE)) as connection:
        connection.execute("INSERT INTO words VALUES ('a')")
        with closing(open_untouched(path)) as looking:
            assert looking.execute("SELECT * FROM words").fetchall() == [("a",)]
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}

    with closing(open_untouched(path)) as looking:
        assert looking.execute("SELECT * FROM words").fetchall() == [("a",)]
        with pytest.raises(sqlite3.OperationalError):
            looking.execute("INSERT INTO words VALUES ('b')")

    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_a_copy_is_of_one_moment(tmp_path: Path) -> None:
    """It holds what is beside the file, too."""

    with closing(open_sqlite(tmp_path / "words.db", TABLE)) as connection:
        connection.execute("INSERT INTO words VALUES ('a')")
        copy_untouched(tmp_path / "words.db", tmp_path / "copy.db")

    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        assert copy.execute("SELECT * FROM words").fetchall() == [("a",)]
