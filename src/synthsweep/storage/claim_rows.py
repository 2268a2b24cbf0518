"""The table of claims as anybody may read it, whether or not they work on the study."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from synthsweep.storage.claims import Claim, mark_of
from synthsweep.storage.leases import CLAIMS, DONE, HELD
from synthsweep.storage.process import ProcessMark

# So many of the items that were finished last have their notes read: those of a long study take seconds.
LATELY = 200


@dataclass(frozen=True)
class ClaimRow:
    """A claim: `renewed` is the last sign of life of its owner, `note` the result of a finished item where it was read."""

    item: str
    owner: str
    renewed: float
    state: str
    note: Any = None

    @property
    def process(self) -> ProcessMark:
        """The process behind its owner's name."""
        return mark_of(self.owner)

    def is_held(self, lease_s: float, now: float) -> bool:
        """Whether its owner works on it; a claim that is held no longer may be taken over."""
        return self.state == HELD and not Claim(self.process, self.renewed + lease_s).is_free(now)


def read_claims(engine: sa.Engine, study: str, wanted: Callable[[str], bool] = lambda item: False) -> list[ClaimRow]:
    """Every claim on a study, those that were renewed last before the others; none where there is no table of them.

    Notes are read of items that are not finished, of those that were finished last, and of items that are `wanted`.
    """
    if not sa.inspect(engine).has_table(CLAIMS.name):
        return []
    columns = (CLAIMS.c.item, CLAIMS.c.owner, CLAIMS.c.renewed, CLAIMS.c.state)
    rows = CLAIMS.c.study == study
    query = sa.select(*columns).where(rows).order_by(CLAIMS.c.renewed.desc())
    with engine.connect() as connection:
        found = [ClaimRow(*row) for row in connection.execute(query)]
        of_interest = [row.item for place, row in enumerate(found) if place < LATELY or row.state != DONE or wanted(row.item)]
        notes = _notes(connection, rows, of_interest)
    return [ClaimRow(row.item, row.owner, row.renewed, row.state, notes.get(row.item)) for row in found]


def _notes(connection: sa.Connection, rows: sa.ColumnElement[bool], items: Iterable[str]) -> dict[str, Any]:
    query = sa.select(CLAIMS.c.item, CLAIMS.c.note).where(sa.and_(rows, CLAIMS.c.item.in_(list(items))))
    return {item: json.loads(note) for item, note in connection.execute(query)}
