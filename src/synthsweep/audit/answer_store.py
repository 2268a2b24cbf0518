"""Stores each answer on disk at once: SQLite in write-ahead mode, shared by the page and the command line."""

import dataclasses
import json
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from synthsweep.audit.items import Answer
from synthsweep.errors import AuditError, StorageError
from synthsweep.messages import first_line, listing
from synthsweep.storage.sqlite import has_table, open_existing_sqlite, open_sqlite, transaction

FILE = "answers.db"
BUSY_S = 20.0
TABLE = (
    "CREATE TABLE IF NOT EXISTS answers (item TEXT NOT NULL, rater TEXT NOT NULL, verdict TEXT NOT NULL, shows TEXT NOT NULL, "
    "note TEXT NOT NULL, answered_at REAL NOT NULL, PRIMARY KEY (item, rater)) WITHOUT ROWID"
)
WRITE = "INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?, ?)"


@dataclass(frozen=True)
class AnswerStore:
    """One answer per item and rater; the first answer creates the file."""

    path: Path

    def save(self, answer: Answer) -> Answer:
        """Stores one answer in place of the rater's earlier one; it is on disk when this returns.

        Returns the stored answer, with the rater's name in its first spelling.

        Raises:
            StorageError: the file cannot be written to.
        """
        with self._writing() as connection:
            [spelled] = _spelled_alike([answer], _raters(connection))
            connection.execute(WRITE, _row(spelled))
        return spelled

    def add(self, answers: Sequence[Answer], *, replace: bool = False) -> int:
        """Stores all answers or none, and returns how many are new or changed.

        Raises:
            AuditError: a rater gave a different answer before, and `replace` is not set.
            StorageError: the file cannot be written to.
        """
        with self._writing() as connection:
            kept = {(one.item, one.rater): one for one in _read(connection)}
            given = _spelled_alike(answers, _raters(connection))
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
            with closing(open_existing_sqlite(self.path, busy_s=BUSY_S)) as connection:
                return _read(connection) if has_table(connection, "answers") else []
        except sqlite3.Error as error:
            raise self._failed(error) from error

    def rater(self, given: str) -> str:
        """The rater's name in its first spelling: ANNA continues Anna's answers."""
        names = {answer.rater for answer in self.all()}
        return _spellings(sorted(names)).get(given.casefold(), given)

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        try:
            # A power cut must not lose an answer that the page called saved. The audit's export makes the folder.
            opened = open_sqlite(self.path, TABLE, durable=True, make_folder=False, private=True, busy_s=BUSY_S)
            with closing(opened) as connection, transaction(connection):
                yield connection
        except (sqlite3.Error, OSError) as error:
            raise self._failed(error) from error

    def _failed(self, error: BaseException) -> StorageError:
        return StorageError(f"{self.path}: answers cannot be kept or read: {first_line(error)}")


def _spelled_alike(answers: Sequence[Answer], kept: Sequence[str]) -> list[Answer]:
    """The answers, with each rater's name in its first spelling: that in the file, else in the answers."""
    spelled = _spellings([*kept, *(answer.rater for answer in answers)])
    return [dataclasses.replace(answer, rater=spelled[answer.rater.casefold()]) for answer in answers]


def _spellings(names: Sequence[str]) -> dict[str, str]:
    """Maps each casefolded name to its first spelling."""
    spelled: dict[str, str] = {}
    for name in names:
        spelled.setdefault(name.casefold(), name)
    return spelled


def _raters(connection: sqlite3.Connection) -> list[str]:
    return [rater for (rater,) in connection.execute("SELECT DISTINCT rater FROM answers ORDER BY rater")]


def _row(answer: Answer) -> tuple[str, str, str, str, str, float]:
    shows = json.dumps(sorted(answer.shows), ensure_ascii=False)
    return answer.item, answer.rater, answer.verdict, shows, answer.note, time.time()


def _read(connection: sqlite3.Connection) -> list[Answer]:
    rows = connection.execute("SELECT item, rater, verdict, shows, note FROM answers ORDER BY rater, item")
    return [Answer(item, rater, verdict, frozenset(json.loads(shows)), note) for item, rater, verdict, shows, note in rows]
