"""How many texts each stored reply gave when it was last read, so that a pool that is read anew says what changed.

The numbers stand beside the replies, with the version of the reader that counted them.
"""

import logging
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from synthsweep.generate.replies.parse import READER
from synthsweep.generate.replies.store import ReplyKey, ReplyStore
from synthsweep.generate.replies.store_completer import StoredReplies
from synthsweep.generate.replies.tables import ADD_READING, FORMER_READINGS, READINGS
from synthsweep.messages import first_line
from synthsweep.storage.sqlite import MOST_VALUES, has_table, transaction

if TYPE_CHECKING:
    from synthsweep.generate.llm.job import LlmJob

log = logging.getLogger(__name__)
# How many texts, or answers, a stored reply gives, by the digest of its request and its sample.
Counts = Mapping[tuple[str, int], int]


@dataclass(frozen=True)
class ReadAnew:
    """What another reader gives: texts or answers more and fewer, over the replies; `unknown` replies have no former number."""

    replies: int = 0
    more: int = 0
    fewer: int = 0
    unknown: int = 0
    unknown_texts: int = 0

    def line(self, unit: str) -> str:
        """What changed, for the screen; empty where nothing is read anew."""
        parts = [
            f"{self.more:,} {unit} more, {self.fewer:,} fewer than when they were kept" if self.more or self.fewer else "",
            f"{self.unknown:,} replies that an earlier version kept give {self.unknown_texts:,} {unit} now, "
            "and how many they gave then was not kept" if self.unknown else "",
        ]  # fmt: skip
        changed = self.unknown or self.more or self.fewer
        return f"read anew: {'; '.join(filter(None, parts))}" if changed else ""


def say_read_anew(job: "LlmJob") -> None:
    """Says what another reader than that of former commands gives, where it gives something else."""
    line = read_anew(job.replies, job.missing.counts).line(job.missing.unit)
    if line:
        log.warning("%s: %s", job.llm.choice, line)


def keep_job_readings(job: "LlmJob") -> None:
    """Notes what the stored replies of a job give, for the versions to come."""
    keep_readings(job.replies, job.missing.counts)


def read_anew(replies: StoredReplies, counted: Counts, reader: int = READER) -> ReadAnew:
    """Compares `counted`, the texts of stored replies as they are read now, with those of earlier readers."""
    store, counts = replies.store, _keyed(replies, counted)
    if not counts:
        return ReadAnew()
    if not has_table(store.connection, "readings"):
        return ReadAnew(len(counts), unknown=len(counts), unknown_texts=sum(counts.values()))
    former = {key: texts for key, version, texts in _former(store, counts) if version < reader}
    changes = [counts[key] - texts for key, texts in former.items() if texts is not None]
    unknown = [counts[key] for key, texts in former.items() if texts is None]
    more, fewer = sum(max(0, change) for change in changes), sum(max(0, -change) for change in changes)
    return ReadAnew(len(former), more, fewer, len(unknown), sum(unknown))


def keep_readings(replies: StoredReplies, counted: Counts, reader: int = READER) -> None:
    """Notes how many texts stored replies give; where nothing was noted yet, the others count as read by an earlier version."""
    connection, counts = replies.store.connection, _keyed(replies, counted)
    try:
        with transaction(connection):
            if not has_table(connection, "readings"):
                connection.execute(READINGS)
                connection.execute(FORMER_READINGS)
            connection.executemany(ADD_READING, [(*key.values, reader, texts) for key, texts in counts.items()])
    except sqlite3.Error as error:
        # The replies themselves are kept: only a later version will not know what they gave today.
        log.warning("%s: how many texts its replies give was not noted (%s)", replies.store.path, first_line(error))


def _keyed(replies: StoredReplies, counted: Counts) -> dict[ReplyKey, int]:
    address = replies.address
    return {ReplyKey(*place, address.llm, address.settings): texts for place, texts in counted.items()}


def _former(store: ReplyStore, counts: Mapping[ReplyKey, int]) -> Iterator[tuple[ReplyKey, int, int | None]]:
    requests = sorted({key.request for key in counts})
    for start in range(0, len(requests), MOST_VALUES):
        some = requests[start : start + MOST_VALUES]
        marks = ",".join("?" * len(some))
        for row in store.connection.execute(f"SELECT * FROM readings WHERE request IN ({marks})", some):  # noqa: S608
            key = ReplyKey(row["request"], row["sample"], row["llm"], row["settings"])
            if key in counts:
                yield key, row["reader"], row["texts"]
