"""One request to a server that speaks OpenAI's protocol: hosted, Azure, a gateway, vLLM, Ollama, llama.cpp and the like.

It never retries: the outcome is returned as a value, and the filler decides. What a server refuses to understand is no attempt:
the request goes out again in a simpler dialect, which is said and remembered.
"""

import asyncio
import json
import logging
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from synthsweep.config.keys.llm import LlmConfig
from synthsweep.errors import CompletionError
from synthsweep.examples import digest_of
from synthsweep.generate.completer import TOO_LONG, Completion, CompletionRequest, Usage
from synthsweep.generate.llm.dialects.answer import MESSAGE_LENGTH, read_body
from synthsweep.generate.llm.dialects.dialect import Dialect, body_of, dialect_of
from synthsweep.generate.llm.dialects.ladder import next_step
from synthsweep.generate.llm.dialects.memory import DialectMemory
from synthsweep.generate.llm.dialects.outcomes import Answered, Busy, Failed, FailureKind, Result, TooLong
from synthsweep.generate.llm.dialects.refusal import ServerRefusal, refusal_of, refusal_within
from synthsweep.generate.llm.dialects.streamed import joined
from synthsweep.generate.llm.dialects.way_out import NETWORK_LOGIN, way_out
from synthsweep.generate.llm.endpoint import proxy
from synthsweep.generate.llm.endpoint.connection import connect, connect_s
from synthsweep.generate.llm.endpoint.credentials import require_api_key, require_headers, without_secrets
from synthsweep.generate.llm.usage import TokenCounts, read_cost
from synthsweep.messages import first_line

if TYPE_CHECKING:
    import httpx2
    import openai

__all__ = ["Answered", "Busy", "Failed", "FailureKind", "OpenAiClient", "Result", "TooLong", "read_body"]

log = logging.getLogger(__name__)

# The server did not accept the request, and billed nothing; 529 is Anthropic's word for overload.
BUSY = frozenset({429, 503, 529})
# More rungs than the ladder has.
MOST_STEPS = 12


