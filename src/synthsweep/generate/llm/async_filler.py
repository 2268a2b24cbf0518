"""Sends the missing requests, as many at once as the server accepts, each paid for once, within a budget."""

import asyncio
import contextlib
import logging
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from synthsweep.errors import CompletionError, ReplyStoreError
from synthsweep.generate.completer import TOO_LONG, Completion
from synthsweep.generate.llm.claims import Claims, is_refused
from synthsweep.generate.llm.filler import Filler
from synthsweep.generate.llm.first_replies import FirstReplies
from synthsweep.generate.llm.flights import Flights, Landed, Task, UnderWay
from synthsweep.generate.llm.keeper import Keeper
from synthsweep.generate.llm.openai_client import Answered, Busy, Failed, TooLong
from synthsweep.generate.llm.patience import Patience
from synthsweep.generate.llm.reply_check import ReplyCheck
from synthsweep.generate.llm.request_queue import Pending, RequestQueue
from synthsweep.generate.llm.retries import Retries
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
# Of the requests under way, so many are claimed beside them.
AHEAD = 0.25
# A wait that is longer is shown, and counted down in steps of this.
SHOWN_S = 1.0


@dataclass
class AsyncFiller(Filler):
    """Runs one job; `most_requests` ends it early, for a preview."""

    most_requests: int | None = None

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
                    await self.flights.finish(self.patience.allowed)
            self._end(failed)

    def _end(self, failed: BaseException | None) -> None:
        """Gives up what is under way, and raises what went wrong, with the file of the replies that could not be stored."""
        self.flights.abandon()
        self.claims.give_back()
        self.check.count_rest()
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
        self.claims = Claims(self.keeper, self.beginning)
        self.queue = RequestQueue()
        self.retries = Retries(self.client.llm, self.settings, self.missing, self.queue, self.throttle)
        self.flights = Flights(self.keeper, self.missing, self.price.free)
        # Before the first answer, nobody knows what the server counts, states and bills: one request is sent alone.
        self._known, self._ending, self._task = False, False, asyncio.current_task()
        self.queue.add(self.missing.begin())
        self.report()

    async def _fill(self) -> None:
        while self.flights or self.check.waiting or ((self.queue or self.claims.ready) and not self.stats.stopped):
            await self._send()
            await self._receive()
            self.keeper.check()

    def _on_stop(self) -> None:
        if (self._ending or self.stats.stopped == "interrupt") and self._task is not None:
            self._task.cancel()
        elif self.flights:
            log.warning("stopping: %d requests are under way, and their answers are stored first", len(self.flights))
        self.stats.stopped = "interrupt"

    async def _send(self) -> None:
        """Sends what may be sent now, and claims what comes next; what is claimed and held for it is on the disk before."""
        self.queue.wake()
        if self.most_requests is not None and self.queue.ready and self.stats.sent >= self.most_requests:
            self.stats.stopped = "preview"
        if self.stats.stopped or self.throttle.wait_s() > 0:
            # A claim does not last for ever, and others may have it meanwhile.
            self.queue.put_back(self.claims.give_back())
        self._launch()
        chosen = self._chosen()
        if not chosen:
            return
        lease = min(LONGEST_LEASE_S, self.patience.allowed * (len(self.flights) + len(chosen)) + LEASE_S)
        begun = await self.claims.take(chosen, lease)
        refused = [pending for (pending, _), one in zip(chosen, begun, strict=False) if is_refused(one)]
        for (pending, _), one in zip(chosen, begun, strict=False):
            if one.taken:
                self.queue.postpone(pending, OTHERS_S)
        self.queue.put_back([*refused, *(pending for pending, _ in chosen[len(begun) :])])
        self._launch()
        if refused and not self.flights and not self.claims.ready:
            self.stats.stopped = "budget"

    def _launch(self) -> None:
        """Sends what is claimed, as far as there is room."""
        while self.claims.ready and self._room > 0 and not self.stats.stopped and not self._ending:
            self.flights.launch(self.claims.ready.popleft(), self._fly)
            self.stats.sent += 1

    def _chosen(self) -> list[tuple[Pending, ReplyKey]]:
        """The next requests that may be claimed, without those that another process has got answered."""
        chosen: list[tuple[Pending, ReplyKey]] = []
        wanted = self._room + self._ahead - len(self.claims.ready)
        if self.claims.ready and 2 * wanted < self._ahead:
            # Several at a time: each write takes its time.
            return []
        while self.queue.ready and not self.stats.stopped and len(chosen) < wanted:
            pending = self.queue.ready.popleft()
            found = self.replies.look(pending.request)
            if isinstance(found, StoredReply):
                self.queue.add(self.missing.on_reply(pending.request, found.completion))
            else:
                chosen.append((pending, found))
        return chosen

    @property
    def _ahead(self) -> int:
        """How many requests are claimed before there is room for them, so that they go out the moment there is."""
        calm = self._known and self.first.gave and self.most_requests is None and not self.throttle.refusals
        return int(self.throttle.limit * AHEAD) if calm else 0

    @property
    def _room(self) -> int:
        flying = len(self.flights)
        if not self._known:
            return 0 if flying else min(1, self.throttle.capacity(0))
        # A preview shows useless replies, too.
        further = self.first.room(flying) if self.most_requests is None else self.most_requests - self.stats.sent
        capacity = self.throttle.capacity(self.flights.at_server)
        return capacity if further is None else min(capacity, further)

    async def _fly(self, sent: UnderWay) -> Landed:
        result = await self.client.ask(sent.pending.request)
        # Where none was answered, the fault may be the server's, and nothing is kept.
        if isinstance(result, TooLong) and (self._known or self.missing.usable):
            result = self.retries.stand_in(result)
        if not isinstance(result, Answered):
            return Landed(result)
        # On its way to the disk before anybody reads it.
        landed = Landed(result, self._store(result, sent))
        self.throttle.succeeded(result.headers)
        self.flights.landed += 1
        # Its place goes to the next one at once: many may land together, and each takes a while to be handled.
        self._launch()
        return landed

    def _store(self, answer: Answered, sent: UnderWay) -> Completion:
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
        if not self.flights and not self.check.waiting:
            await self._rest()
            return
        arrived = await self._arrived()
        for task in arrived:
            self._handle(*self.flights.take(task))
        await self._end_late_flights()
        self._show_wait()
        self._read(arrived=bool(arrived))
        self.report()

    def _read(self, *, arrived: bool) -> None:
        """Reads one reply; where some have just arrived, their successors are sent first, unless many replies wait."""
        left = self.settings.concurrency if arrived else max(0, self.check.waiting - 1)
        while self.check.waiting > left:
            self.queue.add(self.check.read_next())

    async def _arrived(self) -> set[Task]:
        """The flights that have ended; waits for one unless there is something to read meanwhile."""
        if not self.flights:
            return set()
        wait_s = 0.0 if self.check.waiting else self._until_next()
        return (await asyncio.wait(self.flights.under_way, timeout=wait_s, return_when=asyncio.FIRST_COMPLETED))[0]

    def _until_next(self) -> float:
        """Seconds until something is to be done even if nothing arrives: a request is late, or a pause ends."""
        late = min(self.patience.left_s(sent.flight) for sent in self.flights.under_way.values())
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

    async def _end_late_flights(self) -> None:
        """Gives up the requests that are late, one by one: what was learnt from one may give the next one more time."""
        for task, sent in list(self.flights.under_way.items()):
            allowed = self.patience.allowed
            if task.done() or self.patience.left_s(sent.flight) > 0:
                continue
            task.cancel()
            await asyncio.wait({task})
            if not task.cancelled():
                # It came after all.
                self._handle(*self.flights.take(task))
                continue
            del self.flights.under_way[task]
            self.patience.timed_out(sent.flight)
            if self.patience.dead:
                self.flights.release(sent, billed=True)
                raise CompletionError(
                    f"{self.client.llm.choice}: no answer to anything within {allowed:.3g} s; a larger generate.timeout_s "
                    "waits longer, the same command goes on"
                )
            self._handle(Landed(Failed(f"no answer within {allowed:.3g} s", billed=True)), sent)

    def _handle(self, landed: Landed, sent: UnderWay) -> None:
        result = landed.result
        match result:
            case Answered():
                self.patience.answered(sent.flight, (other.flight for other in self.flights.under_way.values()))
                self.retries.answered()
                self._known = self._known or result.completion.finish != TOO_LONG
                self.queue.add(self.check.take(result, landed.done or result.completion, sent.pending.request))
            case Busy():
                self.throttle.refused(sent.flight.sent_at, asked_wait(result.headers, result.body), busy_reason(result))
                self.patience.seen()
                self.flights.release(sent, billed=False)
                self.queue.put_back([sent.pending])
            case Failed():
                if is_timeout(result):
                    self.throttle.timed_out(sent.flight.sent_at)
                self.flights.release(sent, billed=result.billed)
                self.stats.failed += self.retries.failed(result, sent.pending, sent.flight.sent_at)
            case TooLong():
                self.patience.seen()
                self.flights.release(sent, billed=False)
                self.retries.too_long(result, sent.pending, alone=self.most_requests is not None)
