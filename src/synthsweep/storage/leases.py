"""Claims on the work of a study: with this table beside Optuna's, terminals and hosts share a study and do nothing twice.

An owner renews the claims that it holds (storage/claims.py says when one is free for others). A finished item stays
finished, with a note of its result; the note of a held one is the time since when it is held.
"""

import json
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from synthsweep.storage.claims import Claim, mark_of, new_owner
from synthsweep.storage.database import alone, as_storage_error

HELD, DONE, FAILED = "held", "done", "failed"
# A renewal that waits for a server that is gone is not waited for longer.
STOP_S = 10.0
_METADATA = sa.MetaData()
CLAIMS = sa.Table(
    "synthsweep_claims",
    _METADATA,
    sa.Column("study", sa.String(250), primary_key=True),
    sa.Column("item", sa.String(250), primary_key=True),
    sa.Column("owner", sa.String(250), nullable=False),
    sa.Column("renewed", sa.Float, nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("note", sa.Text, nullable=False, default="null"),
)


@dataclass
class Leases:
    """The claims of one process on the items of one study; `seconds` is how long a claim lasts unrenewed."""

    engine: sa.Engine
    study: str
    seconds: float = 120.0
    owner: str = field(default_factory=new_owner)
    _held: set[str] = field(default_factory=set, init=False)
    _closed: threading.Event = field(default_factory=threading.Event, init=False)
    _guard: threading.Lock = field(default_factory=threading.Lock, init=False)
    _renewing: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        with self._storage_errors(), alone(self.engine, "claims"):
            _METADATA.create_all(self.engine)
        self._renewing = threading.Thread(target=self._renew_until_closed, daemon=True)
        self._renewing.start()

    def claim(self, item: str) -> bool:
        """Whether this owner now holds the item: it was unclaimed, its claim was free, or it failed under another owner."""
        with self._storage_errors():
            return self._insert(item) or self._take_over(item)

    def finish(self, item: str, note: Any = None, *, state: str = DONE) -> bool:
        """Ends a claim for good; False if another owner has taken it over in the meantime."""
        values = {"state": state, "note": json.dumps(note), "renewed": time.time()}
        with self._guard:
            self._held.discard(item)
        with self._storage_errors(), self.engine.begin() as connection:
            return bool(connection.execute(CLAIMS.update().where(self._own([item])).values(values)).rowcount)

    def release(self, item: str) -> None:
        """Frees an item that is not done."""
        with self._guard:
            self._held.discard(item)
        with self._storage_errors(), self.engine.begin() as connection:
            connection.execute(CLAIMS.delete().where(self._own([item])))

    def reopen(self, items: Mapping[str, Any]) -> None:
        """Frees finished items, unless they have another note by now than the one given."""
        with self._storage_errors(), self.engine.begin() as connection:
            for item, note in items.items():
                same = sa.and_(CLAIMS.c.item == item, CLAIMS.c.state == DONE, CLAIMS.c.note == json.dumps(note))
                connection.execute(CLAIMS.delete().where(sa.and_(self._rows(), same)))

    def forget(self) -> None:
        """Deletes every claim on the study, of all owners."""
        with self._storage_errors(), self.engine.begin() as connection:
            connection.execute(CLAIMS.delete().where(self._rows()))

    def put(self, item: str, note: Any) -> None:
        """Notes something about the study that no process has to claim, in the place of an earlier note."""
        row = {"study": self.study, "item": item, "owner": self.owner, "renewed": time.time(), "state": DONE}
        with self._storage_errors(), self.engine.begin() as connection:
            connection.execute(CLAIMS.delete().where(sa.and_(self._rows(), CLAIMS.c.item == item)))
            connection.execute(CLAIMS.insert().values(**row, note=json.dumps(note)))

    def notes(self, prefix: str = "") -> dict[str, Any]:
        """Finished items and their notes."""
        rule = sa.and_(self._rows(), CLAIMS.c.state == DONE, CLAIMS.c.item.startswith(prefix, autoescape=True))
        with self._storage_errors(), self.engine.connect() as connection:
            return {
                item: json.loads(note) for item, note in connection.execute(sa.select(CLAIMS.c.item, CLAIMS.c.note).where(rule))
            }

    def alive(self, prefix: str = "") -> dict[str, str]:
        """Claimed items and their owners, for claims that are not free."""
        rule = sa.and_(self._rows(), CLAIMS.c.state == HELD, CLAIMS.c.item.startswith(prefix, autoescape=True))
        with self._storage_errors(), self.engine.connect() as connection:
            rows = connection.execute(sa.select(CLAIMS.c.item, CLAIMS.c.owner, CLAIMS.c.renewed).where(rule)).all()
        return {item: owner for item, owner, renewed in rows if owner == self.owner or not self._ran_out(owner, renewed)}

    def close(self) -> None:
        """Frees what is still held, and stops renewing: afterwards no thread of this owner uses the engine."""
        self._closed.set()
        self._renewing.join(STOP_S)
        for item in list(self._held):
            self.release(item)

    def _insert(self, item: str) -> bool:
        now = time.time()
        row = {"study": self.study, "item": item, "owner": self.owner, "renewed": now, "state": HELD, "note": json.dumps(now)}
        try:
            with self.engine.begin() as connection:
                connection.execute(CLAIMS.insert().values(row))
        except IntegrityError:
            return False
        with self._guard:
            self._held.add(item)
        return True

    def _take_over(self, item: str) -> bool:
        rule = sa.and_(self._rows(), CLAIMS.c.item == item)
        with self.engine.begin() as connection:
            row = connection.execute(sa.select(CLAIMS).where(rule)).mappings().first()
            if row is None or row["state"] == DONE or row["owner"] == self.owner:
                return False
            if row["state"] != FAILED and not self._ran_out(row["owner"], row["renewed"]):
                return False
            # Only if no other process was quicker.
            same = sa.and_(rule, CLAIMS.c.owner == row["owner"], CLAIMS.c.renewed == row["renewed"])
            now = time.time()
            values = {"owner": self.owner, "renewed": now, "state": HELD, "note": json.dumps(now)}
            taken = bool(connection.execute(CLAIMS.update().where(same).values(values)).rowcount)
        if taken:
            with self._guard:
                self._held.add(item)
        return taken

    def _ran_out(self, owner: str, renewed: float) -> bool:
        return Claim(mark_of(owner), renewed + self.seconds).is_free(time.time())

    def _renew_until_closed(self) -> None:
        while not self._closed.wait(self.seconds / 4):
            with self._guard:
                held = list(self._held)
            try:
                with self.engine.begin() as connection:
                    connection.execute(CLAIMS.update().where(self._own(held)).values(renewed=time.time()))
            except SQLAlchemyError:
                # The next round may succeed; the sweep's own calls report a database that does not come back.
                continue

    def _rows(self) -> sa.ColumnElement[bool]:
        return CLAIMS.c.study == self.study

    def _own(self, items: Iterable[str]) -> sa.ColumnElement[bool]:
        mine = sa.and_(CLAIMS.c.owner == self.owner, CLAIMS.c.state == HELD)
        return sa.and_(self._rows(), CLAIMS.c.item.in_(list(items)), mine)

    @contextmanager
    def _storage_errors(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            raise as_storage_error(self.engine.url.render_as_string(), error) from error
