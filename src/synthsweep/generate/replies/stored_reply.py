"""A reply as the store keeps it, and the key under which it stands there."""

import json
import sqlite3
from dataclasses import dataclass
from typing import Any

from synthsweep.generate.completer import Completion, Usage


@dataclass(frozen=True)
class ReplyKey:
    """Identifies a reply: the request's digest, the sample, the LLM, and the settings that change its reply."""

    request: str
    sample: int
    llm: str
    settings: str = "{}"

    @property
    def values(self) -> tuple[str, int, str, str]:
        return self.request, self.sample, self.llm, self.settings


@dataclass(frozen=True)
class StoredReply:
    """A reply with its origin and cost; `messages` (role, content) is empty if they held real texts.

    `most_tokens` is the limit of its length that it was asked with, None where nobody wrote it down.
    """

    key: ReplyKey
    prompt: str
    label: str
    completion: Completion
    messages: tuple[tuple[str, str], ...] = ()
    latency_s: float | None = None
    answered_at: str = ""
    most_tokens: int | None = None


def row_of(reply: StoredReply) -> tuple[Any, ...]:
    """A reply as the columns of its table."""
    done, used = reply.completion, reply.completion.usage
    tokens = (used.prompt, used.completion, used.cached) if used else (None, None, None)
    messages = json.dumps(reply.messages, ensure_ascii=False) if reply.messages else None
    return (
        *reply.key.values, reply.prompt, reply.label, messages, done.text, done.finish, done.answered_as, *tokens,
        done.usd, reply.latency_s, reply.answered_at, done.stated_usd, reply.most_tokens, done.tokens,
    )  # fmt: skip


def reply_of_row(columns: sqlite3.Row) -> StoredReply:
    """A row of the table as a reply."""
    # A file of an earlier version that is only looked at lacks the last columns.
    row = dict(columns)
    used = None if row["prompt_tokens"] is None else Usage(row["prompt_tokens"], row["completion_tokens"], row["cached_tokens"])
    stated = row.get("stated_usd")
    return StoredReply(
        key=ReplyKey(row["request"], row["sample"], row["llm"], row["settings"]),
        prompt=row["prompt"],
        label=row["label"],
        completion=Completion(
            row["reply"], row["llm"], row["answered_as"], row["finish"], used, row["usd"], stated, tokens=row.get("tokens")
        ),
        messages=tuple((role, content) for role, content in json.loads(row["messages"] or "[]")),
        latency_s=row["latency_s"],
        answered_at=row["answered_at"],
        most_tokens=row.get("most_tokens"),
    )
