"""Fills a pool from a server: as many requests at once as it bears, each paid for once, within a budget."""

import asyncio
import contextlib
import heapq
import logging
import random
import signal
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from synthsweep.errors import CompletionError, ReplyStoreError
from synthsweep.generate.completer import CompletionRequest
from synthsweep.generate.llm.openai_client import Answered, Busy, Failed, FormatRefused, Result
from synthsweep.generate.llm.pool_request import PoolRequest
from synthsweep.generate.llm.reply_format import next_format
from synthsweep.generate.llm.throttle import Throttle
from synthsweep.generate.replies.exchange import rescue
from synthsweep.generate.replies.store import StoredReply

log = logging.getLogger(__name__)

# Another process asks for the same: look again after so long.
OTHERS_S = 0.3
# Beyond its timeout a request's claim is nobody's.
LEASE_S = 30.0
LONGEST_BACKOFF_S = 30.0
# The limit may grow to so many times where it starts.
GROWTH = 8


@dataclass(order=True)
class _Try:
    """A request on its way: when it may be sent, and how often it was."""

    at: float
    number: int
    request: CompletionRequest = field(compare=False)
    attempts: int = field(default=0, compare=False)


@dataclass
class AsyncFiller(PoolRequest):
    """One job. `most_requests` ends it early, for a preview."""

    most_requests: int | None = None
    failures: int = 0

    async def run(self) -> None:
        """Until the pool is full, or something stops it: then `filled.stopped` says what.

        Raises:
            CompletionError: the server answers nothing more; what it answered is stored.
            ReplyStoreError: the disk does not take a reply; it, and what else was paid for, is in a file that is named.
        """
        self.throttle = Throttle(float(self.settings.concurrency), float(self.settings.concurrency * GROWTH))
        self.ready: deque[_Try] = deque(_Try(0.0, number, r) for number, r in enumerate(self.wanted.begin()))
        self.later: list[_Try] = []
        self.numbers = len(self.ready)
        self.flying: dict[asyncio.Task[Result], tuple[_Try, int, float]] = {}
        self.unstored: list[StoredReply] = []
        self.report()
        with self._polite_stop():
            try:
                while self.flying or (self._waiting and not self.filled.stopped):
                    self._send()
                    await self._receive()
            except ReplyStoreError as error:
                await self._abandon(wait=True)
                raise ReplyStoreError("; ".join([str(error), *self._rescued()])) from error
            finally:
                await self._abandon()
                for line in self._rescued():
                    log.warning(line)

    @property
    def _waiting(self) -> bool:
        return bool(self.ready or self.later)

    def _send(self) -> None:
        now = time.monotonic()
        while self.later and self.later[0].at <= now:
            self.ready.append(heapq.heappop(self.later))
        while self.ready and not self.filled.stopped and self.throttle.room(len(self.flying)) > 0:
            if self.most_requests is not None and self.filled.sent >= self.most_requests:
                self.filled.stopped = "preview"
            elif not self._launch(self.ready[0]):
                return
            else:
                self.ready.popleft()

    def _launch(self, one: _Try) -> bool:
        """Sends a request, or finds that another process has; False where the budget must wait for what is under way."""
        key = self.address.key(one.request)
        there = self.store.find([key]).get(key)
        if there is not None:
            self._more(self.wanted.on_reply(one.request, there.completion))
            return True
        most = self.price.most(one.request, self.endpoint.llm)
        begun = self.store.begin(key, self.settings.timeout_s + LEASE_S, self.budget.name, most, self.budget.limit)
        if begun.taken:
            self._later(one, OTHERS_S)
            return True
        if begun.entry is None:
            if not self.flying:
                self.filled.stopped = "budget"
            return False
        task = asyncio.create_task(self.endpoint.ask(one.request))
        self.flying[task] = (one, begun.entry, time.monotonic())
        self.filled.sent += 1
        return True

    async def _receive(self) -> None:
        if not self.flying:
            pause = max(self.throttle.wait_s(), (self.later[0].at - time.monotonic()) if self.later and not self.ready else 0.0)
            if self._waiting and not self.filled.stopped:
                await asyncio.sleep(min(max(pause, 0.005), 1.0))
            return
        # Wakes for a pause that ends too.
        until = OTHERS_S if self._waiting else None
        done, _ = await asyncio.wait(self.flying, timeout=until, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            one, entry, sent_at = self.flying.pop(task)
            try:
                result = task.result()
            except CompletionError:
                self._release(one, entry, billed=False)
                raise
            self._took(one, entry, sent_at, result)
        if done:
            self.report()

    def _took(self, one: _Try, entry: int, sent_at: float, result: Result) -> None:
        match result:
            case Answered():
                self.throttle.succeeded(result.headers)
                self._answered(one, entry, result)
            case Busy():
                self.throttle.refused(sent_at, result.headers)
                self._release(one, entry, billed=False)
                if self.throttle.refusals > self.settings.max_attempts:
                    raise CompletionError(f"{result.reason}; {self.throttle.refusals} times in a row: try again later")
                self.ready.appendleft(one)
            case FormatRefused():
                self._release(one, entry, billed=False)
                self._simpler_format(result.name)
                self.ready.appendleft(one)
            case Failed():
                self._release(one, entry, billed=result.billed)
                self._failed(one, result)

    def _answered(self, one: _Try, entry: int, answer: Answered) -> None:
        done = self.priced(one.request, answer.completion)
        reply = self.address.stored(one.request, done, answer.latency_s, datetime.now(UTC).isoformat(timespec="milliseconds"))
        try:
            self.store.keep(reply, entry)
        except ReplyStoreError:
            self.unstored.append(reply)
            raise
        self.failures = 0
        self.filled.count(done)
        if self.most_requests is not None:
            self.filled.answers.append((one.request, done))
        if done.answered_as and not self.wanted.reading.answered_rightly(done):
            raise CompletionError(
                f"llm.model={self.endpoint.llm.model} was asked for and {done.answered_as} answered: correct llm.model, or set "
                f"llm.answers_as=[{done.answered_as}] if that is the same LLM"
            )
        self._more(self.wanted.on_reply(one.request, done))

    def _rescued(self) -> list[str]:
        """Where the replies are that the store did not take; nothing if it took all."""
        kept, self.unstored = self.unstored, []
        return [f"what could not be stored is in {rescue(kept)}"] if kept else []

    def _simpler_format(self, refused: str) -> None:
        if self.endpoint.reply_format != refused:
            return
        simpler = next_format(refused)
        if simpler is None:
            raise CompletionError(f"llm={self.endpoint.llm.name} refuses every response_format: set llm.reply_format=list")
        log.warning("the server knows no response_format %s: asking with %s", refused, simpler)
        self.endpoint.reply_format = simpler

    def _failed(self, one: _Try, failure: Failed) -> None:
        one.attempts += 1
        if one.attempts < self.settings.max_attempts and self.failures < self.settings.max_failures:
            self._later(one, min(LONGEST_BACKOFF_S, 0.5 * 2 ** (one.attempts - 1)) * random.uniform(0.75, 1.25))
            return
        self.failures += 1
        self.filled.failed += 1
        self.wanted.on_failure(one.request)
        if self.failures >= self.settings.max_failures:
            raise CompletionError(
                f"llm={self.endpoint.llm.name}: {failure.reason}; {self.failures} requests in a row failed, each after "
                f"{self.settings.max_attempts} tries: stopped"
            )
        log.warning("%s; a request is left out after %d tries", failure.reason, one.attempts)

    def _release(self, one: _Try, entry: int, *, billed: bool) -> None:
        self.store.settle(entry, None if billed and not self.price.free else 0.0)
        self.store.release(self.address.key(one.request))

    def _more(self, requests: list[CompletionRequest]) -> None:
        for request in requests:
            self.numbers += 1
            self.ready.append(_Try(0.0, self.numbers, request))

    def _later(self, one: _Try, seconds: float) -> None:
        one.at = time.monotonic() + seconds
        heapq.heappush(self.later, one)

    async def _abandon(self, *, wait: bool = False) -> None:
        """What is under way when the job ends: waited for no longer, and perhaps billed; or waited for, since it is."""
        for task in () if wait else self.flying:
            task.cancel()
        await asyncio.gather(*self.flying, return_exceptions=True)
        for task, (one, entry, _) in self.flying.items():
            done = not task.cancelled() and task.exception() is None
            with contextlib.suppress(ReplyStoreError):
                result = task.result() if done else None
                if isinstance(result, Answered):
                    # It came in the same moment: paid is paid.
                    self._answered(one, entry, result)
                else:
                    self._release(one, entry, billed=True)
        self.flying.clear()

    @contextlib.contextmanager
    def _polite_stop(self) -> Iterator[None]:
        """Ctrl-C once: nothing more is sent, and what was is waited for; twice: at once."""
        loop, task = asyncio.get_running_loop(), asyncio.current_task()

        def asked() -> None:
            if self.filled.stopped == "interrupt" and task is not None:
                task.cancel()
            self.filled.stopped = "interrupt"

        try:
            loop.add_signal_handler(signal.SIGINT, asked)
        except (ValueError, NotImplementedError, RuntimeError):
            # In a thread, signals are somebody else's.
            yield
            return
        try:
            yield
        finally:
            loop.remove_signal_handler(signal.SIGINT)
