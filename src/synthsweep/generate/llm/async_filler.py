"""Sends the missing requests, as many at once as the server accepts, each paid for once, within a budget."""

import asyncio
import contextlib
import heapq
import logging
import random
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from synthsweep.errors import CompletionError, ReplyStoreError
from synthsweep.generate.completer import Completion, CompletionRequest
from synthsweep.generate.llm.filler import Filler
from synthsweep.generate.llm.gateway import require_free
from synthsweep.generate.llm.openai_client import Answered, Busy, Failed, Result
from synthsweep.generate.llm.throttle import Throttle
from synthsweep.generate.replies.exchange import rescue
from synthsweep.generate.replies.store import StoredReply

log = logging.getLogger(__name__)

# Seconds until another look at a request that another process is sending.
OTHERS_S = 0.3
# Seconds for which a request is claimed beyond its timeout.
LEASE_S = 30.0
LONGEST_BACKOFF_S = 30.0
# The limit may grow to this multiple of its start.
GROWTH = 8


@dataclass(order=True)
class _Pending:
    """A request without an answer: when it may be sent, and how often it failed."""

    at: float
    number: int
    request: CompletionRequest = field(compare=False)
    attempts: int = field(default=0, compare=False)


@dataclass
class AsyncFiller(Filler):
    """Runs one job; `most_requests` ends it early, for a preview."""

    most_requests: int | None = None
    failures: int = 0

    async def run(self) -> None:
        """Runs until nothing is missing or something stops it; `stats.stopped` then says what.

        Whatever stops it, nothing more is sent, and what was sent is awaited and stored. A second request to stop, and one that
        comes after an error, ends this, too.

        Raises:
            CompletionError: the server answers nothing more; its earlier answers are stored.
            ReplyStoreError: a reply cannot be stored; the message names a file with it and all other unstored replies.
        """
        self._begin()
        with self.stopped_by(self._on_stop):
            try:
                while self.in_flight or (self._waiting and not self.stats.stopped):
                    self._send()
                    await self._receive()
            except asyncio.CancelledError:
                raise
            except BaseException as error:
                self._ending = True
                await self._finish_flights()
                if isinstance(error, ReplyStoreError):
                    raise ReplyStoreError("; ".join([str(error), *self._rescued()])) from error
                raise
            finally:
                self._abandon_flights()
                for line in self._rescued():
                    log.warning(line)

    def _begin(self) -> None:
        self.throttle = Throttle(float(self.settings.concurrency), float(self.settings.concurrency * GROWTH))
        self.ready: deque[_Pending] = deque()
        self.later: list[_Pending] = []
        self.numbers = 0
        self.in_flight: dict[asyncio.Task[Result], tuple[_Pending, int, float]] = {}
        # By their entries in the ledger.
        self.unstored: dict[int, StoredReply] = {}
        # Before the first answer, nobody knows what the server counts, states and bills: one request is sent alone.
        self._known, self._ending, self._task = False, False, asyncio.current_task()
        self._enqueue(self.missing.begin())
        self.report()

    def _on_stop(self) -> None:
        if (self._ending or self.stats.stopped == "interrupt") and self._task is not None:
            self._task.cancel()
        elif self.in_flight:
            log.warning("stopping: %d requests are under way, and their answers are stored first", len(self.in_flight))
        self.stats.stopped = "interrupt"

    @property
    def _waiting(self) -> bool:
        return bool(self.ready or self.later)

    def _enqueue(self, requests: Iterable[CompletionRequest]) -> None:
        for request in requests:
            self.ready.append(_Pending(0.0, self.numbers, request))
            self.numbers += 1

    def _postpone(self, pending: _Pending, seconds: float) -> None:
        pending.at = time.monotonic() + seconds
        heapq.heappush(self.later, pending)

    def _send(self) -> None:
        now = time.monotonic()
        while self.later and self.later[0].at <= now:
            self.ready.append(heapq.heappop(self.later))
        while self.ready and not self.stats.stopped and self._capacity > 0:
            if self.most_requests is not None and self.stats.sent >= self.most_requests:
                self.stats.stopped = "preview"
            elif not self._send_one(self.ready[0]):
                return
            else:
                self.ready.popleft()

    @property
    def _capacity(self) -> int:
        return 0 if self.in_flight and not self._known else self.throttle.capacity(len(self.in_flight))

    def _send_one(self, pending: _Pending) -> bool:
        """Sends a request unless another process has; False if the budget must wait for requests in flight."""
        completion = self.replies.complete(pending.request)
        if completion is not None:
            self._enqueue(self.missing.on_reply(pending.request, completion))
            return True
        begun = self.reserve(pending.request, self.settings.timeout_s + LEASE_S)
        if begun.taken:
            self._postpone(pending, OTHERS_S)
            return True
        if begun.entry is None:
            if not self.in_flight:
                self.stats.stopped = "budget"
            return False
        task = asyncio.create_task(self.client.ask(pending.request))
        self.in_flight[task] = (pending, begun.entry, time.monotonic())
        self.stats.sent += 1
        return True

    async def _receive(self) -> None:
        if not self.in_flight:
            pause = max(self.throttle.wait_s(), (self.later[0].at - time.monotonic()) if self.later and not self.ready else 0.0)
            if self._waiting and not self.stats.stopped:
                await asyncio.sleep(min(max(pause, 0.005), 1.0))
            return
        # Also wakes when a pause ends.
        until = OTHERS_S if self._waiting else None
        done, _ = await asyncio.wait(self.in_flight, timeout=until, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            pending, entry, sent_at = self.in_flight.pop(task)
            try:
                result = task.result()
            except BaseException as error:
                # A server that refuses a request has done no work for it; of a bug nobody knows.
                self._release(pending, entry, billed=not isinstance(error, CompletionError))
                raise
            self._handle(result, pending, entry, sent_at)
        if done:
            self.report()

    def _handle(self, result: Result, pending: _Pending, entry: int, sent_at: float) -> None:
        match result:
            case Answered():
                self.throttle.succeeded(result.headers)
                self._keep(result, pending, entry)
            case Busy():
                self.throttle.refused(sent_at, result.headers)
                self._release(pending, entry, billed=False)
                if self.throttle.refusals > self.settings.max_attempts:
                    raise CompletionError(f"{result.reason}; {self.throttle.refusals} times in a row: try again later")
                self.ready.appendleft(pending)
            case Failed():
                self._release(pending, entry, billed=result.billed)
                self._retry(result, pending)

    def _keep(self, answer: Answered, pending: _Pending, entry: int) -> None:
        done = self._store(answer, pending, entry)
        self.failures, self._known = 0, True
        self._require_right_llm(done)
        require_free(answer, done, self.client.llm, self.price)
        self._enqueue(self.missing.on_reply(pending.request, done))

    def _store(self, answer: Answered, pending: _Pending, entry: int) -> Completion:
        answered_at = datetime.now(UTC).isoformat(timespec="milliseconds")
        reply = self.address.stored(pending.request, answer.completion, answer.latency_s, answered_at)
        # It is paid for: whatever goes wrong from here on, it is kept in some file.
        self.unstored[entry] = reply
        done = self.priced(pending.request, answer)
        self.unstored[entry] = reply = replace(reply, completion=done)
        self.store.keep(reply, entry, self.surprise(pending.request, answer))
        del self.unstored[entry]
        self.stats.count(done)
        if self.most_requests is not None:
            self.stats.answers.append((pending.request, done))
        return done

    def _require_right_llm(self, completion: Completion) -> None:
        llm = self.client.llm
        if not completion.answered_by(llm.answerers):
            raise CompletionError(
                f"{llm.section}.model={llm.model} was asked for and {completion.answered_as} answered: correct "
                f"{llm.section}.model, or set {llm.section}.answers_as=[{completion.answered_as}] if that is the same LLM"
            )

    def _rescued(self) -> list[str]:
        """A message with the file of the replies that could not be stored; empty if there are none."""
        replies, self.unstored = self.unstored, {}
        return [f"what could not be stored is in {rescue(replies.values())}"] if replies else []

    def _retry(self, failure: Failed, pending: _Pending) -> None:
        pending.attempts += 1
        if pending.attempts < self.settings.max_attempts and self.failures < self.settings.max_failures:
            seconds = min(LONGEST_BACKOFF_S, 0.5 * 2 ** (pending.attempts - 1))
            self._postpone(pending, seconds * random.uniform(0.75, 1.25))
            return
        self.failures += 1
        self.stats.failed += 1
        self.missing.on_failure(pending.request)
        if self.failures >= self.settings.max_failures:
            raise CompletionError(
                f"{self.client.llm.choice}: {failure.reason}; {self.failures} requests in a row failed, each after "
                f"{self.settings.max_attempts} tries: stopped"
            )
        log.warning("%s; a request is left out after %d tries", failure.reason, pending.attempts)

    def _release(self, pending: _Pending, entry: int, *, billed: bool) -> None:
        self.store.settle(entry, None if billed and not self.price.free else 0.0)
        self.store.release(self.address.key(pending.request))

    async def _finish_flights(self) -> None:
        """Waits for what was sent and keeps the answers, after an error, which is the one that is raised."""
        while self.in_flight:
            done, _ = await asyncio.wait(self.in_flight, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                pending, entry, _ = self.in_flight.pop(task)
                with contextlib.suppress(Exception):
                    self._keep_if_answered(task, pending, entry)

    def _keep_if_answered(self, task: "asyncio.Task[Result]", pending: _Pending, entry: int) -> None:
        error = task.exception()
        result = None if error else task.result()
        if isinstance(result, Answered):
            self.missing.on_reply(pending.request, self._store(result, pending, entry))
        else:
            known = isinstance(error, CompletionError) or isinstance(result, Busy)
            self._release(pending, entry, billed=result.billed if isinstance(result, Failed) else not known)

    def _abandon_flights(self) -> None:
        """Gives up what is still under way: it may be billed, and is asked for again by the next command."""
        for task, (pending, entry, _) in self.in_flight.items():
            answered = task.done() and not task.cancelled()
            task.cancel()
            with contextlib.suppress(Exception):
                if answered:
                    self._keep_if_answered(task, pending, entry)
                else:
                    self._release(pending, entry, billed=True)
        self.in_flight.clear()
