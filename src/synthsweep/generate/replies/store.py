"""What LLMs answered and what it cost: mlruns/replies.db, SQLite in write-ahead mode, shared by processes.

A reply is stored raw under the digest of its request and a sample number, the moment it arrives, before it is parsed. Two
more tables stand beside it: who is asking what (claims), and what may have been spent (ledger).
"""

import json
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from synthsweep.errors import ReplyStoreError
from synthsweep.generate.completer import Completion, Usage
from synthsweep.messages import first_line
from synthsweep.storage.database import BUSY_S
from synthsweep.storage.process import ProcessMark, own_mark

FILE = "replies.db"
# SQLite takes so many values in one statement, at the least.
MOST_VALUES = 900
# Raised when the tables change; an older file is brought up to it.
SCHEMA_VERSION = 1
SCHEMA = """
CREATE TABLE IF NOT EXISTS replies (
    request TEXT NOT NULL, sample INTEGER NOT NULL, llm TEXT NOT NULL, settings TEXT NOT NULL,
    prompt TEXT NOT NULL, label TEXT NOT NULL, messages TEXT, reply TEXT NOT NULL, finish TEXT NOT NULL,
    answered_as TEXT NOT NULL, prompt_tokens INTEGER, completion_tokens INTEGER, cached_tokens INTEGER,
    usd REAL, latency_s REAL, answered_at TEXT NOT NULL,
    PRIMARY KEY (request, sample, llm, settings)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS claims (
    request TEXT NOT NULL, sample INTEGER NOT NULL, llm TEXT NOT NULL, settings TEXT NOT NULL,
    host TEXT NOT NULL, pid TEXT NOT NULL, started TEXT NOT NULL, until REAL NOT NULL,
    PRIMARY KEY (request, sample, llm, settings)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS ledger (
    id INTEGER PRIMARY KEY, budget TEXT NOT NULL, usd REAL NOT NULL, state TEXT NOT NULL, at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS ledger_budget ON ledger (budget);
CREATE TABLE IF NOT EXISTS batches (
    token TEXT PRIMARY KEY, endpoint TEXT NOT NULL, batch TEXT, asked TEXT NOT NULL
);
"""
ADD_REPLY = "INSERT OR IGNORE INTO replies VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
SAME = "request=? AND sample=? AND llm=? AND settings=?"
ANSWERED = f"SELECT 1 FROM replies WHERE {SAME}"  # noqa: S608
CLAIM = f"SELECT host, pid, started, until FROM claims WHERE {SAME}"  # noqa: S608
END_CLAIM = f"DELETE FROM claims WHERE {SAME}"  # noqa: S608
END_OWN_CLAIM = f"{END_CLAIM} AND host=? AND pid=? AND started=?"


@dataclass(frozen=True)
class ReplyKey:
    """Which reply: the request's digest, the sample, the LLM, and the settings that change what it answers."""

    request: str
    sample: int
    llm: str
    settings: str = "{}"

    @property
    def values(self) -> tuple[str, int, str, str]:
        return self.request, self.sample, self.llm, self.settings


@dataclass(frozen=True)
class StoredReply:
    """A reply with what is known of it; `messages` is empty where they held real texts."""

    key: ReplyKey
    prompt: str
    label: str
    completion: Completion
    messages: tuple[tuple[str, str], ...] = ()
    latency_s: float | None = None
    answered_at: str = ""


@dataclass(frozen=True)
class Spending:
    """Dollars of one budget: paid, held for what is under way, and what requests may have cost that never came back."""

    paid: float = 0.0
    held: float = 0.0
    lost: float = 0.0

    @property
    def total(self) -> float:
        return self.paid + self.held + self.lost


@dataclass(frozen=True)
class Begun:
    """What came of wanting to ask: somebody else does or has, the budget is too small (neither), or an entry of the ledger."""

    taken: bool = False
    entry: int | None = None


@dataclass(frozen=True)
class Asked:
    """A question of a batch, and what the ledger holds for it."""

    key: ReplyKey
    label: str
    entry: int


@dataclass(frozen=True)
class OpenBatch:
    """Requests that a provider works on; `batch` is its number there, None until that is known."""

    token: str
    endpoint: str
    batch: str | None
    asked: list[Asked]


