"""Answers on disk, each the moment it is given: SQLite in write-ahead mode, shared by the page and the command line."""

import dataclasses
import json
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from synthsweep.audit.items import Answer
from synthsweep.errors import AuditError, StorageError
from synthsweep.messages import first_line, listing

FILE = "answers.db"
BUSY_S = 20.0
TABLE = (
    "CREATE TABLE IF NOT EXISTS answers (item TEXT NOT NULL, rater TEXT NOT NULL, verdict TEXT NOT NULL, shows TEXT NOT NULL, "
    "note TEXT NOT NULL, answered_at REAL NOT NULL, PRIMARY KEY (item, rater)) WITHOUT ROWID"
)
WRITE = "INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?, ?)"


@dataclass(frozen=True)
class AnswerStore:
    """One answer for each item and rater; the file is made with the first one."""

    path: Path

    def save(self, answer: Answer) -> Answer:
        """Keeps one answer, in the place of an earlier one of the same rater; it is on disk when this returns.

        Returns it as it is kept, under the rater's name as it was written first.

        Raises:
            StorageError: the file does not take it.
        """
        with self._writing() as connection:
            [known] = _as_known([answer], _raters(connection))
            connection.execute(WRITE, _row(known))
        return known

    def add(self, answers: Sequence[Answer], *, replace: bool = False) -> int:
        """Keeps all of them or none, and says how many are new.

        Raises:
            AuditError: a rater has answered otherwise before, and `replace` is not set.
            StorageError: the file does not take them.
        """
        with self._writing() as connection:
            kept = {(one.item, one.rater): one for one in _read(connection)}
            given = _as_known(answers, _raters(connection))
            new = [one for one in given if kept.get((one.item, one.rater)) != one]
            changed = [one for one in new if (one.item, one.rater) in kept]
            if changed and not replace:
                own = [one.item for one in changed if one.rater == changed[0].rater]
                raise AuditError(
                    f"{changed[0].rater} has answered {listing(own)} before, and differently: "
                    "audit.replace=true takes the new answers"
                )
            connection.executemany(WRITE, [_row(one) for one in new])
        return len(new)

    def all(self) -> list[Answer]:
        """Every answer, by rater and item."""
        if not self.path.exists():
            return []
        try:
            with closing(sqlite3.connect(self.path, timeout=BUSY_S)) as connection:
                # The page may have made the file a moment ago, and not yet its table.
                if not connection.execute("SELECT 1 FROM sqlite_master WHERE name='answers'").fetchone():
                    return []
                return list(_read(connection))
        except sqlite3.Error as error:
            raise self._failed(error) from error

    def rater(self, given: str) -> str:
        """The name as it was written first: ANNA goes on where Anna stopped."""
        names = {answer.rater for answer in self.all()}
        return _spellings(sorted(names)).get(given.casefold(), given)

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self.path, timeout=BUSY_S)) as connection:
                _write_ahead(connection)
                # A power cut must not take an answer that the page called saved.
                connection.execute("PRAGMA synchronous=FULL")
                with connection:
                    connection.execute("BEGIN IMMEDIATE")
                    connection.execute(TABLE)
                    yield connection
        except (sqlite3.Error, OSError) as error:
            raise self._failed(error) from error

    def _failed(self, error: BaseException) -> StorageError:
        return StorageError(f"{self.path}: answers cannot be kept or read: {first_line(error)}")


def _write_ahead(connection: sqlite3.Connection) -> None:
    """SQLite does not wait for somebody else who sets it at the same moment."""
    end = time.monotonic() + BUSY_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(0.02)
        else:
            return


def _as_known(answers: Sequence[Answer], kept: Sequence[str]) -> list[Answer]:
    """Under each rater's name as it was written first, in what is kept or here."""
    spelled = _spellings([*kept, *(answer.rater for answer in answers)])
    return [dataclasses.replace(answer, rater=spelled[answer.rater.casefold()]) for answer in answers]


def _spellings(names: Sequence[str]) -> dict[str, str]:
    """A name without its case to the first that is written so."""
    spelled: dict[str, str] = {}
    for name in names:
        spelled.setdefault(name.casefold(), name)
    return spelled


def _raters(connection: sqlite3.Connection) -> list[str]:
    return [rater for (rater,) in connection.execute("SELECT DISTINCT rater FROM answers ORDER BY rater")]


def _row(answer: Answer) -> tuple[str, str, str, str, str, float]:
    shows = json.dumps(sorted(answer.shows), ensure_ascii=False)
    return answer.item, answer.rater, answer.verdict, shows, answer.note, time.time()


def _read(connection: sqlite3.Connection) -> Iterable[Answer]:
    rows = connection.execute("SELECT item, rater, verdict, shows, note FROM answers ORDER BY rater, item")
    return [Answer(item, rater, verdict, frozenset(json.loads(shows)), note) for item, rater, verdict, shows, note in rows]
