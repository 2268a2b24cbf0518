"""A local store that was moved or copied: its addresses of artifacts are rewritten to the folder that it lies in now.

MLflow keeps absolute addresses: a moved store would find no artifact, and a copy would read and overwrite those of the
original. The store lists the folders that it has lain in (`synthsweep_homes`), so an address that somebody chose
elsewhere (another disk, s3://) is recognized and stays. Stores without that list are judged by what lies where.
"""

import logging
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from synthsweep.errors import TrackingError
from synthsweep.messages import first_line
from synthsweep.storage.sqlite import has_table, open_existing_sqlite, transaction

log = logging.getLogger(__name__)

DATABASE, ARTIFACTS = "mlflow.db", "artifacts"
# A folder that holds one of these is or was a store, in which no other store writes.
SIGNS = (DATABASE, "optuna.db", "replies.db", "embeddings.db")
EXPERIMENTS, HOMES = "experiments", "synthsweep_homes"
# Where MLflow keeps addresses of artifacts: table, column, and which of its rows.
COLUMNS = (
    (EXPERIMENTS, "artifact_location", "1"),
    ("runs", "artifact_uri", "1"),
    ("logged_models", "artifact_location", "1"),
    ("model_versions", "source", "1"),
    ("model_versions", "storage_location", "1"),
    ("trace_tags", "value", "key IN ('mlflow.artifactLocation', 'mlflow.trace.archiveLocation')"),
)
# MLflow makes this experiment itself, at an address below the folder in which it was first used.
DEFAULT_EXPERIMENT = "0"


@dataclass(frozen=True)
class Change:
    """One address to rewrite: from the place `old` to the place `new`; `origin` is the store's former home."""

    table: str
    column: str
    row: int
    old: Path
    new: Path
    origin: Path


def settle(database: Path) -> None:
    """Rewrites the addresses of a store that lay elsewhere, in one transaction, and says so; other stores stay as they are.

    Its artifacts lie beside the database.

    Raises:
        TrackingError: there are such addresses, and the store cannot be written to.
    """
    database = database.parent.resolve() / database.name
    home = database.parent
    changes: Sequence[Change] = ()
    try:
        with closing(open_existing_sqlite(database)) as connection:
            changes = _changes(connection, database)
            if changes or home not in _homes(connection):
                with transaction(connection):
                    # Another process may have rewritten them in the meantime.
                    changes = _changes(connection, database)
                    _rewrite(connection, changes)
                    list_home(connection, home)
    except (sqlite3.Error, OSError) as error:
        if changes:
            raise TrackingError(
                f"tracking.folder={home} was copied from {_origins(changes)}, and its addresses of artifacts, which "
                f"point there, cannot be rewritten ({first_line(error)}): copy it to a folder that can be written to"
            ) from error
        # A database that cannot be read is reported when MLflow opens it.
        return
    _say(home, changes)


def _changes(connection: sqlite3.Connection, database: Path) -> list[Change]:
    moves = _moves(connection, database)
    found = []
    for table, column, row, place in _elsewhere(connection, database.parent):
        old = next((old for old in moves if place.is_relative_to(old)), None)
        if old is not None:
            found.append(Change(table, column, row, place, moves[old] / place.relative_to(old), old.parent))
    return found


def _elsewhere(connection: sqlite3.Connection, home: Path) -> Iterator[tuple[str, str, int, Path]]:
    """Every address on this machine that is not one below `home`, as table, column, row and path."""
    own = f"{home.as_uri()}/"
    for table, column, rule in COLUMNS:
        if not has_table(connection, table):
            continue
        query = f"SELECT rowid, {column} FROM {table} WHERE {rule} AND substr({column}, 1, ?) <> ?"  # noqa: S608
        for row, address in connection.execute(query, (len(own), own)).fetchall():
            place = local_path(address)
            if place is not None:
                yield table, column, row, place


def _moves(connection: sqlite3.Connection, database: Path) -> dict[Path, Path]:
    """Folders of artifacts in former homes, each with its folder in this one."""
    home = database.parent
    homes = _homes(connection) or _unlisted_homes(connection, database)
    former = [old for old in homes if old != home and not _shares(old, database)]
    return {old / name: home / name for old in (*former, home) for name in (ARTIFACTS, DEFAULT_EXPERIMENT)}


