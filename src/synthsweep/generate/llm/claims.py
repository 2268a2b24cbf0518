"""Claims requests before they are sent: no other process sends them, and the most that they cost is held, on the disk."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from synthsweep.generate.completer import CompletionRequest
from synthsweep.generate.llm.keeper import Keeper
from synthsweep.generate.replies.store import ReplyKey, ReplyStore, Reservation

# Begins one request: its key, and the seconds for which it is claimed.
Beginning = Callable[[CompletionRequest, ReplyKey, float], Callable[[ReplyStore], Reservation]]


@dataclass(frozen=True)
class Claims:
    """`stopped` says whether somebody asked to stop, so that nothing more is sent."""

    keeper: Keeper
    beginning: Beginning
    stopped: Callable[[], bool]

    async def take(self, chosen: Sequence[tuple[CompletionRequest, ReplyKey]], seconds: float) -> list[Reservation]:
        """Claims one request after the other, up to the first that the budget refuses; none if somebody asks to stop."""
        begin = _until_refused([self.beginning(request, key, seconds) for request, key in chosen])
        future = self.keeper.writer.submit(begin)
        try:
            begun = await asyncio.shield(asyncio.wrap_future(future))
        except asyncio.CancelledError:
            self._give_back(chosen, future.result())
            raise
        if self.stopped():
            self._give_back(chosen, begun)
            return []
        return begun

    def _give_back(self, chosen: Sequence[tuple[CompletionRequest, ReplyKey]], begun: Sequence[Reservation]) -> None:
        for (_, key), reservation in zip(chosen, begun, strict=False):
            if reservation.entry is not None:
                self.keeper.release(key, reservation.entry, 0.0)


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
