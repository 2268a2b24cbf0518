"""An LLM's server on loopback: chat completions, files and batches of OpenAI's protocol, with faults on order.

As a process: `python llm_server.py --latency 0.5 --log FILE` prints its address; as a context: `serving(...)`.
"""

import argparse
import asyncio
import json
import re
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from socket import SO_LINGER, SOL_SOCKET
from typing import Any

TOKENS = {"prompt_tokens": 200, "completion_tokens": 300}
# Words that make texts of ten words, no two alike.
WORDS = "looks away when his aunt waves and keeps turning one red wheel near the old garden gate".split()


@dataclass
class Reply:
    """What a server answers; `fault` is reset, drip or none."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    fault: str = ""


@dataclass
class Llm:
    """The server's state: what was asked (bodies), and what was answered in whole (one entry a request)."""

    script: Callable[["Llm", int, dict[str, Any]], Reply | None]
    latency: float = 0.0
    address: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    batches: dict[str, dict[str, Any]] = field(default_factory=dict)
    batch_polls: int = 1
    # What is wrong with a batch as a whole, by the bodies of its requests.
    batch_error: Callable[[list[dict[str, Any]]], str] = lambda bodies: ""
    most_at_once: int = 0
    log: Path | None = None
    _now: int = 0


def texts(body: dict[str, Any], start: int) -> list[str]:
    """As many texts as the prompt asks for, different for each request."""
    asked = (body.get("messages") or body["input"])[-1]["content"]
    count = int((re.search(r"(\d+) (?:different|new) texts|in (\d+) ways", asked) or re.match(r"()()", "")).group(1) or 3)
    return [
        f"In note {start}-{line} he {' '.join(WORDS[(start + line + k) % len(WORDS)] for k in range(9))}."
        for line in range(count)
    ]


def completion(body: dict[str, Any], content: str | None, **choice: Any) -> dict[str, Any]:
    """A chat completion as OpenAI's reference shows it."""
    message = {"role": "assistant", "content": content, **choice.pop("message", {})}
    return {
        "id": "chatcmpl-1", "object": "chat.completion", "created": 0, "model": choice.pop("model", body["model"]),
        "choices": [{"index": 0, "message": message, "finish_reason": choice.pop("finish_reason", "stop")}],
        "usage": {**TOKENS, "total_tokens": sum(TOKENS.values())}, **choice,
    }  # fmt: skip


def as_json(found: list[str]) -> str:
    return json.dumps({"examples": [{"text": text, "also": []} for text in found]})


def obliging(llm: Llm, number: int, body: dict[str, Any]) -> Reply:
    """Ten good texts to each request."""
    return Reply(body=completion(body, as_json(texts(body, number))))


@contextmanager
def serving(script: Callable[..., Reply | None] = obliging, **given: Any) -> Iterator[Llm]:
    """The server, until the block ends; the first script that returns None leaves a request to `obliging`."""
    llm = Llm(script, **given)
    ready, over = threading.Event(), threading.Event()

    async def main() -> None:
        server = await asyncio.start_server(lambda reader, writer: _connection(llm, reader, writer), "127.0.0.1", 0)
        llm.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        ready.set()
        while not over.is_set():
            await asyncio.sleep(0.02)
        server.close()

    # asyncio.run ends the connections that are still open.
    thread = threading.Thread(target=lambda: asyncio.run(main()), daemon=True)
    thread.start()
    ready.wait()
    try:
        yield llm
    finally:
        over.set()
        thread.join()


async def _connection(llm: Llm, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            first, *rest = head.decode().split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in rest if line)}
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            method, path, _ = first.split(" ")
            if not await _answer(llm, method, path.partition("?")[0], headers, body, reader, writer):
                return
    except (asyncio.IncompleteReadError, ConnectionError):
        return
    finally:
        writer.close()