@dataclass
class ReplyStore:
    """One connection of one process; every call is a transaction of its own.

    Every method raises ReplyStoreError when the file does not take it.
    """

    path: Path
    connection: sqlite3.Connection
    mark: ProcessMark = field(default_factory=own_mark)

    def find(self, keys: Iterable[ReplyKey]) -> dict[ReplyKey, StoredReply]:
        """Those that were answered."""
        wanted = {key.values: key for key in keys}
        requests = sorted({key.request for key in wanted.values()})
        found: dict[ReplyKey, StoredReply] = {}
        with self._wrapped():
            for start in range(0, len(requests), MOST_VALUES):
                some = requests[start : start + MOST_VALUES]
                marks = ",".join("?" * len(some))
                for row in self.connection.execute(f"SELECT * FROM replies WHERE request IN ({marks})", some):  # noqa: S608
                    reply = _reply(row)
                    if reply.key.values in wanted:
                        found[reply.key] = reply
        return found

    def all(self, llm: str = "", prompt: str = "") -> Iterator[StoredReply]:
        """Every reply, those of a question together, optionally of one LLM or prompt alone."""
        rule = "(? = '' OR llm = ?) AND (? = '' OR prompt = ?)"
        with self._wrapped():
            rows = self.connection.execute(
                f"SELECT * FROM replies WHERE {rule} ORDER BY llm, prompt, label, sample, request, settings",  # noqa: S608
                (llm, llm, prompt, prompt),
            )
            yield from (_reply(row) for row in rows)

    def keep(self, reply: StoredReply, entry: int | None = None) -> None:
        """Stores an answer; in the same moment its claim ends and what was held for it (`entry`) is paid."""
        done = reply.completion
        with self._written() as write:
            write(ADD_REPLY, _row(reply))
            write(END_CLAIM, reply.key.values)
            if entry is not None:
                write("UPDATE ledger SET usd=?, state='paid' WHERE id=?", (done.usd or 0.0, entry))

    def add(self, replies: Sequence[StoredReply]) -> int:
        """Adds what another store exported; returns how many were new."""
        with self._written() as write:
            before = self.connection.total_changes
            for reply in replies:
                write(ADD_REPLY, _row(reply))
            return self.connection.total_changes - before

    def begin(
        self, key: ReplyKey, seconds: float, budget: str, usd: float, limit: float | None, *, mark: ProcessMark | None = None
    ) -> Begun:
        """Claims a question for this process (or `mark`) and sets dollars aside, before it is sent.

        What a dead process has set aside stays so: nobody knows whether its requests were billed.
        """
        with self._written() as write:
            if self._taken(write, key):
                return Begun(taken=True)
            if limit is not None and _spending(write, budget).total + usd > limit:
                return Begun()
            holder = mark or self.mark
            own = (*key.values, holder.host, holder.pid, holder.started, time.time() + seconds)
            write("INSERT OR REPLACE INTO claims VALUES (?,?,?,?,?,?,?,?)", own)
            held = write("INSERT INTO ledger (budget, usd, state, at) VALUES (?,?,'held',?)", (budget, usd, time.time()))
            return Begun(entry=held.lastrowid)

    def _taken(self, read: Any, key: ReplyKey) -> bool:
        """Answered, or asked by another process that lives."""
        if read(ANSWERED, key.values).fetchone():
            return True
        row = read(CLAIM, key.values).fetchone()
        if row is None:
            return False
        holder = ProcessMark(row["host"], row["pid"], row["started"])
        return holder != self.mark and not holder.gone and row["until"] > time.time()

    def release(self, key: ReplyKey, *, force: bool = False) -> None:
        """Ends a claim without an answer: one of this process, or with `force` anybody's."""
        with self._written() as write:
            own = (*key.values, self.mark.host, self.mark.pid, self.mark.started)
            if force:
                write(END_CLAIM, key.values)
            else:
                write(END_OWN_CLAIM, own)

    def settle(self, entry: int, usd: float | None) -> None:
        """Ends what was held: with its price, or as lost (None) where it may have been billed and nothing came back."""
        with self._written() as write:
            if usd is None:
                write("UPDATE ledger SET state='lost' WHERE id=?", (entry,))
            elif usd == 0:
                write("DELETE FROM ledger WHERE id=?", (entry,))
            else:
                write("UPDATE ledger SET usd=?, state='paid' WHERE id=?", (usd, entry))

    def open_batch(self, batch: OpenBatch) -> None:
        asked = json.dumps([[*one.key.values, one.label, one.entry] for one in batch.asked])
        with self._written() as write:
            write("INSERT INTO batches VALUES (?,?,?,?)", (batch.token, batch.endpoint, batch.batch, asked))

    def name_batch(self, token: str, batch: str) -> None:
        with self._written() as write:
            write("UPDATE batches SET batch=? WHERE token=?", (batch, token))

    def close_batch(self, token: str) -> None:
        with self._written() as write:
            write("DELETE FROM batches WHERE token=?", (token,))

    def open_batches(self, endpoint: str) -> list[OpenBatch]:
        """Those of an endpoint that nobody has closed."""
        with self._wrapped():
            rows = self.connection.execute("SELECT token, batch, asked FROM batches WHERE endpoint=?", (endpoint,)).fetchall()
        return [
            OpenBatch(
                row["token"], endpoint, row["batch"],
                [Asked(ReplyKey(*values), label, entry) for *values, label, entry in json.loads(row["asked"])],
            )
            for row in rows
        ]  # fmt: skip

    def spending(self, budget: str) -> Spending:
        with self._wrapped():
            return _spending(self.connection.execute, budget)

    def close(self) -> None:
        self.connection.close()

    @contextmanager
    def _written(self) -> Iterator[Any]:
        with self._wrapped():
            # A transaction that reads first and then wants to write would not wait for another one.
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield self.connection.execute
                self.connection.execute("COMMIT")
            except BaseException:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise

    @contextmanager
    def _wrapped(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise ReplyStoreError(f"{self.path}: {first_line(error)}; mend that, then give the same command again") from error


def open_reply_store(folder: Path) -> ReplyStore:
    """The store of a tracking folder, made where there is none.

    Raises:
        ReplyStoreError: it cannot be made, or is another version's.
    """
    path = folder / FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Transactions are begun by hand.
        connection = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None)
        connection.row_factory = sqlite3.Row
        if _version(connection) < SCHEMA_VERSION:
            # SQLite does not wait for a lock where it changes the journal's mode.
            with FileLock(path.with_name(f".{FILE}.lock"), timeout=BUSY_S):
                connection.execute("PRAGMA journal_mode=WAL")
                if _version(connection) < SCHEMA_VERSION:
                    connection.executescript(f"{SCHEMA} PRAGMA user_version={SCHEMA_VERSION};")
        if _version(connection) > SCHEMA_VERSION:
            raise ReplyStoreError(
                f"{path} was written by a later version of synthsweep: upgrade, or set tracking.folder=FOLDER"
            )
        # What was paid for must outlive a power cut too.
        connection.execute("PRAGMA synchronous=FULL")
    except (sqlite3.Error, OSError, Timeout) as error:
        raise ReplyStoreError(f"{path}: {first_line(error)}; set tracking.folder=FOLDER to keep replies elsewhere") from error
    return ReplyStore(path, connection)


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _spending(read: Any, budget: str) -> Spending:
    sums = {row[0]: row[1] for row in read("SELECT state, SUM(usd) FROM ledger WHERE budget=? GROUP BY state", (budget,))}
    return Spending(**{state: sums.get(state) or 0.0 for state in ("paid", "held", "lost")})


def _row(reply: StoredReply) -> tuple[Any, ...]:
    done, used = reply.completion, reply.completion.usage
    tokens = (used.prompt, used.completion, used.cached) if used else (None, None, None)
    messages = json.dumps(reply.messages, ensure_ascii=False) if reply.messages else None
    return (
        *reply.key.values, reply.prompt, reply.label, messages, done.text, done.finish, done.answered_as, *tokens,
        done.usd, reply.latency_s, reply.answered_at,
    )  # fmt: skip


def _reply(row: Mapping[str, Any]) -> StoredReply:
    used = None if row["prompt_tokens"] is None else Usage(row["prompt_tokens"], row["completion_tokens"], row["cached_tokens"])
    return StoredReply(
        key=ReplyKey(row["request"], row["sample"], row["llm"], row["settings"]),
        prompt=row["prompt"],
        label=row["label"],
        completion=Completion(row["reply"], row["llm"], row["answered_as"], row["finish"], used, row["usd"]),
        messages=tuple((role, content) for role, content in json.loads(row["messages"] or "[]")),
        latency_s=row["latency_s"],
        answered_at=row["answered_at"],
    )
