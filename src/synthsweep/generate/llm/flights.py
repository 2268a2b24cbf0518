"""The requests under way: how each one begins, and how each one ends in the ledger, whatever ends the job."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from synthsweep.errors import CompletionError
from synthsweep.generate.completer import Completion
from synthsweep.generate.llm.claims import Claimed
from synthsweep.generate.llm.keeper import Keeper
from synthsweep.generate.llm.openai_client import Busy, Failed, Result, TooLong
from synthsweep.generate.llm.patience import Flight
from synthsweep.generate.llm.request_queue import Pending
from synthsweep.generate.missing import MissingRequests
from synthsweep.generate.replies.store import ReplyKey


@dataclass(frozen=True)
class UnderWay:
    """A request that was sent: where its reply will stand, and what is held for it."""

    pending: Pending
    key: ReplyKey
    entry: int
    flight: Flight


@dataclass(frozen=True)
class Landed:
    """What came of it; `done` is the reply with its price, if there is one."""

    result: Result
    done: Completion | None = None


Task = asyncio.Task[Landed]


@dataclass
class Flights:
    """`missing` learns of the replies that arrive after an error; a `free` LLM has nothing held for a request."""

    keeper: Keeper
    missing: MissingRequests
    free: bool
    under_way: dict[Task, UnderWay] = field(default_factory=dict, init=False)
    # Answered, and not handled yet: the server works on these no more.
    landed: int = field(default=0, init=False)
    _begun: int = field(default=0, init=False)

    def __len__(self) -> int:
        return len(self.under_way)

    @property
    def at_server(self) -> int:
        """How many requests the server works on."""
        return len(self.under_way) - self.landed

    def launch(self, claimed: Claimed, ask: Callable[[UnderWay], Coroutine[Any, Any, Landed]]) -> None:
        """Sends a request by `ask`."""
        flight = Flight(time.monotonic(), self.at_server, self._begun)
        sent = UnderWay(claimed.pending, claimed.key, claimed.entry, flight)
        self.under_way[asyncio.create_task(ask(sent))] = sent
        self._begun += 1

    def release(self, sent: UnderWay, *, billed: bool) -> None:
        """Ends a request without a reply; what may have been `billed` stays held."""
        self.keeper.release(sent.key, sent.entry, None if billed and not self.free else 0.0)

    def take(self, task: Task) -> tuple[Landed, UnderWay]:
        """What came of a request that is done.

        Raises:
            CompletionError: the server answers no request of this kind.
        """
        sent = self.under_way.pop(task)
        try:
            landed = task.result()
        except BaseException as error:
            # A server that refuses a request has done no work for it; of a bug nobody knows.
            self.release(sent, billed=not isinstance(error, CompletionError))
            raise
        self.landed -= landed.done is not None
        return landed, sent

    async def finish(self, silence_s: float) -> None:
        """Waits for what was sent and keeps the answers, after an error; ends when nothing comes for so long."""
        while self.under_way:
            done, _ = await asyncio.wait(self.under_way, timeout=silence_s, return_when=asyncio.FIRST_COMPLETED)
            if not done:
                return
            for task in done:
                self._settle(task, self.under_way.pop(task))

    def abandon(self) -> None:
        """Gives up what is still under way: it may be billed, and is asked for again by the next command."""
        for task, sent in self.under_way.items():
            if task.done() and not task.cancelled():
                self._settle(task, sent)
            else:
                task.cancel()
                self.release(sent, billed=True)
        self.under_way.clear()

    def _settle(self, task: Task, sent: UnderWay) -> None:
        error = task.exception()
        landed = None if error else task.result()
        if landed is not None and landed.done is not None:
            with contextlib.suppress(Exception):
                self.missing.on_reply(sent.pending.request, landed.done)
            return
        result = landed.result if landed else None
        known = isinstance(error, CompletionError) or isinstance(result, (Busy, TooLong))
        self.release(sent, billed=result.billed if isinstance(result, Failed) else not known)
