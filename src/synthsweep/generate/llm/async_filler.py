"""Sends the missing requests, as many at once as the server accepts, each paid for once, within a budget."""

import asyncio
import contextlib
import logging
import random
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from synthsweep.errors import CompletionError, ReplyStoreError
from synthsweep.generate.completer import Completion
from synthsweep.generate.llm.claims import Claims, is_refused
from synthsweep.generate.llm.filler import Filler
from synthsweep.generate.llm.first_replies import FirstReplies
from synthsweep.generate.llm.keeper import Keeper
from synthsweep.generate.llm.openai_client import Answered, Busy, Failed, Result
from synthsweep.generate.llm.patience import Flight, Patience
from synthsweep.generate.llm.reply_check import ReplyCheck
from synthsweep.generate.llm.request_queue import Pending, RequestQueue
from synthsweep.generate.llm.throttle import Throttle
from synthsweep.generate.llm.wait_lines import busy_reason, is_timeout, too_long, waiting_line
from synthsweep.generate.llm.waits import asked_wait
from synthsweep.generate.replies.store import ReplyKey, StoredReply, open_reply_store
from synthsweep.generate.replies.writer import ReplyWriter

log = logging.getLogger(__name__)

# Seconds until another look at a request that another process is sending.
OTHERS_S = 0.3
# Seconds for which a request is claimed beyond what its server is waited for, and at most.
LEASE_S, LONGEST_LEASE_S = 30.0, 3600.0
LONGEST_BACKOFF_S = 30.0
# A wait that is longer is shown, and counted down in steps of this.
SHOWN_S = 1.0


@dataclass(frozen=True)
class _UnderWay:
    """A request that was sent: where its reply will stand, and what is held for it."""

    pending: Pending
    key: ReplyKey
    entry: int
    flight: Flight


