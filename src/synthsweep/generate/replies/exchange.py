"""Replies as JSON Lines: what `synthsweep generate export` writes, `import` reads, and the package ships.

A line is `{"prompt", "label", "sample", "request", "reply"}` and what else the store holds; a first line
`{"provenance": ...}` says where the replies come from.
"""

import json
import math
import os
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from synthsweep.config.commands import assign, command_line
from synthsweep.errors import PoolError
from synthsweep.generate.completer import Completion, Usage
from synthsweep.generate.replies.store import ReplyKey, StoredReply
from synthsweep.storage.private import open_private


def reply_row(reply: StoredReply) -> dict[str, Any]:
    """A reply as a line of the file."""
    done = reply.completion
    row = {
        "prompt": reply.prompt, "label": reply.label, "sample": reply.key.sample, "request": reply.key.request,
        "llm": reply.key.llm, "settings": json.loads(reply.key.settings), "answered_as": done.answered_as,
        "finish": done.finish, "usage": asdict(done.usage) if done.usage else None, "usd": done.usd,
        "stated_usd": done.stated_usd, "max_output_tokens": reply.most_tokens, "latency_s": reply.latency_s,
        "answered_at": reply.answered_at,
        "messages": [list(message) for message in reply.messages] or None, "tokens": done.tokens, "reply": done.text,
    }  # fmt: skip
    return {name: value for name, value in row.items() if value is not None}


def reply_of(row: dict[str, Any], where: str) -> StoredReply:
    """A line of the file as a reply.

    Raises:
        PoolError: the line lacks a field that identifies a reply.
    """
    try:
        # Half a surrogate pair, which JSON allows and no database takes, fails here.
        json.dumps(row, ensure_ascii=False).encode()
        llm, settings = row.get("llm", "recorded"), {**row.get("settings", {})}
        key = ReplyKey(_text(row, "request"), _count(row["sample"]), str(llm), json.dumps(settings, sort_keys=True))
        usage = Usage(**{name: _count(value) for name, value in row["usage"].items()}) if row.get("usage") else None
        answered_as, finish = str(row.get("answered_as", "")), str(row.get("finish", "stop"))
        paid = _amount(row, "usd"), _amount(row, "stated_usd")
        tokens = _text(row, "tokens") if row.get("tokens") is not None else None
        done = Completion(_text(row, "reply"), key.llm, answered_as, finish, usage, *paid, tokens=tokens)
        messages = tuple((str(role), str(content)) for role, content in row.get("messages") or ())
        most = _count(row["max_output_tokens"]) if row.get("max_output_tokens") is not None else None
        place, latency = (_text(row, "prompt"), _text(row, "label")), _amount(row, "latency_s")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise PoolError(
            f"{where} must hold request, sample, prompt, label and reply, as generate export writes them; got {error}"
        ) from error
    return StoredReply(key, *place, done, messages, latency, str(row.get("answered_at", "")), most)


def read_rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The lines of a file with their numbers.

    Raises:
        PoolError: it cannot be read, or a line is not a JSON object.
    """
    try:
        # str.splitlines would also split at U+2028 and the like, which JSON allows inside a text.
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except OSError as error:
        raise PoolError(f"{path} cannot be read ({error.strerror}), seen from {Path.cwd()}") from error
    except UnicodeDecodeError as error:
        raise PoolError(f"{path} is not UTF-8 text ({error.reason}): save it as UTF-8") from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise PoolError(f"{path.name} row {number} is not a JSON object: {str(error)[:80]}") from error
        if not isinstance(row, dict):
            raise PoolError(f"{path.name} row {number} is not a JSON object, got {line.strip()[:40]}")
        yield number, row


def read_replies(path: Path) -> list[StoredReply]:
    """Every reply of a file; one wrong line rejects the whole file.

    Raises:
        PoolError: a line is wrong.
    """
    rows = ((number, row) for number, row in read_rows(path) if "provenance" not in row)
    return [reply_of(row, f"{path.name} row {number}") for number, row in rows]


def write_replies(replies: Iterable[StoredReply], path: Path) -> int:
    """Writes a file, completely or not at all; returns how many replies it holds.

    Raises:
        PoolError: the file cannot be written.
    """
    count = 0
    part = path.with_name(f".{path.name}.part")
    try:
        part.unlink(missing_ok=True)
        with open_private(part, "xb") as file:
            for reply in replies:
                file.write(f"{json.dumps(reply_row(reply), ensure_ascii=False)}\n".encode())
                count += 1
        part.replace(path)
    except OSError as error:
        raise PoolError(f"{path} cannot be written ({error.strerror})") from error
    finally:
        part.unlink(missing_ok=True)
    return count


def rescue(replies: Iterable[StoredReply]) -> str:
    """Writes replies that could not be stored to a temporary file; returns its name, or says that this failed, too."""
    rows = [json.dumps(reply_row(reply), ensure_ascii=False) + "\n" for reply in replies]
    for folder in dict.fromkeys((tempfile.gettempdir(), str(Path.home()))):
        try:
            handle, name = tempfile.mkstemp(prefix="synthsweep-replies-", suffix=".jsonl", dir=folder)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.writelines(rows)
        except OSError:
            continue
        return f"{name} ({command_line('generate import', assign('path', name))} adds it)"
    return "no file either: no disk took it"


def _count(value: Any) -> int:
    # The largest integer of SQLite.
    if type(value) is not int or not 0 <= value < 2**63:
        raise ValueError(f"{value!r:.40} for a count")
    return value


def _amount(row: dict[str, Any], name: str) -> float | None:
    value = row.get(name)
    if value is not None and (type(value) not in (int, float) or not 0 <= value < math.inf):
        raise ValueError(f"{name} {value!r:.40}")
    return value


def _text(row: dict[str, Any], name: str) -> str:
    if not isinstance(row[name], str):
        raise TypeError(f"{name} is not a text")
    return str(row[name])
