"""What requests cost: prices, the most that one may cost, and the forecast of a job; pure apart from the price list."""

import json
import math
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from typing import Any
from urllib.parse import urlsplit

from synthsweep.config.keys.llm import LlmConfig
from synthsweep.errors import ConfigError
from synthsweep.generate.completer import CompletionRequest, Usage
from synthsweep.generate.llm.reply_format import response_format
from synthsweep.generate.llm.usage import TokenCounts

# Upper bounds on the tokens that a chat adds to the bytes of its messages: role, separators, the start of the reply.
CHAT_TOKENS, MESSAGE_TOKENS = 32, 16
# Rough averages: bytes per English token, and tokens per text of a reply.
BYTES_PER_TOKEN, TOKENS_PER_TEXT = 4.0, 45
# Seconds per request of a hosted LLM, for a forecast without any measurement.
REQUEST_S = 8.0
MILLION = 1_000_000
# LLMs that their providers alone serve, for money: a server of the user's own that names one is a gateway.
PROVIDERS_OWN = re.compile(r"(?:^|[/.:@])(?:gpt-[3-9]|chatgpt|o[134](?:-|$)|claude-|gemini-|grok-[2-9]|command-[ar]|sonar)")


@dataclass(frozen=True)
class Price:
    """Dollars of a request; `input` and `output` are per million tokens.

    `listed` prices a model as genai-prices does, which knows cached tokens and steps in a price; it replaces the two numbers.
    `share` is less than 1 where a provider gives a discount.
    """

    input: float = 0.0
    output: float = 0.0
    listed: Any = None
    share: float = 1.0

    @property
    def free(self) -> bool:
        return self.listed is None and self.input == self.output == 0

    @property
    def known(self) -> bool:
        return self.listed is not None or not math.isnan(self.input + self.output)

    def usd(self, usage: Usage) -> float:
        if self.listed is None:
            return self.share * (usage.prompt * self.input + usage.completion * self.output) / MILLION
        from genai_prices import Usage as Used

        used = Used(input_tokens=usage.prompt, output_tokens=usage.completion, cache_read_tokens=usage.cached or None)
        return self.share * float(self.listed(used).total_price)

    def bill(self, tokens: TokenCounts, most: Usage) -> float:
        """What the counted tokens may cost at most; `most` stands for those that were not counted."""
        if self.free:
            return 0.0
        return max(self.usd(usage) for usage in tokens.readings(most))

    def most(self, request: CompletionRequest, llm: LlmConfig) -> float:
        """The most that an answer can cost, if the server keeps to the limit of a reply."""
        return 0.0 if self.free else self.usd(most_usage(request, llm))


# Requests cost something, and nobody knows how much.
UNKNOWN_PRICE = Price(math.nan, math.nan)


def price_of(llm: LlmConfig, *, batch: bool = False) -> Price:
    """The price that is given, or else that of genai-prices; an LLM is free only where `free` says so and neither knows one.

    Raises:
        ConfigError: the price is unknown.
    """
    share = llm.batch_discount if batch else 1.0
    named = llm.price_per_million
    if named.input is not None and named.output is not None:
        return Price(named.input, named.output, share=share)
    owned = any(PROVIDERS_OWN.search(str(name).lower()) for name in (llm.model, *llm.answers_as))
    listed = _listed_price(llm, by_name=owned and llm.free)
    if listed is not None:
        return Price(listed=listed, share=share)
    if llm.free and not owned:
        return Price()
    place, section = urlsplit(llm.base_url or "").hostname, llm.section
    server = ", which its provider alone serves," if llm.free else ""
    free = "0 and 0 if nobody bills it" if llm.free else f"or {section}.free=true for a server of your own"
    raise ConfigError(
        f"{section}.model={llm.model} at {place}{server} has no price that is known: set "
        f"{section}.price_per_million.input and {section}.price_per_million.output in dollars, {free}"
    )


