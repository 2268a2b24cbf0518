"""Asks for missing texts through a provider's Batch API: within a day, for half the price; a restart continues."""

import asyncio
import json
import logging
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from synthsweep.errors import CompletionError
from synthsweep.generate.completer import CompletionRequest
from synthsweep.generate.llm.dialects.dialect import Dialect
from synthsweep.generate.llm.dialects.refusal import ServerRefusal, refusal_of, refusal_within
from synthsweep.generate.llm.filler import Filler
from synthsweep.generate.llm.openai_client import Answered, Failed, read_body
from synthsweep.generate.missing import MissingTexts
from synthsweep.generate.replies.store import Asked, OpenBatch
from synthsweep.messages import first_line
from synthsweep.storage.process import ProcessMark

log = logging.getLogger(__name__)

# OpenAI accepts this many requests per batch.
MOST_REQUESTS = 50_000
# A batch ends within a day; its claims last a little longer.
LEASE_S = 26 * 3600.0
# Words of a provider that a message repeats.
MOST_REASONS = 3
OVER = frozenset({"completed", "failed", "expired", "cancelled"})
# The key of a batch's metadata that holds our token.
TOKEN_KEY = "synthsweep"  # noqa: S105


@dataclass
class _BatchResult:
    """The places of the requests that were answered, and the requests that were refused, with the server's words.

    Those whose prompts are too long are refused for themselves, where others are answered.
    """

    answered: set[int] = field(default_factory=set)
    refused: list[tuple[ServerRefusal, CompletionRequest]] = field(default_factory=list)
    too_long: dict[int, tuple[ServerRefusal, CompletionRequest]] = field(default_factory=dict)


