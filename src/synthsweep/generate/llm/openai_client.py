"""One request to a server that speaks OpenAI's chat completions: hosted, Azure, vLLM, Ollama, llama.cpp and the like.

It never retries: the outcome is returned as a value, and the filler decides.
"""

import asyncio
import ipaddress
import json
import logging
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from synthsweep.config.keys.llm import LlmConfig
from synthsweep.errors import CompletionError, ConfigError
from synthsweep.examples import digest_of
from synthsweep.generate.completer import Completion, CompletionRequest
from synthsweep.generate.llm.reply_format import response_format
from synthsweep.generate.llm.usage import TokenCounts, read_cost, read_tokens
from synthsweep.messages import first_line

if TYPE_CHECKING:
    import openai

# A server on loopback asks for no key, but the client insists on one.
NO_KEY = "none"
# Variables that OpenAI's client reads.
OF_OPENAI = ("OPENAI_", "AZURE_")
# The server did not accept the request, and billed nothing.
BUSY = frozenset({429, 503})
MESSAGE_LENGTH = 200


@dataclass(frozen=True)
class Answered:
    """A reply, the tokens that the server counted, and the headers that state rate limits."""

    completion: Completion
    tokens: TokenCounts = field(default_factory=TokenCounts)
    headers: Mapping[str, str] = field(default_factory=dict)
    latency_s: float = 0.0


@dataclass(frozen=True)
class Busy:
    """The server asks to wait."""

    reason: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Failed:
    """No usable answer; another attempt may get one. `billed` says that the server may have done the work."""

    reason: str
    billed: bool


@dataclass(frozen=True)
class FormatRefused:
    """The server does not know the response_format."""

    name: str


Result = Answered | Busy | Failed | FormatRefused


def is_loopback(address: str) -> bool:
    """Whether an address names this machine only."""
    host = urlsplit(address).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def lacks_api_key(llm: LlmConfig) -> bool:
    """Whether an LLM needs a key that the environment does not have."""
    return bool(llm.api_key_env) and not os.environ.get(str(llm.api_key_env))


def require_api_key(llm: LlmConfig) -> str:
    """The API key from the environment.

    Raises:
        ConfigError: the preset names a variable that is not set.
    """
    if lacks_api_key(llm):
        raise ConfigError(f"{llm.choice} needs a key in the environment variable {llm.api_key_env}, which is not set")
    return os.environ[llm.api_key_env] if llm.api_key_env else NO_KEY


class OpenAiClient:
    """A client of one endpoint, for the lifetime of one event loop; `sdk` is OpenAI's own client.

    `store` names where the replies are kept: what another store asks for is another request, though it reads the same.
    """

    def __init__(self, llm: LlmConfig, *, timeout_s: float, store: str = "") -> None:
        self.llm, self.timeout_s, self.store, self._key = llm, timeout_s, store, require_api_key(llm)
        self.reply_format = llm.reply_format
        self.sdk = _sdk(llm, self._key, timeout_s)

    async def ask(self, request: CompletionRequest) -> Result:
        """Sends one request and returns its outcome.

        Raises:
            CompletionError: the server will answer no request of this kind: key, model, parameters or quota.
        """
        import openai

        began, form = time.monotonic(), self.reply_format
        body = self.parameters(request, form)
        try:
            # The client's own timeout restarts with each byte, so a very slow reply would never end.
            async with asyncio.timeout(self.timeout_s):
                raw = await self.sdk.chat.completions.with_raw_response.create(
                    **body, extra_headers={"Idempotency-Key": self.idempotency_key(request, body)}
                )
                text = raw.http_response.text
        except openai.APIStatusError as error:
            return self._result_of(error, form, private=bool(request.sources))
        except (TimeoutError, openai.APITimeoutError):
            return Failed(f"no answer within {self.timeout_s:g} s", billed=True)
        except openai.APIConnectionError as error:
            return self._disconnected(error)
        except openai.OpenAIError as error:
            return Failed(self.clean(first_line(error)), billed=True)
        answer = read_body(text, self.llm, dict(raw.headers))
        return answer if isinstance(answer, Failed) else replace(answer, latency_s=time.monotonic() - began)

    def parameters(self, request: CompletionRequest, form: str | None = None) -> dict[str, Any]:
        """The body of a request, as OpenAI's reference names it."""
        llm = self.llm
        return {
            "model": llm.model,
            "messages": [{"role": message.role, "content": message.content} for message in request.messages],
            llm.token_limit_key: llm.max_output_tokens,
            **llm.sampling,
            **({"response_format": value} if (value := response_format(form or self.reply_format)) else {}),
        }

    def idempotency_key(self, request: CompletionRequest, body: Mapping[str, Any]) -> str:
        """The same for each attempt at a request, and another one for any other request.

        A server that knows this header repeats an answer that was lost on its way, and bills it once.
        """
        return digest_of([self.store, body, request.digest, request.sample])[:48]

    async def close(self) -> None:
        await self.sdk.close()

    def _result_of(self, error: "openai.APIStatusError", form: str, *, private: bool) -> Result:
        status, headers = error.status_code, dict(error.response.headers)
        message = self._message(error, private=private)
        if status in BUSY and "insufficient_quota" not in f"{error.code} {error.type}":
            return Busy(message, headers)
        if status == 400 and "response_format" in error.message and response_format(form):
            return FormatRefused(form)
        if status == 400 and error.code == "content_filter":
            # Azure bills what its filter has read.
            refused = Completion("", str(self.llm.model), finish="content_filter", stated_usd=read_cost({}, headers))
            return Answered(refused, TokenCounts(completion=0), headers)
        if status in {408, 409} or status >= 500:
            return Failed(message, billed=status in {408, 504})
        raise CompletionError(f"{self.llm.choice}: {message}{self._way_out(status, error)}")

    def _disconnected(self, error: "openai.APIConnectionError") -> Failed:
        cause = error.__cause__
        # Nothing was sent where no connection was made.
        sent = "Connect" not in type(cause).__name__
        return Failed(self.clean(f"{type(cause).__name__}: {first_line(cause or error)}"), billed=sent)

    def _message(self, error: "openai.APIStatusError", *, private: bool) -> str:
        code = " ".join(str(part) for part in (error.status_code, error.code or error.type or "") if part)
        # An error may quote the prompt, which must not get into a log where it shows real texts.
        text = "" if private else f": {self.clean(first_line(error))[:MESSAGE_LENGTH]}"
        return f"{urlsplit(self.llm.base_url or '').netloc} answers {self.clean(code)}{text}"

    def _way_out(self, status: int, error: "openai.APIStatusError") -> str:
        section, variable = self.llm.section, self.llm.api_key_env
        if status in {401, 403}:
            return f"; see the key in {variable}" if variable else f"; it wants a key: {section}.api_key_env=NAME"
        if status == 404:
            return f"; see {section}.model and {section}.base_url"
        if status == 429:
            return "; the account's quota is used up"
        for name in ("temperature", "top_p", "reasoning_effort"):
            if name in error.message:
                return f"; set {section}.{name}=null"
        named = any(name in error.message for name in ("max_tokens", "max_completion_tokens"))
        return f"; see {section}.token_limit_key" if named else ""

    def clean(self, text: str) -> str:
        """A server's message without the API key, which some servers quote."""
        return text.replace(self._key, "[key]") if self._key != NO_KEY else text