def _listed_price(llm: LlmConfig, *, by_name: bool) -> Callable[[Any], Any] | None:
    """What genai-prices lists at the provider or the address, or `by_name` anywhere: a gateway may have any address."""
    from genai_prices import Usage as Used
    from genai_prices import calc_price

    where = {"provider_id": llm.provider} if llm.provider else {"provider_api_url": llm.base_url}
    places: list[dict[str, Any]] = [{"model_ref": str(llm.model), **where}]
    if by_name:
        places += [{"model_ref": re.split("[/@]", str(name))[-1]} for name in (llm.model, *llm.answers_as)]
    for place in places:
        listed = partial(calc_price, **place)
        with suppress(LookupError):
            listed(Used(input_tokens=1, output_tokens=1))
            return listed
    return None


def most_usage(request: CompletionRequest, llm: LlmConfig, reply: str = "") -> Usage:
    """The most tokens that a request can take: a token is at least a byte, and a reply ends at its limit, or later."""
    prompt = prompt_bytes(request, llm) + _chat_tokens(request)
    return Usage(prompt, max(llm.max_output_tokens, len(reply.encode("utf-8", "surrogatepass"))))


def prompt_bytes(request: CompletionRequest, llm: LlmConfig) -> int:
    """UTF-8 bytes of all that the LLM reads: messages, and the schema of the reply."""
    schema = _schema_bytes(llm.reply_format, request.numbered)
    return schema + sum(len(message.content.encode()) for message in request.messages)


@cache
def _schema_bytes(reply_format: str, numbered: bool) -> int:
    return len(json.dumps(response_format(reply_format, numbered=numbered) or ""))


def _chat_tokens(request: CompletionRequest) -> int:
    return CHAT_TOKENS + MESSAGE_TOKENS * len(request.messages)


@dataclass(frozen=True)
class CostForecast:
    """What a job will take; it cannot cost more than `most_usd`."""

    requests: int
    prompt_tokens: int
    completion_tokens: int
    usd: float
    most_usd: float
    seconds: float

    def __str__(self) -> str:
        tokens = f"{self.prompt_tokens:,} + {self.completion_tokens:,} tokens"
        time = f"{self.seconds / 60:.0f} minutes" if self.seconds >= 90 else f"{math.ceil(self.seconds)} seconds"
        priced = "at an unknown price" if math.isnan(self.usd) else f"{dollars(self.usd)} (at most {dollars(self.most_usd)})"
        cost = priced if self.most_usd else "free"
        return f"{self.requests} request{'s' * (self.requests != 1)}, about {tokens}, {cost}, {time}"


def forecast(
    requests: Sequence[CompletionRequest],
    llm: LlmConfig,
    price: Price,
    concurrency: int,
    *,
    at_most: Sequence[CompletionRequest] = (),
) -> CostForecast:
    """From the bytes of the prompts and usual lengths of texts; replies may be half or twice as long.

    `at_most` are all requests that could become necessary, where unusable replies make further ones necessary.
    """
    # Priced one by one: tokens of a long prompt may cost more than those of many short ones.
    usages = [usual_usage(request, llm) for request in requests]
    return CostForecast(
        requests=len(requests),
        prompt_tokens=sum(usage.prompt for usage in usages),
        completion_tokens=sum(usage.completion for usage in usages),
        usd=sum(price.usd(usage) for usage in usages),
        most_usd=sum(price.most(request, llm) for request in at_most or requests),
        seconds=math.ceil(len(requests) / concurrency) * REQUEST_S,
    )


def usual_usage(request: CompletionRequest, llm: LlmConfig) -> Usage:
    """The tokens of an answer of usual length."""
    prompt = math.ceil(prompt_bytes(request, llm) / BYTES_PER_TOKEN) + _chat_tokens(request) // 2
    return Usage(prompt, min(llm.max_output_tokens, TOKENS_PER_TEXT * request.n + CHAT_TOKENS))


def dollars(usd: float) -> str:
    """`$0.0132`, `$1.50`: small sums have four decimals, tiny ones seven; a sum of unknown prices is not a number."""
    if math.isnan(usd):
        return "unknown"
    if 0 < usd < 0.00005:
        # Not nothing: a gateway that states it bills it.
        return f"${usd:.7f}"
    return f"${usd:,.2f}" if usd >= 1 else f"${usd:.4f}"
