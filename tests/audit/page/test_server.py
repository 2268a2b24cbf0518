"""The review page behind its guard: a real server on loopback, asked by hand."""

import http.client
import json
import socket
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import psutil
import pytest

from support import audits
from support.patience import LIMIT_S
from synthsweep.audit.answer_store import AnswerStore
from synthsweep.audit.items import LONGEST_NOTE, Answer, Audit
from synthsweep.audit.page.guard import refusal_reason
from synthsweep.audit.page.server import LARGEST_BODY, make_server, parse_answer, serve
from synthsweep.errors import AuditError

AUDIT = audits.small(14, real=2, planted=2)
FIRST = AUDIT.items[0]
OTHER = next(label for label in AUDIT.labels.ids if label != FIRST.criterion)
JSON = {"Content-Type": "application/json"}


class Reply(NamedTuple):
    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


class Asked(NamedTuple):
    """A server on loopback, with its port and its store."""

    port: int
    store: AnswerStore

    def __call__(self, path: str, method: str = "GET", body: Any = None, **headers: str) -> Reply:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=LIMIT_S)) as connection:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, named)
            reply = connection.getresponse()
            return Reply(reply.status, {k.lower(): v for k, v in reply.getheaders()}, reply.read().decode())

    def put(self, **changed: Any) -> Reply:
        return self("/answers", "PUT", json.dumps(answer(**changed)), Content_Type="application/json")


def answer(**changed: Any) -> dict[str, Any]:
    return {"rater": "Anna", "item": FIRST.id, "verdict": "right", "shows": [], "note": ""} | changed


@contextmanager
def served(audit: Audit, store: AnswerStore) -> Iterator[Asked]:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        port = listener.getsockname()[1]
        server = make_server(audit, store, port, "synthsweep audit import")
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        yield Asked(port, store)
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    with served(AUDIT, AnswerStore(tmp_path_factory.mktemp("review") / "answers.db")) as server:
        yield server


@pytest.fixture(autouse=True)
def nothing_answered(asked: Asked) -> None:
    if asked.store.path.exists():
        with closing(sqlite3.connect(asked.store.path)) as database, database:
            database.execute("DELETE FROM answers")


def test_a_saved_answer_is_on_disk(asked: Asked) -> None:
    """Before the server replies; the rater's answers come back with the items."""

    assert asked.put(shows=[OTHER], note=" a remark ").status == 200
    assert asked.store.all() == [Answer(FIRST.id, "Anna", "right", frozenset({OTHER}), "a remark")]
    given = [{"item": FIRST.id, "verdict": "right", "shows": [OTHER], "note": "a remark"}]
    assert asked("/items?rater=Anna").json["answers"] == given


def test_an_answer_can_be_changed(asked: Asked) -> None:
    """The later one stands in the place of the earlier one."""
    asked.put(note="first")
    asked.put(verdict="unsure")

    assert asked.store.all() == [Answer(FIRST.id, "Anna", "unsure")]


def test_a_right_text_shows_the_criterion_without_a_mark(asked: Asked) -> None:
    """A mark at the criterion in question repeats the verdict, and is not stored."""
    asked.put(shows=[FIRST.criterion, OTHER])

    assert [one.shows for one in asked.store.all()] == [frozenset({OTHER})]


def test_items_come_in_the_order_of_the_audit(asked: Asked) -> None:
    """With the criteria, their names and what they mean."""
    given = asked("/items?rater=Anna").json

    assert [item["id"] for item in given["items"]] == [item.id for item in AUDIT.items]
    wanted = [[one.id, one.name, one.description] for one in AUDIT.labels.criteria]
    assert [[*one.values()] for one in given["criteria"]] == wanted