class OpenAiClient:
    """A client of one endpoint, for the lifetime of one event loop; `sdk` is OpenAI's own client.

    `store` names where the replies are kept: what another store asks for is another request, though it reads the same.
    """

    def __init__(self, llm: LlmConfig, *, timeout_s: float, store: str = "", memory: DialectMemory | None = None) -> None:
        self.llm, self.timeout_s, self.store = llm, timeout_s, store
        key, headers = require_api_key(llm), require_headers(llm)
        self._secrets = (key, *headers.values())
        self.memory = memory or DialectMemory(None)
        self.dialect, self._learned = self.memory.recall(llm, dialect_of(llm)), False
        self._names: set[str] = set()
        self._accepted: set[Dialect] = set()
        self.sdk = connect(llm, key, headers, timeout_s)

    @property
    def place(self) -> str:
        """Host and port, for messages."""
        return urlsplit(self.llm.base_url or "").netloc

    @property
    def path(self) -> str:
        """Where a batch sends its requests."""
        return "/v1/responses" if self.dialect.api == "responses" else "/v1/chat/completions"

    async def ask(self, request: CompletionRequest) -> Result:
        """Sends one request and returns its outcome; each refusal of a dialect sends it again in the next one.

        Raises:
            CompletionError: the server will answer no request of this kind: key, model, parameters or quota.
        """
        dialect = self.dialect
        outcome = await self._send(request, dialect)
        for _ in range(MOST_STEPS):
            if not isinstance(outcome, ServerRefusal) or not self.step_down(outcome, dialect, request):
                break
            dialect = self.dialect
            outcome = await self._send(request, dialect)
        if isinstance(outcome, Answered):
            self.note(outcome, dialect)
        # Outside of any handler: a traceback would show what the SDK's error quotes.
        return self._result_of(outcome, private=bool(request.sources)) if isinstance(outcome, ServerRefusal) else outcome

    async def _send(self, request: CompletionRequest, dialect: Dialect) -> Result | ServerRefusal:
        import openai

        began, body = time.monotonic(), self.parameters(request, dialect)
        headers = {"Idempotency-Key": self.idempotency_key(request, body)}
        try:
            # The client's own timeout restarts with each byte, so a very slow reply would never end.
            async with asyncio.timeout(self.timeout_s):
                response = await self._post(body, headers, dialect)
                # Some servers begin with a byte order mark, which JSON does not know.
                text = response.text.removeprefix("\ufeff")
        except openai.APIStatusError as error:
            return refusal_of(error.status_code, error.response.text, dict(error.response.headers))
        except (TimeoutError, openai.APITimeoutError) as error:
            return self._late(error)
        except openai.APIConnectionError as error:
            return self._disconnected(error)
        except openai.OpenAIError as error:
            return Failed(self.clean(first_line(error)), billed=True)
        return self._read(request, text, dict(response.headers), time.monotonic() - began)

    async def _post(self, body: dict[str, Any], headers: Mapping[str, str], dialect: Dialect) -> "httpx2.Response":
        import httpx2

        # The SDK's typed methods walk every message by its annotations, an eighth of a request's CPU time.
        path = "/responses" if dialect.api == "responses" else "/chat/completions"
        response: httpx2.Response = await self.sdk.post(
            path, cast_to=httpx2.Response, body=body, options={"headers": dict(headers)}
        )
        return response

    def _read(self, request: CompletionRequest, text: str, headers: dict[str, str], seconds: float) -> Result | ServerRefusal:
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            value = joined(text)
        refused = refusal_within(value, headers, text)
        if refused is not None:
            return refused
        private = bool(request.sources)
        answer = read_body(text, self.llm, headers, private=private, logprobs=request.logprobs, value=value)
        if isinstance(answer, Failed):
            return replace(answer, reason=self.clean(answer.reason))
        return replace(answer, latency_s=seconds)

    def parameters(self, request: CompletionRequest, dialect: Dialect | None = None) -> dict[str, Any]:
        """The body of a request, as OpenAI's reference names it."""
        return body_of(self.llm, request, dialect or self.dialect)

    def idempotency_key(self, request: CompletionRequest, body: Mapping[str, Any]) -> str:
        """The same for each attempt at a request, and another one for any other request.

        A server that knows this header repeats an answer that was lost on its way, and bills it once.
        """
        return digest_of([self.store, body, request.digest, request.sample])[:48]

    async def close(self) -> None:
        await self.sdk.close()

    def step_down(self, refusal: ServerRefusal, spoken: Dialect, request: CompletionRequest) -> bool:
        """Whether the request may go out again: in a simpler dialect, or in one that another request has found meanwhile."""
        if self.dialect != spoken:
            return True
        system = any(message.role == "system" for message in request.messages)
        if refusal.of_filter or refusal.of_length:
            return False
        step = next_step(spoken, refusal, self.llm, system=system)
        # In a dialect that was answered before, it is this prompt that the server does not take.
        if step is None or (step.guessed and spoken in self._accepted):
            return False
        said = self.said(refusal, private=bool(request.sources))
        log.warning("%s refuses %s%s: %s", self.place, step.refused, said, step.instead)
        self.dialect, self._learned = step.dialect, True
        return True

    def note(self, answer: Answered, spoken: Dialect) -> None:
        """Remembers a dialect that was answered, and says under which name the LLM answered."""
        self._accepted.add(spoken)
        if self._learned:
            self.memory.keep(self.llm, dialect_of(self.llm), self.dialect)
            self._learned = False
        name = answer.completion.answered_as
        if name and name not in self._names and name != self.llm.model and answer.completion.answered_by(self.llm.answerers):
            log.warning("%s answers as %s, which is kept with its replies", self.llm.choice, name)
        self._names.add(name)

    def _result_of(self, refusal: ServerRefusal, *, private: bool) -> Result:
        status, message = refusal.status, self._message(refusal, private=private)
        if refusal.of_length:
            return TooLong(f"{message}{way_out(refusal, self.llm)}", self.too_long())
        if status in BUSY and not refusal.used_up:
            return Busy(message, refusal.headers, refusal.body)
        if refusal.of_filter:
            return self.filtered(refusal)
        if status in {200, 408, 409} or (status >= 500 and status != NETWORK_LOGIN):
            return Failed(message, billed=status in {200, 408, 504})
        raise CompletionError(f"{self.llm.choice}: {message}{self.clean(way_out(refusal, self.llm))}")

    def filtered(self, refusal: ServerRefusal) -> Answered:
        """What a filter makes of a request: an answer without a text. Azure bills what its filter has read."""
        refused = Completion("", str(self.llm.model), finish="content_filter", stated_usd=read_cost({}, refusal.headers))
        return Answered(refused, TokenCounts(completion=0), refusal.headers)

    def too_long(self) -> Answered:
        """What stands for the reply to a prompt that is too long, the endpoint instead of a text: nothing is billed."""
        nothing = Completion(self.llm.base_url or "", str(self.llm.model), finish=TOO_LONG, usage=Usage(0, 0))
        return Answered(nothing, TokenCounts(prompt=0, completion=0))

    def said(self, refusal: ServerRefusal, *, private: bool) -> str:
        """A server's words in brackets. They may quote the prompt, which must not get into a log where it shows real texts."""
        return "" if private else f" ({self.clean(refusal.message)[:80]})"

    def _late(self, error: Exception) -> Failed:
        import httpx2

        if isinstance(error.__cause__, httpx2.ConnectTimeout):
            silent = first_line(error.__cause__) == proxy.SILENT
            what = f"{proxy.SILENT}: no tunnel" if silent else "no connection"
            way_out = proxy.WAY_OUT if silent else f"see {self.llm.section}.base_url"
            said = f"{self.place} cannot be reached ({what} within {connect_s(self.timeout_s):g} s)"
            return Failed(f"{said}: {way_out}", billed=False, kind=FailureKind.UNREACHABLE)
        return Failed(f"no answer within {self.timeout_s:g} s", billed=True)

    def _disconnected(self, error: "openai.APIConnectionError") -> Failed:
        cause = error.__cause__
        said = self.clean(f"{type(cause).__name__}: {first_line(cause or error)}")
        # Nothing was sent where no connection was made.
        if "Connect" in type(cause).__name__:
            return Failed(f"{self.place} cannot be reached ({said}): see {self.llm.section}.base_url", billed=False)
        if "Proxy" in type(cause).__name__:
            return Failed(f"{self.place} cannot be reached, its proxy refuses ({said}): {proxy.WAY_OUT}", billed=False)
        kind = FailureKind.DAMAGED if "Decoding" in type(cause).__name__ else FailureKind.MISHAP
        return Failed(f"{self.place} broke off ({said})", billed=True, kind=kind)

    def _message(self, refusal: ServerRefusal, *, private: bool) -> str:
        code = refusal.code if refusal.code != str(refusal.status) else ""
        words = " ".join(part for part in (str(refusal.status), code) if part)
        # An error may quote the prompt, which must not get into a log where it shows real texts.
        said = " ".join(refusal.message.split())
        text = "" if private or not said else f": {self.clean(said)[:MESSAGE_LENGTH]}"
        return f"{self.place} answers {self.clean(words)}{text}"

    def clean(self, text: str) -> str:
        """A server's message without the API key and secret headers, whole or in part, which some servers quote."""
        return without_secrets(text, self._secrets)
