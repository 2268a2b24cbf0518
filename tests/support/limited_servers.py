"""Scripts of servers that are slow, have one slot, limit requests by the minute, cache, or give nothing; for `serving`."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import formatdate
from typing import Any

from support.llm_server import Llm, Reply, as_json, completion, obliging, texts


@dataclass
class OneSlot:
    """Works off one request after the other, `seconds` each, also those whose client has gone; a gateway may give up before."""

    seconds: float
    gateway_s: float = float("inf")
    _free_at: float = field(default=0.0, init=False)

    def __call__(self, llm: Llm, number: int, asked: dict[str, Any]) -> Reply:
        now = time.monotonic()
        self._free_at = max(now, self._free_at) + self.seconds
        delay = self._free_at - now
        if delay > self.gateway_s:
            return Reply(504, {"error": {"message": "upstream timed out"}}, delay=self.gateway_s)
        reply = obliging(llm, number, asked)
        reply.delay = delay
        return reply


# What a refusal says of the seconds until the window ends: headers and body.
Said = Callable[[float], tuple[dict[str, str], dict[str, Any]]]


def _headers(**given: str) -> tuple[dict[str, str], dict[str, Any]]:
    return {name.replace("_", "-"): value for name, value in given.items()}, {}


def _quota(left: float, reset: str) -> tuple[dict[str, str], dict[str, Any]]:
    return _headers(x_ratelimit_limit_requests="6", x_ratelimit_remaining_requests="0", x_ratelimit_reset_requests=reset)


def _gemini(seconds: float) -> tuple[dict[str, str], dict[str, Any]]:
    info = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": f"{seconds:.3f}s"}
    return {}, {"details": [info]}


SAYINGS: dict[str, Said] = {
    "Retry-After in seconds": lambda seconds: _headers(retry_after=f"{seconds:.3f}"),
    "Retry-After as a date": lambda seconds: _headers(retry_after=formatdate(time.time() + seconds + 1, usegmt=True)),
    "a span": lambda seconds: _quota(0, f"{1000 * seconds:.0f}ms"),
    "an epoch": lambda seconds: _headers(x_ratelimit_remaining="0", x_ratelimit_reset=f"{1000 * (time.time() + seconds):.0f}"),
    "a time of day": lambda seconds: _headers(
        anthropic_ratelimit_requests_remaining="0",
        anthropic_ratelimit_requests_reset=datetime.fromtimestamp(time.time() + seconds, UTC).isoformat(),
    ),
    "retryDelay": _gemini,
    "a sentence": lambda seconds: ({}, {"message": f"Rate limit reached. Please try again in {1000 * seconds:.0f}ms."}),
    "nothing": lambda seconds: ({}, {}),
}


@dataclass
class Limited:
    """Answers `most` requests in each window of `window_s`; refuses others with a status, and says until when."""

    said: Said
    most: int = 6
    window_s: float = 1.0
    status: int = 429
    refused: int = 0
    _ends: float = field(default=0.0, init=False)
    _in_window: int = field(default=0, init=False)

    def __call__(self, llm: Llm, number: int, asked: dict[str, Any]) -> Reply:
        now = time.monotonic()
        if now >= self._ends:
            self._ends, self._in_window = now + self.window_s, 0
        if self._in_window < self.most:
            self._in_window += 1
            return obliging(llm, number, asked)
        self.refused += 1
        headers, more = self.said(self._ends - now)
        return Reply(self.status, {"error": {"message": "slow down", "code": "rate_limit", **more}}, headers)


def cutting(most_of: int) -> Callable[[Llm, int, dict[str, Any]], Reply]:
    """Cuts every third reply unless it may have more tokens than that."""

    def script(llm: Llm, number: int, asked: dict[str, Any]) -> Reply:
        limit = asked.get("max_tokens") or asked["max_completion_tokens"]
        whole = as_json(texts(asked, number))
        if number % 3 == 2 and limit <= most_of:
            return Reply(body=completion(asked, whole[: len(whole) // 2], finish_reason="length"))
        return Reply(body=completion(asked, whole))

    return script


def caching(llm: Llm, number: int, asked: dict[str, Any]) -> Reply:
    """Ten texts, always the same."""
    return Reply(body=completion(asked, as_json(texts(asked, 0))))


def useless(kind: str) -> Callable[[Llm, int, dict[str, Any]], Reply]:
    """Replies of which nothing can be used."""
    choices: dict[str, Callable[[], tuple[str | None, dict[str, Any]]]] = {
        "cut": lambda: ('{"examples": [', {"finish_reason": "length"}),
        "empty": lambda: ("", {}),
        "refused": lambda: (None, {"message": {"refusal": "I'm sorry, I cannot do that."}}),
        "another shape": lambda: (json.dumps({"examples": [{"score": 0.5}]}), {}),
    }

    def script(llm: Llm, number: int, asked: dict[str, Any]) -> Reply:
        text, choice = choices[kind]()
        return Reply(body=completion(asked, text, **choice))

    return script