def test_the_browser_learns_nothing_that_would_tell(asked: Asked) -> None:
    """No response holds an LLM, prompt, kind of item, label or example, refusals included."""
    asked.put()
    replies = [asked("/"), asked("/items?rater=Anna"), asked.put(), asked.put(item="none"), asked.put(verdict="none")]
    sent = "\n".join(f"{reply.headers}{reply.text}" for reply in replies)
    secrets = {word for item in AUDIT.items for word in (item.llm, item.prompt, item.example) if word}

    assert [word for word in (*secrets, "planted", "sample") if word in sent] == []
    assert [set(item) for item in replies[1].json["items"]] == [{"id", "text", "criterion"}] * len(AUDIT.items)
    assert set(replies[1].json) == {"rater", "items", "criteria", "answers", "kind"}


def test_raters_see_their_own_answers_alone(asked: Asked) -> None:
    """Two raters of one item keep one answer each."""
    asked.put()
    asked.put(rater="Bert", verdict="wrong", note="not at all")

    assert [one["verdict"] for one in asked("/items?rater=Anna").json["answers"]] == ["right"]
    assert "not at all" not in asked("/items?rater=Anna").text
    assert [one["verdict"] for one in asked("/items?rater=Bert").json["answers"]] == ["wrong"]


def test_a_rater_goes_on_in_any_case(asked: Asked) -> None:
    """ANNA is Anna: she finds her answers, and adds to them under the name that she gave first."""
    asked.put()
    asked.put(rater=" ANNA ", item=AUDIT.items[1].id)

    assert [one.rater for one in asked.store.all()] == ["Anna", "Anna"]
    found = asked("/items?rater=anna").json
    assert (found["rater"], len(found["answers"])) == ("Anna", 2)


