"""The server of the review page: one text at a time, on this machine only; an answer is on disk before the page calls it saved.

Raters stay blind: the browser gets nothing of an item but `id`, `text` and `criterion`.
"""

import json
import socket
import sys
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from types import FrameType
from typing import TYPE_CHECKING, Any

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from synthsweep.audit.answer_store import AnswerStore
from synthsweep.audit.items import LONGEST_NAME, LONGEST_NOTE, Answer, Audit, checked_answer, rater_name
from synthsweep.audit.page.guard import NONCE, Guard
from synthsweep.audit.stats.consensus import raters_of
from synthsweep.errors import AuditError, StorageError
from synthsweep.loopback import HOST
from synthsweep.messages import first_line
from synthsweep.pages.page import rendered

if TYPE_CHECKING:
    from starlette.types import ASGIApp, ExceptionHandler

LARGEST_BODY = 64_000
FIELDS = {"rater": str, "item": str, "verdict": str, "shows": list, "note": str}


def serve(audit: Audit, store: AnswerStore, port: int, command: str) -> None:
    """Serves the page until the process is asked to stop; `command` imports the answers.

    Raises:
        AuditError: the port is not available.
    """
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as listener, suppress(KeyboardInterrupt):
        if sys.platform != "win32":
            # Without this, the port stays blocked for a minute after a kill.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except OSError as error:
            raise AuditError(f"audit.port={port} cannot be had ({error.strerror}): audit.port=OTHER takes another") from error
        make_server(audit, store, port, command).run(sockets=[listener])


def make_server(audit: Audit, store: AnswerStore, port: int, command: str) -> uvicorn.Server:
    """A server that does not send its name and does not trust headers that claim another client address."""
    config = uvicorn.Config(
        make_application(audit, store, port, command),
        host=HOST,
        port=port,
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=5,
    )
    return _ReviewServer(config)


class _ReviewServer(uvicorn.Server):
    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stops without raising the signal again (uvicorn would do so): stopping the page is not a failure."""
        self.force_exit = self.should_exit
        self.should_exit = True


def make_application(audit: Audit, store: AnswerStore, port: int, command: str) -> Starlette:
    """The page, its items, and the route that saves answers."""
    review = _Endpoints(audit, store, command)
    routes = [
        Route("/", review.page, methods=["GET"]),
        Route("/items", review.items, methods=["GET"]),
        Route("/answers", review.save, methods=["PUT"]),
    ]
    handlers: Mapping[Any, ExceptionHandler] = {
        _RequestRefused: lambda _, error: _error(error, getattr(error, "status", 400)),
        AuditError: lambda _, error: _error(error, 400),
        StorageError: lambda _, error: _error(error, 503),
        ClientDisconnect: lambda _, error: _error(error, 400),
    }
    return _GuardedApplication(port, routes=routes, exception_handlers=handlers)


class _GuardedApplication(Starlette):
    """Starlette behind the guard, which comes before Starlette's error handling."""

    def __init__(self, port: int, **options: Any) -> None:
        super().__init__(**options)
        self.port = port

    def build_middleware_stack(self) -> "ASGIApp":
        return Guard(super().build_middleware_stack(), self.port)


class _RequestRefused(Exception):  # noqa: N818
    """A refused request, with its status and one line of text."""

    def __init__(self, status: int, line: str) -> None:
        super().__init__(line)
        self.status = status


@dataclass(frozen=True)
class _Endpoints:
    audit: Audit
    store: AnswerStore
    command: str

    async def page(self, request: Request) -> Response:
        raters = raters_of(await run_in_threadpool(self.store.all))
        values = {
            "nonce": request.scope[NONCE],
            "raters": raters,
            "command": self.command,
            "longest_name": LONGEST_NAME,
            "longest_note": LONGEST_NOTE,
        }
        return HTMLResponse(rendered("audit/page", "review.html.j2", values))

    async def items(self, request: Request) -> Response:
        name = rater_name(request.query_params.get("rater", ""))
        rater = await run_in_threadpool(self.store.rater, name)
        answers = await run_in_threadpool(self.store.all)
        return _json(
            {
                "rater": rater,
                "kind": self.audit.labels.kind,
                "items": [{"id": item.id, "text": item.text, "criterion": item.criterion} for item in self.audit.items],
                "criteria": [
                    {"id": one.id, "name": one.name, "description": one.description} for one in self.audit.labels.criteria
                ],
                "answers": [
                    {"item": one.item, "verdict": one.verdict, "shows": sorted(one.shows), "note": one.note}
                    for one in answers
                    if one.rater == rater
                ],
            }
        )

    async def save(self, request: Request) -> Response:
        answer = self.checked(parse_answer(await _body(request)))
        kept = await run_in_threadpool(self.store.save, answer)
        return _json({"saved": kept.item, "rater": kept.rater})

    def checked(self, answer: Answer) -> Answer:
        """The checked answer, if the audit has its item."""
        item = self.audit.item(answer.item)
        if item is None:
            raise _RequestRefused(404, f"item {answer.item[:40]!r} is none of this audit: is another one open on this port?")
        return checked_answer(answer, item, self.audit.labels)


def parse_answer(body: bytes) -> Answer:
    """The answer in the body of a request.

    Raises:
        AuditError: the body is not an answer.
    """
    try:
        given = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise AuditError("answer must be JSON") from error
    if not isinstance(given, dict) or set(given) != set(FIELDS):
        raise AuditError(f"answer must have {', '.join(FIELDS)}, and nothing else")
    wrong = next((name for name, kind in FIELDS.items() if not isinstance(given[name], kind)), None)
    if wrong or not all(isinstance(label, str) for label in given["shows"]):
        raise AuditError(f"{wrong or 'shows'} must be {'text' if FIELDS[wrong or 'shows'] is str else 'a list of texts'}")
    note = given["note"]
    if "\0" in note or any("\ud800" <= letter <= "\udfff" for letter in note):
        raise AuditError("note must be text")
    return Answer(given["item"], rater_name(given["rater"]), given["verdict"], frozenset(given["shows"]), note.strip())


async def _body(request: Request) -> bytes:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise _RequestRefused(415, f"content-type must be application/json, got {kind[:40]!r}")
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise _RequestRefused(413, f"answer must be at most {LARGEST_BODY} bytes")
    return body


def _error(error: Exception, status: int) -> Response:
    return _json({"error": first_line(error)}, status)


def _json(value: dict[str, Any], status: int = 200) -> Response:
    # ASCII, since a text may hold surrogates, which UTF-8 cannot encode.
    return Response(json.dumps(value), status, media_type="application/json")
