"""Fills a pool through a provider's Batch API: hours of patience for half the price, and a restart goes on."""

import asyncio
import json
import logging
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from synthsweep.errors import CompletionError
from synthsweep.generate.completer import Completion, CompletionRequest
from synthsweep.generate.llm.openai_client import read_body
from synthsweep.generate.llm.pool_request import PoolRequest
from synthsweep.generate.replies.store import Asked, OpenBatch
from synthsweep.messages import first_line
from synthsweep.storage.process import ProcessMark

log = logging.getLogger(__name__)

# OpenAI takes so many requests in a batch.
MOST_REQUESTS = 50_000
# A batch is done after a day at the latest; its claims outlive it a little.
LEASE_S = 26 * 3600.0
OVER = frozenset({"completed", "failed", "expired", "cancelled"})
NAME = "synthsweep"


@dataclass
class BatchFiller(PoolRequest):
    """One job; batches that an earlier process submitted are waited for first."""

    async def run(self) -> None:
        """Until the pool is full, or the budget used up.

        Raises:
            CompletionError: the provider refuses a batch; what others answered is stored.
        """
        await self._adopt()
        while not self.filled.stopped:
            # Read again: what a batch answered, and what another process did meanwhile, is there.
            requests = list(self.wanted.begin())
            if not requests or not await self._submit(requests[:MOST_REQUESTS]):
                return

    async def _adopt(self) -> None:
        """Goes on with the batches of processes that are gone."""
        for batch in self.store.open_batches(self.endpoint.llm.base_url or ""):
            number = batch.batch or await self._find(batch.token)
            if number is None:
                # The process died before the provider knew of it.
                self.store.close_batch(batch.token)
                self._release(batch.asked)
                continue
            self.store.name_batch(batch.token, number)
            log.warning("going on with batch %s of %d requests, submitted before", number, len(batch.asked))
            await self._collect(replace(batch, batch=number))

    async def _find(self, token: str) -> str | None:
        with self._wrapped():
            async for batch in self.endpoint.client.batches.list(limit=100):
                if (batch.metadata or {}).get(NAME) == token:
                    return str(batch.id)
        return None

    async def _submit(self, requests: Sequence[CompletionRequest]) -> bool:
        token = uuid.uuid4().hex
        asked = list(self._held(requests, token))
        if not asked:
            return False
        # Written down before it is sent: a kill in between loses neither money nor track.
        batch = OpenBatch(token, self.endpoint.llm.base_url or "", None, asked)
        self.store.open_batch(batch)
        by_key = {self.address.key(request): request for request in requests}
        lines = [json.dumps(self._line(number, by_key[one.key])) for number, one in enumerate(asked)]
        try:
            with self._wrapped():
                body = ("batch.jsonl", "\n".join(lines).encode())
                file = await self.endpoint.client.files.create(file=body, purpose="batch")
                made = await self.endpoint.client.batches.create(
                    input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h", metadata={NAME: token}
                )
        except CompletionError:
            self.store.close_batch(token)
            self._release(asked)
            raise
        self.store.name_batch(token, made.id)
        log.warning("batch %s of %d requests submitted: the same command goes on with it after a restart", made.id, len(asked))
        self.filled.sent += len(asked)
        await self._collect(replace(batch, batch=made.id))
        return True

    def _held(self, requests: Sequence[CompletionRequest], token: str) -> Iterator[Asked]:
        # No process holds these claims: the batch does.
        mark = ProcessMark("batch", token, "0")
        for request in requests:
            key = self.address.key(request)
            most = self.price.most(request, self.endpoint.llm)
            begun = self.store.begin(key, LEASE_S, self.budget.name, most, self.budget.limit, mark=mark)
            if begun.entry is not None:
                yield Asked(key, request.criterion, begun.entry)
            elif not begun.taken:
                self.filled.stopped = "budget"
                return

    def _line(self, number: int, request: CompletionRequest) -> dict[str, Any]:
        body = self.endpoint.parameters(request)
        return {"custom_id": str(number), "method": "POST", "url": "/v1/chat/completions", "body": body}

    async def _collect(self, batch: OpenBatch) -> None:
        """Waits for a batch, and stores what it answered."""
        found = await self._ended(str(batch.batch))
        answered: set[int] = set()
        for name in (found.output_file_id, found.error_file_id):
            if name:
                with self._wrapped():
                    content = await self.endpoint.client.files.content(name)
                for line in content.text.splitlines():
                    answered |= self._took(line, batch)
        self.store.close_batch(batch.token)
        self._release([one for number, one in enumerate(batch.asked) if number not in answered])
        self.report()
        if not answered:
            reasons = [error.message for error in (found.errors.data if found.errors else None) or []]
            raise CompletionError(
                f"batch {batch.batch} ended as {found.status} without an answer: {'; '.join(map(str, reasons[:3]))}"
            )

    async def _ended(self, number: str) -> Any:
        while True:
            with self._wrapped():
                found = await self.endpoint.client.batches.retrieve(number)
            counts = found.request_counts
            self.filled.batch = f"batch {number} {found.status}" + (f" {counts.completed}/{counts.total}" if counts else "")
            self.report()
            if found.status in OVER:
                return found
            await asyncio.sleep(self.settings.batch_poll_s)

    def _took(self, line: str, batch: OpenBatch) -> set[int]:
        """Stores one line of a result; returns its number if it held an answer."""
        try:
            row = json.loads(line)
            number, response = int(row["custom_id"]), row.get("response") or {}
            one = batch.asked[number]
        except (ValueError, LookupError, TypeError, AttributeError):
            log.warning("a line of batch %s is no result", batch.batch)
            return set()
        completion = read_body(json.dumps(response.get("body")), str(self.endpoint.llm.model))
        if response.get("status_code") != 200 or not isinstance(completion, Completion):
            self.filled.failed += 1
            return set()
        request = self.wanted.prompt_plan.request(one.label, one.key.sample)
        if self.address.key(request) != one.key:
            # The prompt was changed in the meantime; paid for is paid for.
            request = replace(request, messages=(), question=(), sources=())
        done = self.priced(request, completion)
        reply = replace(self.address.stored(request, done, None, datetime.now(UTC).isoformat(timespec="seconds")), key=one.key)
        self.store.keep(reply, one.entry)
        self.filled.count(done)
        return {number}

    def _release(self, asked: Sequence[Asked]) -> None:
        for one in asked:
            self.store.settle(one.entry, 0.0)
            self.store.release(one.key, force=True)

    @contextmanager
    def _wrapped(self) -> Iterator[None]:
        import openai

        try:
            yield
        except openai.OpenAIError as error:
            raise CompletionError(
                f"llm={self.endpoint.llm.name}, Batch API: {self.endpoint.clean(first_line(error))[:200]}"
            ) from error
