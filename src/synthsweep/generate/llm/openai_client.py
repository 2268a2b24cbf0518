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
from synthsweep.config.variables import shown_variable
from synthsweep.errors import CompletionError
from synthsweep.examples import digest_of
from synthsweep.generate.completer import Completion, CompletionRequest
from synthsweep.generate.llm.dialects.answer import MESSAGE_LENGTH, read_body
from synthsweep.generate.llm.dialects.dialect import Dialect, body_of, dialect_of
from synthsweep.generate.llm.dialects.ladder import TOO_LARGE, next_step
from synthsweep.generate.llm.dialects.memory import DialectMemory
from synthsweep.generate.llm.dialects.outcomes import Answered, Busy, Failed, Result
from synthsweep.generate.llm.dialects.refusal import ServerRefusal, refusal_of, refusal_within
from synthsweep.generate.llm.endpoint.connection import connect
from synthsweep.generate.llm.endpoint.credentials import require_api_key, require_headers, without_secrets
from synthsweep.generate.llm.usage import TokenCounts, read_cost
from synthsweep.messages import first_line

if TYPE_CHECKING:
    import openai

__all__ = ["Answered", "Busy", "Failed", "OpenAiClient", "Result", "read_body"]

log = logging.getLogger(__name__)

# The server did not accept the request, and billed nothing; 529 is Anthropic's word for overload.
BUSY = frozenset({429, 503, 529})
# Quota and balance: waiting does not help.
USED_UP = ("insufficient_quota", "insufficient_balance", "insufficient balance", "budget has been exceeded", "budget_exceeded")
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
            if not isinstance(outcome, ServerRefusal) or not self._step_down(outcome, dialect, request):
                break
            dialect = self.dialect
            outcome = await self._send(request, dialect)
        if isinstance(outcome, Answered):
            self._note(outcome, dialect)
        # Outside of any handler: a traceback would show what the SDK's error quotes.
        return self._result_of(outcome, private=bool(request.sources)) if isinstance(outcome, ServerRefusal) else outcome

    async def _send(self, request: CompletionRequest, dialect: Dialect) -> Result | ServerRefusal:
        import openai

        began, body = time.monotonic(), self.parameters(request, dialect)
        headers = {"Idempotency-Key": self.idempotency_key(request, body)}
        try:
            # The client's own timeout restarts with each byte, so a very slow reply would never end.
            async with asyncio.timeout(self.timeout_s):
                raw = await self._create(body, headers, dialect)
                text = raw.http_response.text
        except openai.APIStatusError as error:
            return refusal_of(error.status_code, error.response.text, dict(error.response.headers))
        except (TimeoutError, openai.APITimeoutError):
            return Failed(f"no answer within {self.timeout_s:g} s", billed=True)
        except openai.APIConnectionError as error:
            return self._disconnected(error)
        except openai.OpenAIError as error:
            return Failed(self.clean(first_line(error)), billed=True)
        return self._read(text, dict(raw.headers), private=bool(request.sources), seconds=time.monotonic() - began)

    async def _create(self, body: dict[str, Any], headers: Mapping[str, str], dialect: Dialect) -> Any:
        # What the SDK's signature lacks goes beside what it has.
        if dialect.api == "responses":
            rest = {name: value for name, value in body.items() if name not in {"model", "input"}}
            create = self.sdk.responses.with_raw_response.create
            return await create(model=body["model"], input=body["input"], extra_body=rest, extra_headers=headers)
        rest = {name: value for name, value in body.items() if name not in {"model", "messages"}}
        create = self.sdk.chat.completions.with_raw_response.create
        return await create(model=body["model"], messages=body["messages"], extra_body=rest, extra_headers=headers)

    def _read(self, text: str, headers: dict[str, str], *, private: bool, seconds: float) -> Result | ServerRefusal:
        try:
            refused = refusal_within(json.loads(text), headers, text)
        except (ValueError, RecursionError):
            refused = None
        if refused is not None:
            return refused
        answer = read_body(text, self.llm, headers, private=private)
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

    def _step_down(self, refusal: ServerRefusal, spoken: Dialect, request: CompletionRequest) -> bool:
        """Whether the request may go out again: in a simpler dialect, or in one that another request has found meanwhile."""
        if self.dialect != spoken:
            return True
        system = any(message.role == "system" for message in request.messages)
        if refusal.of_filter:
            return False
        step = next_step(spoken, refusal, self.llm, system=system)
        # In a dialect that was answered before, it is this prompt that the server does not take.
        if step is None or (step.guessed and spoken in self._accepted):
            return False
        # An error may quote the prompt, which must not get into a log where it shows real texts.
        said = "" if request.sources else f" ({self.clean(refusal.message)[:80]})"
        log.warning("%s refuses %s%s: %s", self.place, step.refused, said, step.instead)
        self.dialect, self._learned = step.dialect, True
        return True

    def _note(self, answer: Answered, spoken: Dialect) -> None:
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
        if status in BUSY and not any(words in refusal.said for words in USED_UP):
            return Busy(message, refusal.headers, refusal.body)
        if refusal.of_filter:
            # Azure bills what its filter has read.
            usd = read_cost({}, refusal.headers)
            refused = Completion("", str(self.llm.model), finish="content_filter", stated_usd=usd)
            return Answered(refused, TokenCounts(completion=0), refusal.headers)
        if status in {200, 408, 409} or status >= 500:
            return Failed(message, billed=status in {200, 408, 504})
        raise CompletionError(f"{self.llm.choice}: {message}{self._way_out(refusal)}")

    def _disconnected(self, error: "openai.APIConnectionError") -> Failed:
        cause = error.__cause__
        # Nothing was sent where no connection was made.
        sent = "Connect" not in type(cause).__name__
        return Failed(self.clean(f"{type(cause).__name__}: {first_line(cause or error)}"), billed=sent)

    def _message(self, refusal: ServerRefusal, *, private: bool) -> str:
        code = refusal.code if refusal.code != str(refusal.status) else ""
        words = " ".join(part for part in (str(refusal.status), code) if part)
        # An error may quote the prompt, which must not get into a log where it shows real texts.
        said = " ".join(refusal.message.split())
        text = "" if private or not said else f": {self.clean(said)[:MESSAGE_LENGTH]}"
        return f"{self.place} answers {self.clean(words)}{text}"

    def _way_out(self, refusal: ServerRefusal) -> str:
        section, variable, said, status = self.llm.section, self.llm.api_key_env, refusal.said, refusal.status
        if status in {401, 403}:
            wanted = f"it wants a key: {section}.api_key_env=NAME"
            return f"; see the key in {shown_variable(variable)}" if variable else f"; {wanted}"
        if status == 404:
            return f"; see {section}.model and {section}.base_url"
        if status in {402, 429}:
            return "; the account's quota is used up"
        for name in ("temperature", "top_p", "reasoning_effort"):
            if name in said or (name == "reasoning_effort" and "reasoning.effort" in said):
                return f"; set {section}.{name}=null"
        if any(name in said for name in ("max_tokens", "max_completion_tokens", "max_output_tokens")):
            return f"; see {section}.{'max_output_tokens' if TOO_LARGE.search(said) else 'token_limit_key'}"
        unknown = next((name for name in self.llm.extra_body or {} if str(name).lower() in said), "")
        return f"; see {section}.extra_body, which holds {unknown}" if unknown else ""

    def clean(self, text: str) -> str:
        """A server's message without the API key and secret headers, whole or in part, which some servers quote."""
        return without_secrets(text, self._secrets)
