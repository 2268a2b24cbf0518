"""What LLMs replied and what it cost: mlruns/replies.db, SQLite in write-ahead mode, shared by processes.

A reply is stored raw under the digest of its request and a sample number, the moment it arrives, before it is parsed. Three
more tables stand beside it: which process is sending which request (claims), what may have been spent (ledger), and which
requests a provider has in a batch (batches).
"""

import json
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

from synthsweep.errors import ReplyStoreError, StorageError
from synthsweep.generate.budget import NONE, Spending, Surprise, hold, pay, settle, spending
from synthsweep.generate.replies.stored_reply import ReplyKey, StoredReply, reply_of_row, row_of
from synthsweep.generate.replies.tables import (
    ADD_REPLY,
    CLAIM,
    END_CLAIM,
    END_OWN_CLAIM,
    FIND,
    REPLIED,
    SCHEMA,
    SCHEMA_VERSION,
    SCHEMAS,
)
from synthsweep.messages import first_line
from synthsweep.storage.claims import Claim
from synthsweep.storage.process import ProcessMark, own_mark
from synthsweep.storage.sqlite import MOST_VALUES, open_sqlite, open_untouched, require_version, transaction

__all__ = [
    "Asked",
    "OpenBatch",
    "ReplyKey",
    "ReplyStore",
    "Reservation",
    "StoredReply",
    "look_at_reply_store",
    "open_reply_store",
]

FILE = "replies.db"
MEND = "mend that, then give the same command again"


@dataclass(frozen=True)
class Reservation:
    """What `begin` returns: `taken` if another process has the request or it was answered, else the `entry` in the ledger.

    If neither is set, the budget is too small.
    """

    taken: bool = False
    entry: int | None = None


@dataclass(frozen=True)
class Asked:
    """A request of a batch, and its entry in the ledger."""

    key: ReplyKey
    label: str
    entry: int


@dataclass(frozen=True)
class OpenBatch:
    """Requests that a provider has in one batch; `batch` is the provider's number for it, None until it is known."""

    token: str
    endpoint: str
    batch: str | None
    asked: list[Asked]
    # Who submits it: until the provider's number is known, that process alone can say whether there is such a batch.
    mark: ProcessMark = field(default_factory=own_mark, compare=False)


