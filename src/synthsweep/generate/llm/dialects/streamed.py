"""An answer that a gateway sends in pieces though nobody asked for a stream, put together again; pure."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

START, END = "data:", "[DONE]"
# What stands for the reason of an end that did not come.
BROKE_OFF = "network_error"


def joined(body: str) -> dict[str, Any] | None:
    """The chat completion that the events of a body are the pieces of; None for any other body."""
    if not body.lstrip().startswith((START, "event:", ": ")):
        return None
    chunks = list(_chunks(body))
    choices = [choice for chunk in chunks for choice in chunk.get("choices") or [] if isinstance(choice, Mapping)]
    if not choices:
        # An error is an event of its own.
        return next((chunk for chunk in chunks if chunk.get("error")), None)
    whole: dict[str, Any] = {}
    for chunk in chunks:
        whole |= {name: value for name, value in chunk.items() if value is not None}
    finish = next((choice["finish_reason"] for choice in reversed(choices) if choice.get("finish_reason")), None)
    ended = finish or ("stop" if END in body else BROKE_OFF)
    return {**whole, "choices": [{"message": {"content": "".join(map(_said, choices))}, "finish_reason": ended}]}


def _chunks(body: str) -> Iterator[dict[str, Any]]:
    for line in body.splitlines():
        data = line.removeprefix(START).strip()
        if not line.startswith(START) or data == END:
            continue
        try:
            chunk = json.loads(data)
        except (ValueError, RecursionError):
            continue
        if isinstance(chunk, dict):
            yield chunk


def _said(choice: Mapping[str, Any]) -> str:
    """What a piece adds to the text; what was thought has another name."""
    piece = choice.get("delta") or choice.get("message") or {}
    content = piece.get("content") if isinstance(piece, Mapping) else None
    return content if isinstance(content, str) else ""
