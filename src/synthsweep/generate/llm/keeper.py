"""Keeps what a job must not lose: a reply is on its way to the disk the moment it arrives, or ends in a file that is named."""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from synthsweep.generate.budget import Surprise
from synthsweep.generate.replies.exchange import rescue
from synthsweep.generate.replies.store import ReplyKey, ReplyStore, StoredReply
from synthsweep.generate.replies.writer import ReplyWriter


@dataclass
class Keeper:
    """Writes in order, in the writer's thread; `check` raises what went wrong there."""

    writer: ReplyWriter
    _under_way: "deque[Future[Any]]" = field(default_factory=deque)
    # Replies that are paid for and not on the disk yet, by their entries in the ledger.
    _unstored: dict[int, StoredReply] = field(default_factory=dict)

    def note(self, reply: StoredReply, entry: int) -> None:
        """From here on the reply is kept in some file, whatever goes wrong."""
        self._unstored[entry] = reply

    def keep(self, reply: StoredReply, entry: int, surprise: Surprise) -> None:
        """Stores a reply and books what it cost."""
        self.note(reply, entry)
        future = self._submit(lambda store: store.keep(reply, entry, surprise))
        future.add_done_callback(lambda done: None if done.exception() else self._unstored.pop(entry, None))

    def release(self, key: ReplyKey, entry: int, usd: float | None) -> None:
        """Ends a claim without a reply, and settles what was held for it."""

        def end(store: ReplyStore) -> None:
            store.settle(entry, usd)
            store.release(key)

        self._submit(end)

    def check(self) -> None:
        """Raises the first error of what was written since.

        Raises:
            ReplyStoreError: the file does not take it.
        """
        while self._under_way and self._under_way[0].done():
            self._under_way.popleft().result()

    def close(self) -> str:
        """Waits until everything is written; says where the replies are that could not be, empty if there are none."""
        self.writer.close()
        replies, self._unstored = self._unstored, {}
        return f"what could not be stored is in {rescue(replies.values())}" if replies else ""

    def _submit(self, work: Callable[[ReplyStore], Any]) -> "Future[Any]":
        future = self.writer.submit(work)
        self._under_way.append(future)
        return future