def _unlisted_homes(connection: sqlite3.Connection, database: Path) -> list[Path]:
    """Where a store of an earlier version has lain, by what its experiments say and what is there."""
    if not has_table(connection, EXPERIMENTS):
        return []
    found = []
    for number, address in connection.execute("SELECT experiment_id, artifact_location FROM experiments").fetchall():
        place = local_path(address or "")
        if place is None:
            continue
        if place.parent.name == ARTIFACTS and _was_home(place.parents[1], place, database):
            found.append(place.parents[1])
        elif str(number) == place.name == DEFAULT_EXPERIMENT and (_is_store(place.parent) or not _there(place)):
            found.append(place.parent)
    return found


def _was_home(old: Path, place: Path, database: Path) -> bool:
    """Whether an experiment's folder of artifacts lay in `old` because the store did, and not because somebody chose it."""
    here = database.parent / ARTIFACTS / place.name
    return _same(old, database.parent) or _is_store(old) or (not _there(place) and _there(here))


def _is_store(folder: Path) -> bool:
    return any(_there(folder / sign) for sign in SIGNS)


def _there(path: Path) -> bool:
    """Whether a file or folder exists; False where this user may not look, as in somebody else's home."""
    try:
        return path.exists()
    except OSError:
        return False


def _same(one: Path, other: Path) -> bool:
    return _there(one) and _there(other) and one.samefile(other)


def _shares(old: Path, database: Path) -> bool:
    """Whether another folder uses this very database, through a link: then both folders keep their artifacts."""
    return not _same(old, database.parent) and _same(old / database.name, database)


def _rewrite(connection: sqlite3.Connection, changes: Sequence[Change]) -> None:
    for change in changes:
        if change.table != EXPERIMENTS:
            _fetch(change.old, change.new)
        query = f"UPDATE {change.table} SET {change.column} = ? WHERE rowid = ?"  # noqa: S608
        connection.execute(query, (change.new.as_uri(), change.row))


def _fetch(old: Path, new: Path) -> None:
    """Copies files that a copy of the store once wrote into the original."""
    if not _there(old) or _there(new):
        return
    unfinished = new.with_name(f".{new.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    # Files that cannot be read are missing here: the comparison leaves their run out, and says so.
    with suppress(OSError):
        shutil.copytree(old, unfinished)
        unfinished.replace(new)


def _homes(connection: sqlite3.Connection) -> list[Path]:
    if not has_table(connection, HOMES):
        return []
    rows = connection.execute(f"SELECT folder FROM {HOMES}").fetchall()  # noqa: S608
    return [path for (address,) in rows if (path := local_path(address)) is not None]


def list_home(connection: sqlite3.Connection, home: Path) -> None:
    """Lists a folder as one in which the store has lain."""
    # As addresses: a folder's name need not be Unicode.
    connection.execute(f"CREATE TABLE IF NOT EXISTS {HOMES} (folder TEXT PRIMARY KEY)")
    connection.execute(f"INSERT OR IGNORE INTO {HOMES} VALUES (?)", (home.as_uri(),))  # noqa: S608


def local_path(address: str) -> Path | None:
    """The path of an address on this machine; None for an address elsewhere."""
    if address.startswith("/"):
        return Path(address)
    parts = urlsplit(address)
    return Path(url2pathname(parts.path)) if parts.scheme == "file" and parts.netloc in {"", "localhost"} else None


def _say(home: Path, changes: Sequence[Change]) -> None:
    """One line, unless only the default experiment was affected, or the same folder under another name."""
    seen = [one for one in changes if one.table != EXPERIMENTS and not _same(one.origin, home)]
    if seen:
        log.warning("%s was moved or copied from %s: %d addresses of artifacts now point here", home, _origins(seen), len(seen))


def _origins(changes: Sequence[Change]) -> str:
    return ", ".join(dict.fromkeys(str(one.origin) for one in changes))
