"""A hub on loopback: the part of the Hugging Face hub's protocol that reading a small repository needs."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import PurePosixPath
from urllib.parse import parse_qs, unquote, urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"
REVISIONS = ("main", "v1", COMMIT)


@dataclass
class Hub:
    """One repository, and the requests that were made for it: (method, path)."""

    repo: str
    files: Mapping[str, bytes]
    kind: str = "datasets"
    endpoint: str = ""
    requests: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Reply:
    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@contextmanager
def serving(repo: str, files: Mapping[str, bytes], *, kind: str = "datasets") -> Iterator[Hub]:
    """The repository of datasets or models, served until the block ends."""
    hub = Hub(repo, files, kind)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(hub))
    hub.endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(hub: Hub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            url = urlsplit(self.path)
            hub.requests.append((self.command, unquote(url.path)))
            reply = _reply(hub, self.path, body, self.headers.get("Range"))
            self.send_response(reply.status)
            for name, value in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(reply.body)

        do_GET = do_HEAD = do_POST = answer  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Says nothing: a test's output is pytest's."""

    return Handler


def _reply(hub: Hub, target: str, body: bytes, span: str | None) -> Reply:
    url = urlsplit(target)
    path = unquote(url.path)
    # Models were there first: their pages have no word of their own.
    page = "" if hub.kind == "models" else f"/{hub.kind}"
    api, files = f"/api/{hub.kind}/{hub.repo}", f"{page}/{hub.repo}/resolve/"
    if path.startswith(files):
        revision, _, name = path.removeprefix(files).partition("/")
        return _file(hub, revision, name, span)
    if path == api:
        return _json(_info(hub))
    if path.startswith(f"{api}/"):
        verb, _, rest = path.removeprefix(f"{api}/").partition("/")
        revision, _, folder = rest.partition("/")
        if revision not in REVISIONS:
            return Reply(404, headers={"X-Error-Code": "RevisionNotFound"})
        if verb == "tree":
            return _tree(hub, folder, recursive=parse_qs(url.query).get("recursive", ["false"]) != ["false"])
        return _json(_info(hub) if verb == "revision" else [e for e in _entries(hub) if e["path"] in _paths(body)])
    # The hub says so to whoever may not know whether the name is taken.
    return Reply(401, headers={"X-Error-Code": "RepoNotFound", "X-Error-Message": "Repository not found"})


def _file(hub: Hub, revision: str, name: str, span: str | None) -> Reply:
    if revision not in REVISIONS:
        return Reply(404, headers={"X-Error-Code": "RevisionNotFound"})
    known = {"X-Repo-Commit": COMMIT, "Accept-Ranges": "bytes"}
    if name not in hub.files:
        return Reply(404, headers={**known, "X-Error-Code": "EntryNotFound"})
    content = hub.files[name]
    known["ETag"] = f'"{_oid(name)}"'
    if span is None:
        return Reply(200, content, known)
    first, _, last = span.removeprefix("bytes=").partition("-")
    start, stop = int(first), min(int(last or len(content)) + 1, len(content))
    return Reply(206, content[start:stop], {**known, "Content-Range": f"bytes {start}-{stop - 1}/{len(content)}"})


def _info(hub: Hub) -> dict[str, object]:
    siblings = [{"rfilename": name} for name in hub.files]
    return {"id": hub.repo, "sha": COMMIT, "private": False, "tags": [], "siblings": siblings}


def _entries(hub: Hub) -> list[dict[str, object]]:
    """Each file and each folder of the repository, as the hub describes it."""
    folders = {str(parent) for name in hub.files for parent in PurePosixPath(name).parents} - {"."}
    found = [{"type": "directory", "path": name, "size": 0, "oid": _oid(name)} for name in sorted(folders)]
    return found + [{"type": "file", "path": name, "size": len(hub.files[name]), "oid": _oid(name)} for name in hub.files]


def _tree(hub: Hub, folder: str, *, recursive: bool) -> Reply:
    inside = [entry for entry in _entries(hub) if PurePosixPath(folder or ".") in PurePosixPath(str(entry["path"])).parents]
    if folder and not inside:
        return Reply(404, headers={"X-Error-Code": "EntryNotFound"})
    depth = len(PurePosixPath(folder or ".").parts) + 1
    return _json([entry for entry in inside if recursive or len(PurePosixPath(str(entry["path"])).parts) == depth])


def _paths(body: bytes) -> list[str]:
    text = body.decode()
    return json.loads(text)["paths"] if text.startswith("{") else parse_qs(text).get("paths", [])


def _json(value: object) -> Reply:
    return Reply(200, json.dumps(value).encode(), {"Content-Type": "application/json"})


def _oid(name: str) -> str:
    return name.encode().hex().ljust(40, "0")[:40]