@dataclass
class BatchFiller(Filler):
    """Runs one job; first waits for batches that an earlier process submitted."""

    missing: MissingTexts

    async def run(self) -> None:
        """Runs until the pool is full, the budget is used up, or it is asked to stop: a batch is then left to the provider.

        Raises:
            CompletionError: the provider refuses a batch; the answers of other batches are stored.
        """
        self._asked_to_stop, self._task = asyncio.Event(), asyncio.current_task()
        with self.stopped_by(self._on_stop):
            await self._adopt()
            while not self.stats.stopped:
                # Counted again, since a batch, and perhaps another process, has added answers.
                requests = list(self.missing.begin())
                if not requests or not await self._submit(requests[:MOST_REQUESTS]):
                    return

    def _on_stop(self) -> None:
        if self.stats.stopped == "interrupt" and self._task is not None:
            self._task.cancel()
        self.stats.stopped = "interrupt"
        self._asked_to_stop.set()

    async def _adopt(self) -> None:
        """Continues with the batches of processes that are gone."""
        for batch in self.store.open_batches(self.client.llm.base_url or ""):
            if self.stats.stopped or (batch.batch is None and self._is_being_submitted(batch)):
                continue
            number = batch.batch or await self._number_of(batch.token)
            if number is None:
                # The process died before the provider got the batch.
                self.store.close_batch(batch.token)
                self._release(batch.asked)
                continue
            self.store.name_batch(batch.token, number)
            log.warning("going on with batch %s of %d requests, submitted before", number, len(batch.asked))
            await self._collect(replace(batch, batch=number))

    def _is_being_submitted(self, batch: OpenBatch) -> bool:
        # Earlier versions did not write down whose a batch is.
        lives = not (batch.mark.gone or batch.mark.of_earlier_boot)
        return batch.mark != self.store.mark and bool(batch.mark.host) and lives

    async def _number_of(self, token: str) -> str | None:
        with self._wrapped():
            async for batch in self.client.sdk.batches.list(limit=100):
                if (batch.metadata or {}).get(TOKEN_KEY) == token:
                    return str(batch.id)
        return None

    async def _submit(self, requests: Sequence[CompletionRequest]) -> bool:
        token = uuid.uuid4().hex
        with self.store.group():
            asked = list(self._reserved(requests, token))
        if not asked:
            return False
        # Stored before it is sent, so that a kill in between loses neither money nor the batch.
        batch = OpenBatch(token, self.client.llm.base_url or "", None, asked)
        self.store.open_batch(batch)
        by_key = {self.replies.key(request): request for request in requests}
        try:
            number = await self._upload([by_key[item.key] for item in asked], token)
        except CompletionError as error:
            # An answer that was lost on its way says nothing: the provider may have the batch.
            number_there = None if _is_refusal(error.__cause__) else await self._number_of(token)
            if number_there is None:
                self.store.close_batch(token)
                self._release(asked)
                raise
            number = number_there
        self.store.name_batch(token, number)
        log.warning("batch %s of %d requests submitted: the same command goes on with it after a restart", number, len(asked))
        self.stats.sent += len(asked)
        await self._collect(replace(batch, batch=number))
        return True

    def _reserved(self, requests: Sequence[CompletionRequest], token: str) -> Iterator[Asked]:
        # These claims belong to the batch, not to a process.
        mark = ProcessMark("batch", token, "0")
        for request in requests:
            begun = self.reserve(request, LEASE_S, mark)
            if begun.entry is not None:
                yield Asked(self.replies.key(request), request.criterion, begun.entry)
            elif not begun.taken:
                self.stats.stopped = "budget"
                return

    async def _upload(self, requests: Sequence[CompletionRequest], token: str) -> str:
        """Sends a batch; returns its number."""
        lines = "\n".join(json.dumps(self._line(place, request)) for place, request in enumerate(requests))
        with self._wrapped():
            file = await self.client.sdk.files.create(file=("batch.jsonl", lines.encode()), purpose="batch")
            made = await self.client.sdk.batches.create(
                input_file_id=file.id,
                endpoint=self.client.path,
                completion_window="24h",
                metadata={TOKEN_KEY: token},
            )
        return str(made.id)

    def _line(self, place: int, request: CompletionRequest) -> dict[str, Any]:
        body = self.client.parameters(request)
        return {"custom_id": str(place), "method": "POST", "url": self.client.path, "body": body}

    async def _collect(self, batch: OpenBatch) -> None:
        """Waits for a batch, and stores its answers; what it refuses goes out again in a simpler dialect, if there is one."""
        # Of a batch that an earlier process submitted, this is what is known.
        spoken = self.client.dialect
        ended = await self._ended(str(batch.batch))
        if ended is None:
            return
        result = _BatchResult()
        for name in (ended.output_file_id, ended.error_file_id):
            if name:
                with self._wrapped():
                    content = await self.client.sdk.files.content(name)
                for line in content.text.splitlines():
                    self._keep(line, batch, result, spoken)
        self._leave_out(result, batch)
        self.store.close_batch(batch.token)
        self._release([item for place, item in enumerate(batch.asked) if place not in result.answered])
        # A batch whose requests are not accepted may end without a line for each.
        refused = [*result.refused, *self._refused_whole(ended, batch)]
        # All of them, since what another one has found out counts for each.
        simpler = [self.client.step_down(refusal, spoken, request) for refusal, request in refused]
        self.stats.failed += simpler[: len(result.refused)].count(False)
        self.report()
        if not result.answered and not any(simpler):
            raise CompletionError(f"batch {batch.batch} ended as {ended.status} without an answer{self._reasons(refused)}")

    def _leave_out(self, result: _BatchResult, batch: OpenBatch) -> None:
        """Keeps that prompts are too long; where none was answered, the fault may be a setting, and nothing is kept."""
        if not (result.answered or self.missing.usable):
            result.refused += result.too_long.values()
            return
        for place, (_, request) in result.too_long.items():
            self._store(self.client.too_long(), request, batch.asked[place])
            result.answered.add(place)
        if result.too_long:
            said = self._reasons([*result.too_long.values()])
            log.warning(
                "batch %s: %d prompts are longer than the LLM takes%s: left out", batch.batch, len(result.too_long), said
            )

    def _refused_whole(self, ended: Any, batch: OpenBatch) -> list[tuple[ServerRefusal, CompletionRequest]]:
        messages = [str(error.message) for error in (ended.errors.data if ended.errors else None) or []]
        # A batch fails for much else (its size, the account): only words that name a parameter are taken for a refusal of it.
        refusals = (ServerRefusal(404, message.lower(), message) for message in messages[:MOST_REASONS])
        return [(refusal, self._request(batch.asked[0])) for refusal in refusals]

    def _reasons(self, refused: Sequence[tuple[ServerRefusal, CompletionRequest]]) -> str:
        said = (self.client.said(refusal, private=bool(request.sources)) for refusal, request in refused)
        return "".join(list(dict.fromkeys(said))[:MOST_REASONS])

    def _request(self, item: Asked) -> CompletionRequest:
        return self.missing.prompt_plan.request(item.label, item.key.sample)

    async def _ended(self, number: str) -> Any:
        """The batch once it is over; None if this process is asked to stop before."""
        while not self.stats.stopped:
            with self._wrapped():
                batch = await self.client.sdk.batches.retrieve(number)
            counts = batch.request_counts
            self.stats.batch = f"batch {number} {batch.status}" + (f" {counts.completed}/{counts.total}" if counts else "")
            self.report()
            if batch.status in OVER:
                return batch
            with suppress(TimeoutError):
                await asyncio.wait_for(self._asked_to_stop.wait(), self.settings.batch_poll_s)
        return None

    def _keep(self, line: str, batch: OpenBatch, result: _BatchResult, spoken: Dialect) -> None:
        """Stores one line of a result, if it holds an answer, or adds it to what was refused."""
        try:
            row = json.loads(line)
            place, response = int(row["custom_id"]), row.get("response") or {}
            item, status, body = batch.asked[place], response.get("status_code"), json.dumps(response.get("body"))
        except (ValueError, LookupError, TypeError, AttributeError):
            log.warning("a line of batch %s is not a result", batch.batch)
            return
        request = self._request(item)
        answer = self._answer(status, body)
        if isinstance(answer, Answered):
            self._store(answer, request, item)
            result.answered.add(place)
            self.client.note(answer, spoken)
        elif isinstance(answer, ServerRefusal) and answer.of_length:
            result.too_long[place] = answer, request
        elif isinstance(answer, ServerRefusal):
            result.refused.append((answer, request))
        else:
            self.stats.failed += 1

    def _answer(self, status: Any, body: str) -> Answered | Failed | ServerRefusal:
        if status == 200:
            return refusal_within(json.loads(body), {}, body) or read_body(body, self.client.llm)
        if not isinstance(status, int):
            return Failed("no status", billed=False)
        refusal = refusal_of(status, body, {})
        return self.client.filtered(refusal) if refusal.of_filter else refusal

    def _store(self, answer: Answered, request: CompletionRequest, item: Asked) -> None:
        done = self.priced(request, answer)
        surprise = self.surprise(request, answer)
        if request.digest != item.key.request:
            # The prompt has changed since, but the answer was paid for.
            request = replace(request, messages=(), question=(), sources=())
        answered_at = datetime.now(UTC).isoformat(timespec="seconds")
        self.store.keep(replace(self.address.stored(request, done, None, answered_at), key=item.key), item.entry, surprise)
        self.stats.count(done)

    def _release(self, asked: Sequence[Asked]) -> None:
        for item in asked:
            self.store.settle(item.entry, 0.0)
            self.store.release(item.key, force=True)

    @contextmanager
    def _wrapped(self) -> Iterator[None]:
        import openai

        try:
            yield
        except openai.OpenAIError as error:
            message = self.client.clean(first_line(error))[:200]
            raise CompletionError(f"{self.client.llm.choice}, Batch API: {message}") from error


def _is_refusal(error: BaseException | None) -> bool:
    """Whether the provider has certainly not accepted what was sent."""
    import openai

    return isinstance(error, openai.APIStatusError) and error.status_code < 500 and error.status_code not in {408, 409}