@dataclass(frozen=True)
class _Landed:
    """What came of it; `done` is the reply with its price, if there is one."""

    result: Result
    done: Completion | None = None


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
            CompletionError: the server answers nothing more, or nothing that can be used; its earlier answers are stored.
            ReplyStoreError: a reply cannot be stored; the message names a file with it and all other unstored replies.
        """
        self._begin()
        failed: BaseException | None = None
        with self.stopped_by(self._on_stop):
            try:
                await self._fill()
            except asyncio.CancelledError as error:
                failed = error
            except BaseException as error:
                failed, self._ending = error, True
                with contextlib.suppress(asyncio.CancelledError):
                    await self._finish_flights()
            self._end(failed)

    def _end(self, failed: BaseException | None) -> None:
        """Gives up what is under way, and raises what went wrong, with the file of the replies that could not be stored."""
        self._abandon_flights()
        rescued = self.keeper.close()
        if failed is None or isinstance(failed, ReplyStoreError):
            try:
                self.keeper.check()
            except ReplyStoreError as error:
                failed = failed or error
        if rescued and isinstance(failed, ReplyStoreError):
            raise ReplyStoreError(f"{failed}; {rescued}") from failed
        if rescued:
            log.warning(rescued)
        if failed is not None:
            raise failed
        if not self.stats.stopped:
            self.check.end()

    def _begin(self) -> None:
        self.throttle = Throttle(float(self.settings.concurrency))
        self.patience = Patience(self.settings.timeout_s)
        self.first = FirstReplies(self.client.llm, self.address.public)
        self.check = ReplyCheck(self.missing, self.client.llm, self.price, self.most_requests is not None, self.first)
        self.keeper = Keeper(ReplyWriter(lambda: open_reply_store(self.store.path.parent)))
        self.claims = Claims(self.keeper, self.beginning, lambda: bool(self.stats.stopped))
        self.queue, self.flights = RequestQueue(), 0
        self.in_flight: dict[asyncio.Task[_Landed], _UnderWay] = {}
        # Before the first answer, nobody knows what the server counts, states and bills: one request is sent alone.
        self._known, self._ending, self._task = False, False, asyncio.current_task()
        self.queue.add(self.missing.begin())
        self.report()

    async def _fill(self) -> None:
        while self.in_flight or (self.queue and not self.stats.stopped):
            await self._send()
            await self._receive()
            self.keeper.check()

    def _on_stop(self) -> None:
        if (self._ending or self.stats.stopped == "interrupt") and self._task is not None:
            self._task.cancel()
        elif self.in_flight:
            log.warning("stopping: %d requests are under way, and their answers are stored first", len(self.in_flight))
        self.stats.stopped = "interrupt"

    async def _send(self) -> None:
        """Sends what may be sent now; what is claimed and held for it is on the disk before."""
        self.queue.wake()
        if self.most_requests is not None and self.queue.ready and self.stats.sent >= self.most_requests:
            self.stats.stopped = "preview"
        chosen = self._chosen()
        if not chosen:
            return
        lease = min(LONGEST_LEASE_S, self.patience.allowed * (len(self.in_flight) + len(chosen)) + LEASE_S)
        begun = await self.claims.take([(pending.request, key) for pending, key in chosen], lease)
        refused = [pending for (pending, _), one in zip(chosen, begun, strict=False) if is_refused(one)]
        for (pending, key), one in zip(chosen, begun, strict=False):
            if one.entry is not None:
                self._launch(pending, key, one.entry)
            elif one.taken:
                self.queue.postpone(pending, OTHERS_S)
        self.queue.put_back([*refused, *(pending for pending, _ in chosen[len(begun) :])])
        if refused and not self.in_flight:
            self.stats.stopped = "budget"

    def _chosen(self) -> list[tuple[Pending, ReplyKey]]:
        """The next requests, as many as there is room for, without those that another process has got answered."""
        chosen: list[tuple[Pending, ReplyKey]] = []
        while self.queue.ready and not self.stats.stopped and len(chosen) < self._room:
            pending = self.queue.ready.popleft()
            found = self.replies.look(pending.request)
            if isinstance(found, StoredReply):
                self.queue.add(self.missing.on_reply(pending.request, found.completion))
            else:
                chosen.append((pending, found))
        return chosen

    @property
    def _room(self) -> int:
        flying = len(self.in_flight)
        if not self._known:
            return 0 if flying else min(1, self.throttle.capacity(0))
        # A preview shows useless replies, too.
        further = self.first.room(flying) if self.most_requests is None else self.most_requests - self.stats.sent
        capacity = self.throttle.capacity(flying)
        return capacity if further is None else min(capacity, further)

    def _launch(self, pending: Pending, key: ReplyKey, entry: int) -> None:
        flight = Flight(time.monotonic(), len(self.in_flight), self.flights)
        sent = _UnderWay(pending, key, entry, flight)
        self.in_flight[asyncio.create_task(self._fly(sent))] = sent
        self.flights += 1
        self.stats.sent += 1

    async def _fly(self, sent: _UnderWay) -> _Landed:
        result = await self.client.ask(sent.pending.request)
        # On its way to the disk before anybody reads it.
        return _Landed(result, self._store(result, sent) if isinstance(result, Answered) else None)

    def _store(self, answer: Answered, sent: _UnderWay) -> Completion:
        request, answered_at = sent.pending.request, datetime.now(UTC).isoformat(timespec="milliseconds")
        reply = replace(self.address.stored(request, answer.completion, answer.latency_s, answered_at), key=sent.key)
        # It is paid for: whatever goes wrong from here on, it is kept in some file.
        self.keeper.note(reply, sent.entry)
        done = self.priced(request, answer)
        self.keeper.keep(replace(reply, completion=done), sent.entry, self.surprise(request, answer))
        self.stats.count(done)
        if self.most_requests is not None:
            self.stats.answers.append((request, done))
        return done

    async def _receive(self) -> None:
        if not self.in_flight:
            await self._rest()
            return
        done, _ = await asyncio.wait(self.in_flight, timeout=self._until_next(), return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            await self._land(task)
            # What arrives meanwhile is stored before the next reply is read.
            await asyncio.sleep(0)
        await self._end_late_flights()
        self._show_wait()
        if done:
            self.report()

    def _until_next(self) -> float:
        """Seconds until something is to be done even if nothing arrives: a request is late, or a pause ends."""
        late = min(self.patience.left_s(sent.flight) for sent in self.in_flight.values())
        others = OTHERS_S if self.queue else late
        return max(0.0, min(late, others))

    async def _rest(self) -> None:
        """Waits until something may be sent; nothing is under way."""
        if not self.queue or self.stats.stopped:
            return
        pause = max(self.throttle.wait_s(), self.queue.wait_s())
        self._show_wait()
        await asyncio.sleep(min(max(pause, 0.005), SHOWN_S))
        if self.throttle.wait_s() <= 0:
            self.stats.waiting = ""

    def _show_wait(self) -> None:
        """Counts a wait down on the screen, and ends the job if it is too long."""
        wait, most = self.throttle.wait_s(), self.settings.max_wait_s
        busy = time.monotonic() - self.throttle.refused_since if self.throttle.refusals else 0.0
        asked = wait if self.throttle.asked else 0.0
        if self.queue and max(asked, busy) > most:
            raise CompletionError(too_long(self.client.llm, self.missing, asked, self.throttle.reason, most))
        before, self.stats.waiting = self.stats.waiting, waiting_line(wait, self.throttle.reason) if wait > SHOWN_S else ""
        if self.stats.waiting != before:
            self.report()

    async def _land(self, task: "asyncio.Task[_Landed]") -> None:
        sent = self.in_flight.pop(task)
        try:
            landed = task.result()
        except BaseException as error:
            # A server that refuses a request has done no work for it; of a bug nobody knows.
            self._release(sent, billed=not isinstance(error, CompletionError))
            raise
        self._handle(landed, sent)

    async def _end_late_flights(self) -> None:
        """Gives up the requests that are late, one by one: what was learnt from one may give the next one more time."""
        for task, sent in list(self.in_flight.items()):
            allowed = self.patience.allowed
            if task.done() or self.patience.left_s(sent.flight) > 0:
                continue
            task.cancel()
            await asyncio.wait({task})
            if not task.cancelled():
                # It came after all.
                await self._land(task)
                continue
            del self.in_flight[task]
            self.patience.timed_out(sent.flight)
            if self.patience.dead:
                self._release(sent, billed=True)
                raise CompletionError(
                    f"{self.client.llm.choice}: no answer to anything within {allowed:.3g} s; a larger generate.timeout_s "
                    "waits longer, the same command goes on"
                )
            self._handle(_Landed(Failed(f"no answer within {allowed:.3g} s", billed=True)), sent)

    def _handle(self, landed: _Landed, sent: _UnderWay) -> None:
        result = landed.result
        match result:
            case Answered():
                self.throttle.succeeded(result.headers)
                self.patience.answered(sent.flight, (other.flight for other in self.in_flight.values()))
                self.failures, self._known = 0, True
                self.queue.add(self.check.read(result, landed.done or result.completion, sent.pending.request))
            case Busy():
                self.throttle.refused(sent.flight.sent_at, asked_wait(result.headers, result.body), busy_reason(result))
                self.patience.seen()
                self._release(sent, billed=False)
                self.queue.put_back([sent.pending])
            case Failed():
                if is_timeout(result):
                    self.throttle.timed_out(sent.flight.sent_at)
                self._release(sent, billed=result.billed)
                self._retry(result, sent.pending)

    def _retry(self, failure: Failed, pending: Pending) -> None:
        pending.attempts += 1
        if pending.attempts < self.settings.max_attempts and self.failures < self.settings.max_failures:
            seconds = min(LONGEST_BACKOFF_S, 0.5 * 2 ** (pending.attempts - 1))
            self.queue.postpone(pending, seconds * random.uniform(0.75, 1.25))
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

    def _release(self, sent: _UnderWay, *, billed: bool) -> None:
        self.keeper.release(sent.key, sent.entry, None if billed and not self.price.free else 0.0)

    async def _finish_flights(self) -> None:
        """Waits for what was sent and keeps the answers, after an error, which is the one that is raised."""
        while self.in_flight:
            done, _ = await asyncio.wait(
                self.in_flight, timeout=self.patience.allowed, return_when=asyncio.FIRST_COMPLETED
            )  # fmt: skip
            if not done:
                return
            for task in done:
                self._settle(task, self.in_flight.pop(task))

    def _settle(self, task: "asyncio.Task[_Landed]", sent: _UnderWay) -> None:
        error = task.exception()
        landed = None if error else task.result()
        if landed is not None and landed.done is not None:
            with contextlib.suppress(Exception):
                self.missing.on_reply(sent.pending.request, landed.done)
            return
        result = landed.result if landed else None
        known = isinstance(error, CompletionError) or isinstance(result, Busy)
        self._release(sent, billed=result.billed if isinstance(result, Failed) else not known)

    def _abandon_flights(self) -> None:
        """Gives up what is still under way: it may be billed, and is asked for again by the next command."""
        for task, sent in self.in_flight.items():
            if task.done() and not task.cancelled():
                self._settle(task, sent)
            else:
                task.cancel()
                self._release(sent, billed=True)
        self.in_flight.clear()