def test_two_raters_of_one_name_at_once_are_one(asked: Asked) -> None:
    """Names that differ by case stay one name if both give their first answer at the same moment."""
    threads = [threading.Thread(target=asked.put, kwargs={"rater": name}) for name in ("Anna", "ANNA", "anna", "aNNa")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(asked.store.all()) == 1


def test_known_raters_are_offered(asked: Asked) -> None:
    """A name that looks like markup is shown as a name."""
    asked.put(rater="<b>Anna</b>")
    page = asked("/").text

    assert "&lt;b&gt;Anna&lt;/b&gt;" in page
    assert "<b>Anna" not in page


@pytest.mark.parametrize(
    ("changed", "status", "message"),
    [
        ({"item": "none"}, 404, "item 'none' is none of this audit: is another one open on this port?"),
        ({"rater": "  "}, 400, "rater must say who answered, got nothing"),
        ({"rater": "x" * 61}, 400, f"rater must be a name of at most 60 letters, got '{'x' * 60}'"),
        ({"rater": 7}, 400, "rater must be text"),
        ({"verdict": "maybe"}, 400, "verdict must be right, wrong, unsure, got 'maybe'"),
        ({"verdict": None}, 400, "verdict must be text"),
        ({"shows": ["Z9"]}, 400, "shows must name criteria (A1, A2, A3, B1, B2, B3, B4), got 'Z9'"),
        ({"shows": [["A1"]]}, 400, "shows must be a list of texts"),
        ({"shows": "A2"}, 400, "shows must be a list of texts"),
        ({"note": "x" * (LONGEST_NOTE + 1)}, 400, f"note must be at most {LONGEST_NOTE} letters, got {LONGEST_NOTE + 1}"),
        ({"note": "\ud800"}, 400, "note must be text"),
        ({"llm": "llm-one"}, 400, "answer must have rater, item, verdict, shows, note, and nothing else"),
    ],
)
def test_an_answer_that_means_nothing_is_refused(asked: Asked, changed: dict[str, Any], status: int, message: str) -> None:
    """With one line that names the field, and nothing is kept."""
    reply = asked.put(**changed)

    assert (reply.status, reply.json) == (status, {"error": message})
    assert asked.store.all() == []


def test_a_verdict_that_its_marks_deny_is_refused(asked: Asked) -> None:
    """Wrong, and yet the asked criterion is marked: one of the two is a slip."""
    reply = asked.put(verdict="wrong", shows=[FIRST.criterion])

    assert reply.status == 400
    assert "one of the two is a slip" in reply.json["error"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7", b"\xff\xfe", b"[" * 50_000, b'{"rater": "Anna"}'])
def test_what_is_no_answer_is_refused(body: bytes) -> None:
    """Whatever arrives, it ends in an error that says so."""

    with pytest.raises(AuditError, match=r"^answer must "):
        parse_answer(body)


def test_a_large_body_is_refused(asked: Asked) -> None:
    """413 above 64 kB, with and without a Content-Length."""
    body = json.dumps(answer(note="x" * LARGEST_BODY))

    assert asked("/answers", "PUT", body, **{"Content-Type": "application/json"}).status == 413
    chunks = iter([body[:40_000].encode(), body[40_000:].encode()])
    assert asked("/answers", "PUT", chunks, **{"Content-Type": "application/json"}).status == 413


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_a_body_that_a_form_can_send_is_refused(asked: Asked, kind: str) -> None:
    """415: other pages can send these content types without a preflight request."""

    assert asked("/answers", "PUT", json.dumps(answer()), Content_Type=kind).status == 415


def test_other_ways_in_are_closed(asked: Asked) -> None:
    """Answers arrive by PUT; there is no other route."""

    assert asked("/answers", "POST", json.dumps(answer()), **JSON).status == 405
    assert asked("/key.json").status == 404
    assert asked("/../key.json").status == 404


def test_a_broken_store_is_reported(tmp_path: Path) -> None:
    """503 with its line, and the page keeps the answer: nothing was saved."""
    (tmp_path / "answers.db").mkdir()
    with served(AUDIT, AnswerStore(tmp_path / "answers.db")) as broken:
        reply = broken.put()

    assert reply.status == 503
    assert "answers cannot be kept or read" in reply.json["error"]


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost.x:{port}", "[::1]:{port}", ""])
def test_a_foreign_host_is_refused(asked: Asked, host: str) -> None:
    """A name server that calls this machine by another name gets one line, on any path."""
    for path in ("/", "/items?rater=Anna", "/answers"):
        reply = asked(path, Host=host.format(port=asked.port))

        assert (reply.status, len(reply.text.splitlines())) == (403, 1)


@pytest.mark.parametrize("host", ["127.0.0.1:{port}", "localhost:{port}", "LOCALHOST:{port}"])
def test_its_own_hosts_are_let_in(asked: Asked, host: str) -> None:
    """Both names of loopback, as a browser may write them."""

    assert asked("/", Host=host.format(port=asked.port)).status == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://127.0.0.1:{port}", "http://127.0.0.1:1", ""])
def test_a_foreign_origin_is_refused(asked: Asked, origin: str) -> None:
    """A page of another origin writes nothing, and neither does one without any."""
    reply = asked("/answers", "PUT", json.dumps(answer()), Origin=origin.format(port=asked.port), **JSON)

    assert reply.status == 403
    assert asked.store.all() == []


def test_its_own_origin_is_let_in(asked: Asked) -> None:
    """As a browser sends it with a write of the page itself."""
    origin = f"http://localhost:{asked.port}"

    assert asked("/answers", "PUT", json.dumps(answer()), Origin=origin, Sec_Fetch_Site="same-origin", **JSON).status == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site", "what-comes-next"])
@pytest.mark.parametrize(
    ("path", "mode", "dest", "status"),
    [
        ("/", "navigate", "document", 200),
        ("/?rater=Anna", "navigate", "document", 200),
        ("/", "navigate", "iframe", 403),
        ("/", "no-cors", "script", 403),
        ("/items?rater=Anna", "navigate", "document", 403),
        ("/items?rater=Anna", "cors", "empty", 403),
    ],
)
def test_other_sites_can_link_to_the_page_and_no_more(
    asked: Asked, site: str, path: str, mode: str, dest: str, status: int
) -> None:
    """A link opens the page; a frame, a script or a fetch of another site gets nothing. Another port is another site."""

    assert asked(path, Sec_Fetch_Site=site, Sec_Fetch_Mode=mode, Sec_Fetch_Dest=dest).status == status


@pytest.mark.parametrize("client", [("192.0.2.7", 4000), ("::ffff:192.0.2.7", 4000), ("", 0), None])
def test_a_client_that_is_not_on_this_machine_is_refused(client: tuple[str, int] | None) -> None:
    """Even if something lets it through to the server, and it knows the name of the host."""
    scope = {"method": "GET", "path": "/", "headers": [(b"host", b"localhost:5050")], "client": client}

    assert refusal_reason(scope, frozenset({"localhost:5050"})) == "only this machine may ask"
    assert refusal_reason({**scope, "client": ("127.0.0.1", 4000)}, frozenset({"localhost:5050"})) == ""


def test_a_forwarded_client_is_not_believed(asked: Asked) -> None:
    """There is no proxy, so a header that names another client changes nothing."""

    assert asked("/", X_Forwarded_For="192.0.2.7", X_Forwarded_Proto="https").status == 200


def test_nobody_hears_beyond_loopback(asked: Asked) -> None:
    """At another address of this machine nobody listens on the port."""
    found = [address.address for each in psutil.net_if_addrs().values() for address in each if address.family == socket.AF_INET]
    own = [address for address in found if not address.startswith("127.")]
    if not own:
        pytest.skip("this machine has no other address")

    with pytest.raises(OSError, match="refused"):
        socket.create_connection((own[0], asked.port), timeout=5)


@pytest.mark.parametrize(
    ("path", "headers"),
    [("/", {}), ("/items?rater=Anna", {}), ("/items", {}), ("/nothing", {}), ("/", {"Host": "evil.example"})],
)
def test_every_response_is_secured(asked: Asked, path: str, headers: dict[str, str]) -> None:
    """Errors and refusals too; nothing says which server it is."""
    found = asked(path, **headers).headers

    assert found["content-security-policy"].startswith("default-src 'none'; script-src 'nonce-")
    assert "frame-ancestors 'none'; form-action 'self'; base-uri 'none'" in found["content-security-policy"]
    wanted = {"nosniff", "no-referrer", "no-store", "same-origin", "DENY"}
    assert wanted <= set(found.values())
    assert "server" not in found


def test_a_nonce_is_used_once(asked: Asked) -> None:
    """Each page has its own, and its style and script carry it."""
    pages = [asked("/"), asked("/")]
    nonces = [page.headers["content-security-policy"].split("'nonce-")[1].split("'")[0] for page in pages]

    assert len(set(nonces)) == 2
    assert [page.text.count(f'nonce="{nonce}"') for page, nonce in zip(pages, nonces, strict=True)] == [2, 2]


def test_the_page_puts_texts_in_as_text(asked: Asked) -> None:
    """No markup is ever made of what a text says, and nothing is loaded from elsewhere."""
    page = asked("/").text

    assert [word for word in ("innerHTML", "insertAdjacentHTML", "document.write", "eval(", "src=") if word in page] == []


def test_a_text_that_utf8_cannot_hold_is_shown(tmp_path: Path) -> None:
    """Half a letter, as a broken file may bring it, breaks no page."""
    odd = audits.small(1)
    broken = Audit("odd", odd.labels, (type(odd.items[0])("i1", "half \ud83d", "A1", "sample", "e", frozenset()),), {})
    with served(broken, AnswerStore(tmp_path / "answers.db")) as one:
        assert one("/items?rater=Anna").json["items"][0]["text"] == "half \ud83d"


def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    """One line that names the key."""
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(AuditError, match=rf"^audit.port={port} cannot be had \(.*\): audit.port=OTHER takes another$"):
            serve(AUDIT, AnswerStore(tmp_path / "answers.db"), port, "")