def read_body(body: str, llm: LlmConfig, headers: Mapping[str, str] | None = None) -> Answered | Failed:
    """The completion in the body of a response, or Failed, whatever the body contains."""
    try:
        value = json.loads(body)
        text, finish = _read_choice(value["choices"])
        if not isinstance(text, str):
            return Failed("the reply's content is not a text", billed=True)
        tokens = read_tokens(value, has_text=bool(text))
        answered_as, stated = str(value.get("model") or ""), read_cost(value, headers or {})
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        way_out = f"is {llm.section}.base_url the address of an API, as .../v1?"
        return Failed(f"the answer is not a chat completion: {way_out}", billed=True)
    done = Completion(_unicode(text), str(llm.model), _unicode(answered_as), finish, tokens.usage, stated_usd=stated)
    return Answered(done, tokens, headers or {})


def _read_choice(choices: Any) -> tuple[Any, str]:
    """The text of a reply and why it ended."""
    if not choices:
        return "", "empty"
    message, finish = choices[0]["message"], str(choices[0].get("finish_reason") or "stop")
    if message.get("refusal"):
        return str(message["refusal"]), "refusal"
    content = message.get("content")
    if isinstance(content, list):
        # Mistral's models that think send what they thought, and then the text, in pieces.
        content = "".join(str(piece["text"]) for piece in content if piece.get("type") == "text")
    return ("" if content is None else content), finish


def _unicode(text: str) -> str:
    """Escapes half surrogate pairs, which no database accepts, so that a paid reply can be stored."""
    return text.encode("utf-8", "backslashreplace").decode()


def is_openai(address: str) -> bool:
    """Whether an address is OpenAI's own."""
    host = urlsplit(address).hostname or ""
    return host == "openai.com" or host.endswith(".openai.com")


@contextmanager
def _without_foreign_variables(llm: LlmConfig) -> Iterator[None]:
    """Hides what OpenAI's client would take from the environment: addresses, headers, and keys that the preset does not name.

    Organisation and project of an account go to OpenAI alone.
    """
    own = {"OPENAI_ORG_ID", "OPENAI_PROJECT_ID"} if is_openai(llm.base_url or "") and llm.kind == "openai" else set()
    hidden = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith(OF_OPENAI) and name not in own}
    try:
        yield
    finally:
        os.environ.update(hidden)


def _sdk(llm: LlmConfig, key: str, timeout_s: float) -> Any:
    with _without_foreign_variables(llm):
        return _make_sdk(llm, key, timeout_s)


def _make_sdk(llm: LlmConfig, key: str, timeout_s: float) -> Any:
    import openai

    for name in ("openai", "httpx", "httpx2", "httpcore", "httpcore2"):
        # At lower levels they log what is sent.
        logging.getLogger(name).setLevel(logging.WARNING)
    # A redirect or a proxy would carry a prompt to a host that the user did not name.
    http = openai.DefaultAsyncHttpxClient(follow_redirects=False, trust_env=not is_loopback(llm.base_url or ""))
    if llm.kind == "azure":
        return openai.AsyncAzureOpenAI(
            azure_endpoint=str(llm.base_url),
            azure_deployment=llm.model,
            api_version=llm.api_version,
            api_key=key,
            timeout=timeout_s,
            max_retries=0,
            http_client=http,
        )
    return openai.AsyncOpenAI(base_url=llm.base_url, api_key=key, timeout=timeout_s, max_retries=0, http_client=http)