@dataclass
class ReplyStore:
    """One connection of one process. Each call is a transaction of its own, and raises ReplyStoreError if the file fails.

    Calls within `group` are one transaction together.
    """

    path: Path
    connection: sqlite3.Connection
    mark: ProcessMark = field(default_factory=own_mark)
    _grouped: bool = field(default=False, init=False)

    def find(self, keys: Iterable[ReplyKey]) -> dict[ReplyKey, StoredReply]:
        """The replies that are stored, by key."""
        wanted = {key.values: key for key in keys}
        rows = self.samples({(key.request, key.sample) for key in wanted.values()})
        return {reply.key: reply for reply in rows if reply.key.values in wanted}

    def samples(self, asked: Iterable[tuple[str, int]]) -> Iterator[StoredReply]:
        """The replies to requests, each by its digest and sample, of any LLM with any settings."""
        places, most = sorted(asked), MOST_VALUES // 2
        with self._reply_store_errors():
            for start in range(0, len(places), most):
                some = places[start : start + most]
                # By digest and sample: a plain prompt has one digest for all samples of a criterion, perhaps thousands.
                rows = self.connection.execute(FIND.format(",".join(["(?,?)"] * len(some))), [*chain.from_iterable(some)])
                yield from map(reply_of_row, rows)

    def all(self, llm: str = "", prompt: str = "") -> Iterator[StoredReply]:
        """Every reply, those to one request together; optionally of one LLM or prompt alone."""
        rule = "(? = '' OR llm = ?) AND (? = '' OR prompt = ?)"
        with self._reply_store_errors():
            rows = self.connection.execute(
                f"SELECT * FROM replies WHERE {rule} ORDER BY llm, prompt, label, sample, request, settings",  # noqa: S608
                (llm, llm, prompt, prompt),
            )
            yield from map(reply_of_row, rows)

    def keep(self, reply: StoredReply, entry: int | None = None, surprise: Surprise = NONE) -> None:
        """Stores a reply, ends its claim and records what was held for it (`entry`) as paid, in one transaction.

        `surprise` compares it with what was foreseen.
        """
        done = reply.completion
        with self._writing() as write:
            write(ADD_REPLY, row_of(reply))
            write(END_CLAIM, reply.key.values)
            if entry is not None:
                pay(write, entry, done.usd or 0.0, surprise)

    def add(self, replies: Sequence[StoredReply]) -> int:
        """Adds replies that another store exported; returns how many were new."""
        with self._writing() as write:
            before = self.connection.total_changes
            for reply in replies:
                write(ADD_REPLY, row_of(reply))
            return self.connection.total_changes - before

    def begin(
        self,
        key: ReplyKey,
        seconds: float,
        budget: str,
        usd: float,
        limit: float | None,
        *,
        mark: ProcessMark | None = None,
        cautious: bool = False,
    ) -> Reservation:
        """Claims a request for this process (or `mark`) and holds the most that it costs (`usd`), before it is sent.

        What a dead process has held stays held: nobody knows whether its requests were billed.
        """
        with self._writing() as write:
            if self._is_taken(write, key):
                return Reservation(taken=True)
            entry = hold(write, budget, usd, limit, cautious=cautious)
            if entry is None:
                return Reservation()
            claim = Claim(mark or self.mark, time.time() + seconds)
            write("INSERT OR REPLACE INTO claims VALUES (?,?,?,?,?,?,?,?)", (*key.values, *claim.mark.values, claim.until))
            return Reservation(entry=entry)

    def _is_taken(self, read: Any, key: ReplyKey) -> bool:
        if read(REPLIED, key.values).fetchone():
            return True
        row = read(CLAIM, key.values).fetchone()
        if row is None:
            return False
        claim = Claim(ProcessMark(row["host"], row["pid"], row["started"]), row["until"])
        return claim.mark != self.mark and not claim.is_free(time.time())

    def release(self, key: ReplyKey, *, force: bool = False) -> None:
        """Ends a claim without a reply: this process's own, or with `force` any process's."""
        with self._writing() as write:
            if force:
                write(END_CLAIM, key.values)
            else:
                write(END_OWN_CLAIM, (*key.values, *self.mark.values))

    def settle(self, entry: int, usd: float | None) -> None:
        """Replaces what was held by the price; None marks it as lost: perhaps billed, without a reply."""
        with self._writing() as write:
            settle(write, entry, usd)

    def open_batch(self, batch: OpenBatch) -> None:
        asked = json.dumps([[*one.key.values, one.label, one.entry] for one in batch.asked])
        with self._writing() as write:
            row = (batch.token, batch.endpoint, batch.batch, asked, *batch.mark.values)
            write("INSERT INTO batches VALUES (?,?,?,?,?,?,?)", row)

    def name_batch(self, token: str, batch: str) -> None:
        with self._writing() as write:
            write("UPDATE batches SET batch=? WHERE token=?", (batch, token))

    def close_batch(self, token: str) -> None:
        with self._writing() as write:
            write("DELETE FROM batches WHERE token=?", (token,))

    def open_batches(self, endpoint: str) -> list[OpenBatch]:
        """The batches of an endpoint that are not closed yet."""
        with self._reply_store_errors():
            rows = self.connection.execute("SELECT * FROM batches WHERE endpoint=?", (endpoint,)).fetchall()
        return [
            OpenBatch(
                row["token"], endpoint, row["batch"],
                [Asked(ReplyKey(*values), label, entry) for *values, label, entry in json.loads(row["asked"])],
                ProcessMark(row["host"], row["pid"], row["started"]),
            )
            for row in rows
        ]  # fmt: skip

    def spending(self, budget: str) -> Spending:
        with self._reply_store_errors():
            return spending(self.connection.execute, budget)

    @cached_property
    def token(self) -> str:
        """Distinguishes this store from others: what is asked anew for another one is another request."""
        with self._reply_store_errors():
            return str(self.connection.execute("SELECT token FROM store").fetchone()[0])

    def close(self) -> None:
        self.connection.close()

    @contextmanager
    def group(self) -> Iterator[None]:
        """All calls of the block, or none of them: one write to the disk for all."""
        with self._reply_store_errors(), transaction(self.connection):
            self._grouped = True
            try:
                yield
            finally:
                self._grouped = False

    @contextmanager
    def _writing(self) -> Iterator[Any]:
        with self._reply_store_errors(), nullcontext() if self._grouped else transaction(self.connection):
            yield self.connection.execute

    @contextmanager
    def _reply_store_errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise ReplyStoreError(f"{self.path}: {first_line(error)}; {MEND}") from error


def open_reply_store(folder: Path) -> ReplyStore:
    """The store of a tracking folder; it is made if there is none.

    Raises:
        ReplyStoreError: it cannot be made, or another version made it.
    """
    path = folder / FILE
    with _opening(path, "set tracking.folder=FOLDER to keep replies elsewhere"):
        # Paid replies must survive a power cut.
        return _store(path, open_sqlite(path, SCHEMAS, version=SCHEMA_VERSION, durable=True, private=True))


def look_at_reply_store(folder: Path) -> ReplyStore:
    """The store of a tracking folder as it is, empty if there is none; nothing is written.

    Raises:
        ReplyStoreError: it cannot be read, or a later version made it.
    """
    path = folder / FILE
    with _opening(path, MEND):
        if path.exists():
            connection = open_untouched(path)
            require_version(connection, path, SCHEMA_VERSION)
        else:
            connection = sqlite3.connect(":memory:")
            connection.executescript(SCHEMA)
        return _store(path, connection)


@contextmanager
def _opening(path: Path, way_out: str) -> Iterator[None]:
    try:
        yield
    except StorageError as error:
        raise ReplyStoreError(f"{error}, or set tracking.folder=FOLDER") from error
    except (sqlite3.Error, OSError) as error:
        raise ReplyStoreError(f"{path}: {first_line(error)}; {way_out}") from error


def _store(path: Path, connection: sqlite3.Connection) -> ReplyStore:
    connection.row_factory = sqlite3.Row
    return ReplyStore(path, connection)
