"""What a server says when it does not answer, whatever the form of its error; pure."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

# Members of an error that hold the server's words. What FastAPI quotes of the request (`input`) is none of them: it would name
# every parameter.
WORDS = frozenset(
    "error errors message msg detail details code type param loc reason status raw metadata title error_message "
    "status_msg base_resp description innererror cause object".split()
)
# Filters of OpenAI, Azure, Gemini, Bedrock, OpenRouter, xAI, Alibaba and DeepSeek, and what gateways make of them.
FILTERED = re.compile(
    r"content[_ -]?filter|content management policy|responsible ?ai ?policy|prohibited_content"
    r"|\bsafety\b.{0,20}\b(?:block|filter)"
    r"|(?:block|filter)\w* .{0,20}\bsafety\b|guardrail|flagged|invalid_prompt|usage (?:policy|guidelines)|data_?inspection"
    r"|inappropriate content|content exists risk|content[_ ]?policy|(?:response|prompt) was filtered|moderation",
    re.IGNORECASE,
)
FILTER_STATUS = frozenset({400, 403, 422, 451})
# A prompt that is longer than a context, in the words of OpenAI, vLLM, SGLang, TGI, llama.cpp, LM Studio, Anthropic, Gemini,
# Mistral, Cohere, Bedrock, xAI, Moonshot, Alibaba and gateways.
TOO_LONG = re.compile(
    r"context[_ ]?(?:length|window|size)|context of only|maximum (?:model|prompt|sequence|input) length|max[_ ]model[_ ]len"
    r"|string_above_max_length|too many tokens: |exceeds max length"
    # A request that took too long, or was queued for too long, is none of them.
    r"|(?:prompt|inputs?|requests?|messages?|conversation|string)\b(?:(?!\btak|\btook).){0,40}(?<!for )\btoo (?:long|large|big)"
    r"|(?:inputs?|prompts?)\b.{0,80}\b(?:exceeds?|cannot exceed|longer than|should be \[)"
    r"|(?:inputs|input (?:tokens?|length)|prompts?)\b.{0,40}\bmust (?:be|have) (?:<|less|at most|fewer)"
    r"|exceed\w* (?:the )?(?:model(?:'s)? |max\w* )?(?:token|context) "
    r"|(?:reduce|shorten) (?:the |your )?(?:length|prompt|message|input)"
)
TOO_LONG_STATUS = frozenset({200, 400, 422, 500})
# Quota and balance: waiting does not help. LiteLLM refuses a key, user, team, tag or model over its budget with 422, once
# with 429, 400 or 401, always with the type `budget_exceeded`, and says `ExceededBudget: ... over budget` of some, and
# `crossed budget` of a provider.
QUOTA = ("insufficient_quota", "insufficient_balance", "insufficient balance")
BUDGET = (
    "budget_exceeded", "budget has been exceeded", "exceededbudget", "exceededtokenbudget", "crossed budget", "exceeded budget"
)  # fmt: skip
# A request that is larger than a whole minute's tokens will never pass; other refusals of 429 pass with time.
LARGER_THAN_A_MINUTE = re.compile(r"request too large|must be reduced|reduce your message size")


@dataclass(frozen=True)
class ServerRefusal:
    """`said` are a server's words in small letters, with the parameters that it points at; `message` is its sentence."""

    status: int
    said: str
    message: str = ""
    code: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""

    @property
    def of_filter(self) -> bool:
        """Whether it is the prompt that was refused, and not the request."""
        return self.status in FILTER_STATUS and bool(FILTERED.search(self.said))

    @property
    def of_budget(self) -> bool:
        """Whether a gateway refused it since what the key may spend there is spent."""
        return any(words in self.said for words in BUDGET)

    @property
    def used_up(self) -> bool:
        """Whether no later request will pass until somebody pays or raises a budget."""
        return self.of_budget or any(words in self.said for words in QUOTA)

    @property
    def of_length(self) -> bool:
        """Whether it is the prompt's length that was refused: a shorter one may pass."""
        if self.status == 413 or (self.status == 429 and LARGER_THAN_A_MINUTE.search(self.said)):
            return True
        return self.status in TOO_LONG_STATUS and bool(TOO_LONG.search(self.said))


def refusal_of(status: int, body: str, headers: Mapping[str, str]) -> ServerRefusal:
    """The refusal in a response with an error status."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        plain = " ".join(re.sub(r"<[^>]*>", " ", body).split())
        return ServerRefusal(status, plain.lower()[:2000], plain, "", headers, body)
    return _refusal(status, value, headers, body)


def refusal_within(value: Any, headers: Mapping[str, str], body: str) -> ServerRefusal | None:
    """The refusal in a response whose status is 200, as OpenRouter and old vLLM send it; None where there is none."""
    if not isinstance(value, Mapping) or value.get("choices") or value.get("output"):
        return None
    # The Responses API has `error: null` in every answer.
    failed = value.get("success") is False or value.get("object") == "error" or bool(value.get("error")) or "detail" in value
    if not failed:
        return None
    return _refusal(_status_within(value), value, headers, body)


def _status_within(value: Mapping[str, Any]) -> int:
    inner = value.get("error") if isinstance(value.get("error"), Mapping) else value
    code = str(inner.get("code") or inner.get("status") or "") if isinstance(inner, Mapping) else ""
    return int(code) if re.fullmatch(r"[45]\d\d", code) else 200


def _refusal(status: int, value: Any, headers: Mapping[str, str], body: str) -> ServerRefusal:
    words = list(_words(value, 0))
    return ServerRefusal(
        status, " ".join(words).lower()[:4000], _message(value) or " ".join(words), _code(value), headers, body
    )


def _words(value: Any, depth: int) -> Iterator[str]:
    """Everything that an error says, and the last name of each place that it points at."""
    if depth > 8:
        return
    if isinstance(value, (str, int, float)):
        yield str(value)
    elif isinstance(value, list):
        for item in value:
            yield from _words(item, depth + 1)
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            if str(name).lower() in WORDS:
                yield from _words(inner, depth + 1)


def _message(value: Any) -> str:
    """The sentence of an error, wherever it stands."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return next((found for item in value if (found := _message(item))), "")
    if not isinstance(value, Mapping):
        return ""
    named = ("message", "msg", "error", "detail", "errors", "error_message", "title")
    return next((found for name in named if (found := _message(value.get(name)))), "")


def _code(value: Any) -> str:
    while isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, Mapping) and isinstance(value.get("error"), Mapping):
        value = value["error"]
    found = (value.get("code") or value.get("type") or "") if isinstance(value, Mapping) else ""
    return str(found) if isinstance(found, (str, int)) else ""
