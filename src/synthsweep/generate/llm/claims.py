"""Claims requests before they are sent: no other process sends them, and the most that they cost is held, on the disk."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from synthsweep.generate.completer import CompletionRequest
from synthsweep.generate.llm.keeper import Keeper
from synthsweep.generate.llm.request_queue import Pending
from synthsweep.generate.replies.store import ReplyKey, ReplyStore, Reservation

# Begins one request: its key, and the seconds for which it is claimed.
Beginning = Callable[[CompletionRequest, ReplyKey, float], Callable[[ReplyStore], Reservation]]


@dataclass(frozen=True)
class Claimed:
    """A request that may be sent: where its reply will stand, and its entry in the ledger."""

    pending: Pending
    key: ReplyKey
    entry: int


@dataclass
class Claims:
    """`ready` are claimed and not sent yet."""

    keeper: Keeper
    beginning: Beginning
    ready: "deque[Claimed]" = field(default_factory=deque, init=False)

    async def take(self, chosen: Sequence[tuple[Pending, ReplyKey]], seconds: float) -> list[Reservation]:
        """Claims one request after the other, up to the first that the budget refuses."""
        begin = _until_refused([self.beginning(pending.request, key, seconds) for pending, key in chosen])
        future = self.keeper.writer.submit(begin)
        try:
            begun = await asyncio.shield(asyncio.wrap_future(future))
        except asyncio.CancelledError:
            self._add(chosen, future.result())
            self.give_back()
            raise
        self._add(chosen, begun)
        return begun

    def give_back(self) -> list[Pending]:
        """Ends the claims of what was not sent; returns these requests."""
        claimed = [*self.ready]
        self.ready.clear()
        for one in claimed:
            self.keeper.release(one.key, one.entry, 0.0)
        return [one.pending for one in claimed]

    def _add(self, chosen: Sequence[tuple[Pending, ReplyKey]], begun: Sequence[Reservation]) -> None:
        for (pending, key), one in zip(chosen, begun, strict=False):
            if one.entry is not None:
                self.ready.append(Claimed(pending, key, one.entry))


def is_refused(reservation: Reservation) -> bool:
    """Whether the budget is too small."""
    return reservation.entry is None and not reservation.taken


def _until_refused(beginnings: Sequence[Callable[[ReplyStore], Reservation]]) -> Callable[[ReplyStore], list[Reservation]]:
    def begin(store: ReplyStore) -> list[Reservation]:
        begun: list[Reservation] = []
        for one in beginnings:
            begun.append(one(store))
            if is_refused(begun[-1]):
                break
        return begun

    return begin