async def _answer(llm: Llm, method: str, path: str, headers: dict[str, str], body: bytes, reader: Any, writer: Any) -> bool:
    if not path.endswith(("/chat/completions", "/responses")):
        return await _write(writer, _side(llm, method, path, headers, body))
    asked = json.loads(body)
    llm.requests.append(asked)
    llm.headers.append(headers)
    number, began = len(llm.requests) - 1, time.time()
    llm._now += 1
    llm.most_at_once = max(llm.most_at_once, llm._now)
    reply = llm.script(llm, number, asked) or obliging(llm, number, asked)
    await asyncio.sleep(reply.delay or llm.latency)
    llm._now -= 1
    if reader.at_eof():
        # The client is gone: nothing is answered.
        return False
    kept = await _write(writer, reply)
    if reply.status == 200 and not reply.fault:
        _note(llm, began, f"{asked['model']} {headers.get('idempotency-key', '')}")
    return kept


def _note(llm: Llm, began: float, what: str) -> None:
    llm.answered.append(what)
    if llm.log:
        with llm.log.open("a") as file:
            file.write(json.dumps([what, began]) + "\n")


async def _write(writer: asyncio.StreamWriter, reply: Reply) -> bool:
    if reply.fault == "reset":
        writer.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()
        return False
    body = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
    head = {"Content-Type": "application/json", "Content-Length": str(len(body)), **reply.headers}
    writer.write(
        f"HTTP/1.1 {reply.status} X\r\n{''.join(f'{k}: {v}' + chr(13) + chr(10) for k, v in head.items())}\r\n".encode()
    )
    if reply.fault == "drip":
        for start in range(len(body)):
            writer.write(body[start : start + 1])
            await writer.drain()
            await asyncio.sleep(0.1)
    writer.write(body if reply.fault != "drip" else b"")
    await writer.drain()
    return True


def _side(llm: Llm, method: str, path: str, headers: dict[str, str], body: bytes) -> Reply:
    """Files and batches."""
    parts = path.removeprefix("/v1/").split("/")
    if parts == ["files"] and method == "POST":
        boundary = headers["content-type"].partition("boundary=")[2].encode()
        content = next(part for part in body.split(b"--" + boundary) if b"filename=" in part).partition(b"\r\n\r\n")[2]
        name = f"file-{len(llm.files)}"
        llm.files[name] = content.removesuffix(b"\r\n").decode()
        return Reply(body={"id": name, "object": "file", "bytes": 1, "created_at": 0, "filename": "b", "purpose": "batch"})
    if parts[0] == "files":
        return Reply(body=llm.files[parts[1]].encode(), headers={"Content-Type": "application/octet-stream"})
    if parts == ["batches"] and method == "POST":
        given = json.loads(body)
        number = f"batch_{len(llm.batches)}"
        llm.batches[number] = {"id": number, "object": "batch", "status": "in_progress", "created_at": 0, "polls": 0, **given}
        return Reply(body=llm.batches[number])
    if parts == ["batches"]:
        return Reply(body={"object": "list", "data": list(llm.batches.values()), "has_more": False})
    found = llm.batches[parts[1]]
    found["polls"] += 1
    if found["polls"] >= llm.batch_polls and found["status"] == "in_progress":
        _work_off(llm, found)
    return Reply(body=found)


def _work_off(llm: Llm, batch: dict[str, Any]) -> None:
    lines: list[dict[str, Any]] = []
    bodies = [json.loads(line)["body"] for line in llm.files[batch["input_file_id"]].splitlines()]
    if said := llm.batch_error(bodies):
        batch |= {"status": "failed", "errors": {"object": "list", "data": [{"code": "invalid", "message": said}]}}
        return
    for line in llm.files[batch["input_file_id"]].splitlines():
        row = json.loads(line)
        llm.requests.append(row["body"])
        reply = llm.script(llm, len(llm.requests) - 1, row["body"]) or obliging(llm, len(llm.requests) - 1, row["body"])
        lines.append({"custom_id": row["custom_id"], "response": {"status_code": reply.status, "body": reply.body}})
    name = f"file-{len(llm.files)}"
    llm.files[name] = "\n".join(json.dumps(line) for line in lines)
    batch |= {"status": "completed", "output_file_id": name}


def main() -> None:
    """Serves until it is killed; prints its address first."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--latency", type=float, default=0.0)
    parser.add_argument("--log", type=Path)
    given = parser.parse_args()
    with serving(latency=given.latency, log=given.log) as llm:
        print(llm.address, flush=True)
        while True:
            time.sleep(3600)


if __name__ == "__main__":
    main()
