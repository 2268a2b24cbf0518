"""The review page in a browser, with its server as a process that gets killed."""

import dataclasses
import http.client
import http.server
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from support import audits
from support.chromium import broken_rules
from support.patience import LIMIT_S
from synthsweep.audit.answer_store import AnswerStore
from synthsweep.audit.folder import open_answers, write_audit
from synthsweep.audit.items import Answer, Audit
from synthsweep.examples import Criterion, LabelSet

pytestmark = pytest.mark.slow

AUDIT = audits.small(30, real=2, planted=2)
FIVE = audits.small(5)
PROGRAM = """
import sys
from pathlib import Path
from synthsweep.audit.folder import open_answers, read_audit
from synthsweep.audit.page.server import serve
folder = Path(sys.argv[1])
serve(read_audit(folder), open_answers(folder), int(sys.argv[2]), "synthsweep audit import audit.name=small")
print("stopped")
"""
WRITE = """
async (port) => {
  const body = JSON.stringify({rater: "Eve", item: "ITEM", verdict: "right", shows: [], note: ""});
  const url = `http://127.0.0.1:${port}/answers`, seen = [];
  for (const [method, kind, mode] of [
    ["PUT", "application/json", "cors"], ["POST", "application/json", "cors"], ["POST", "text/plain", "no-cors"],
    ["POST", "text/plain", "cors"],
  ]) {
    try {
      const reply = await fetch(url, {method, mode, body, headers: {"Content-Type": kind}});
      seen.push(reply.type === "opaque" ? "opaque" : await reply.text());
    } catch { seen.push("failed"); }
  }
  try { seen.push(await (await fetch(`http://127.0.0.1:${port}/items?rater=Anna`)).text()); } catch { seen.push("failed"); }
  return seen;
}
"""


@dataclasses.dataclass
class Reviewed:
    """An audit on disk, and the process that serves its page."""

    folder: Path
    port: int
    process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    @property
    def store(self) -> AnswerStore:
        return open_answers(self.folder)

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(self.folder), str(self.port)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
        wait_for(self.answers)

    def answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.process.communicate()[0]
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=LIMIT_S)) as connection:
                connection.request("GET", "/")
                return connection.getresponse().status == 200
        except OSError:
            return False

    def end(self, how: signal.Signals = signal.SIGKILL) -> tuple[int, str]:
        """The exit status, and what it said."""
        assert self.process is not None
        self.process.send_signal(how)
        said = self.process.communicate(timeout=LIMIT_S)[0]
        return self.process.returncode, said


def wait_for(happened: Any) -> None:
    end = time.monotonic() + LIMIT_S
    while not happened():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.05)


@contextmanager
def reviewed(audit: Audit, folder: Path) -> Iterator[Reviewed]:
    write_audit(audit, folder)
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        port = probe.getsockname()[1]
    found = Reviewed(folder, port)
    found.start()
    try:
        yield found
    finally:
        if found.process is not None and found.process.poll() is None:
            found.end()


@pytest.fixture
def review(tmp_path: Path) -> Iterator[Reviewed]:
    with reviewed(AUDIT, tmp_path / "audit") as found:
        yield found


@contextmanager
def opened(browser: Any, url: str, width: int = 1280, height: int = 900, **given: Any) -> Iterator[Any]:
    """A page in a context of its own, that never says anything bad on the console."""
    context = browser.new_context(viewport={"width": width, "height": height}, **given)
    page = context.new_page()
    page.set_default_timeout(LIMIT_S * 1000)
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(url)
    yield page
    context.close()


def begin(page: Any, name: str) -> None:
    page.keyboard.type(name)
    page.keyboard.press("Enter")
    page.locator("#text").wait_for()


def press(page: Any, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def place(page: Any) -> str:
    return str(page.locator("#place").inner_text())


def wait_saved(page: Any) -> None:
    page.locator("#saved", has_text="Saved ✓").wait_for()


def chosen(page: Any) -> list[str]:
    """The buttons that are pressed."""
    return [button.get_attribute("value") for button in page.locator("button[aria-pressed=true]").all()]


def test_twenty_answers_survive_a_kill(browser: Any, review: Reviewed) -> None:
    """By keyboard alone; what is answered while the server is dead is kept by the page, and saved when it is back."""
    verdicts = ["right", "wrong", "unsure"]
    with opened(browser, review.url) as page:
        begin(page, "Anna")
        for number in range(20):
            if number == 12:
                wait_saved(page)
                review.end()
            press(page, str(number % 3 + 1), *(["Enter"] if number < 19 else []))
        page.locator("#trouble").wait_for()
        assert page.locator("#trouble").inner_text().startswith("Not saved: ")
        assert len(review.store.all()) == 12
        review.start()
        page.locator("#trouble").wait_for(state="hidden")
        wait_saved(page)
        page.reload()
        page.locator("#text").wait_for()

        assert (place(page), chosen(page)) == ("21 of 34", [])
    wanted = {item.id: verdicts[number % 3] for number, item in enumerate(AUDIT.items[:20])}
    assert {answer.item: answer.verdict for answer in review.store.all()} == wanted


def test_an_unsaved_answer_outlives_a_reload(browser: Any, review: Reviewed) -> None:
    """The page warns; who leaves all the same finds it again in the same tab, and a note without a verdict too."""
    warned = []
    with opened(browser, review.url) as page:
        page.on("dialog", lambda dialog: warned.append(dialog.type))
        begin(page, "Anna")
        press(page, "1", "Enter")
        wait_saved(page)
        review.end()
        press(page, "2", "n")
        page.keyboard.type("said while nobody listened")
        press(page, "Escape", "Enter", "6", "n")
        page.keyboard.type("not judged yet")
        page.locator("#trouble").wait_for()
        review.process = None
        # Nobody answers while it starts, so the page holds what it has until it is reloaded.
        page.evaluate("() => { window.fetch = () => Promise.reject(new TypeError('held back')); }")
        review.start()
        page.reload()
        page.locator("#text").wait_for()
        wait_for(lambda: len(review.store.all()) == 2)

        assert warned == ["beforeunload"]
        assert place(page) == "3 of 34"
        assert page.locator("#note").input_value() == "not judged yet"
        assert chosen(page) == ["A3"]
    kept = {answer.item: answer for answer in review.store.all()}
    assert kept[AUDIT.items[1].id] == Answer(AUDIT.items[1].id, "Anna", "wrong", frozenset(), "said while nobody listened")


def test_an_answer_is_marked_noted_and_changed(browser: Any, review: Reviewed) -> None:
    """Keys mark and unmark; going back shows what was said; each change is saved at once."""
    first = AUDIT.items[0]
    with opened(browser, review.url) as page:
        begin(page, "Anna")
        # The first item asks for A1: its own key marks nothing.
        press(page, "1", "5", "6", "7", "6", "4", "n")
        page.keyboard.type("456 abc ?")
        press(page, "Escape")
        wait_saved(page)
        assert review.store.all() == [Answer(first.id, "Anna", "right", frozenset({"A2", "B1"}), "456 abc ?")]
        press(page, "ArrowRight", "ArrowLeft")
        assert chosen(page) == ["right", "A2", "B1"]
        assert page.locator("#note").input_value() == "456 abc ?"
        press(page, "2", "5")
        wait_saved(page)

        assert review.store.all() == [Answer(first.id, "Anna", "wrong", frozenset({"B1"}), "456 abc ?")]


def test_a_note_is_saved_after_a_pause(browser: Any, review: Reviewed) -> None:
    with opened(browser, review.url) as page:
        begin(page, "Anna")
        press(page, "3", "n")
        page.keyboard.type("still typing")
        wait_for(lambda: [one.note for one in review.store.all()] == ["still typing"])

        assert page.evaluate("document.activeElement.id") == "note"


def test_keys_are_the_browsers_own_with_a_modifier(browser: Any, review: Reviewed) -> None:
    """Ctrl, Alt and Meta are for the browser, and keys that are turned off do nothing."""
    with opened(browser, review.url) as page:
        begin(page, "Anna 12")
        press(page, "Control+1", "Alt+2", "Meta+3", "Control+5")
        assert chosen(page) == []
        press(page, "?")
        page.get_by_label("Answer with single keys").uncheck()
        press(page, "Escape", "1", "5", "Numpad5")
        assert chosen(page) == []
        page.get_by_role("button", name="Wrong").press("Enter")

        assert chosen(page) == ["wrong"]
        assert place(page) == "1 of 34"


def test_a_digit_is_a_digit_on_any_keyboard(browser: Any, review: Reviewed) -> None:
    """On a number pad that is set to arrows, and where digits need Shift; what is another sign with Shift marks nothing."""
    shifted = {"key": "9", "code": "Digit9", "shiftKey": True}, {"key": "(", "code": "Digit0", "shiftKey": True}
    with opened(browser, review.url) as page:
        begin(page, "Anna")
        press(page, "Numpad2", "Numpad6", "Numpad5")
        for given in ({"key": "è", "code": "Digit7"}, *shifted):
            page.evaluate(
                "given => document.body.dispatchEvent(new KeyboardEvent('keydown', {...given, bubbles: true}))", given
            )

        assert (place(page), chosen(page)) == ("1 of 34", ["wrong", "A2", "A3", "B1", "B3"])


def test_a_wrong_text_is_asked_what_it_shows_instead(browser: Any, review: Reviewed) -> None:
    """Politely, and nothing moves."""
    below = "document.querySelector('#shows').getBoundingClientRect().top"
    with opened(browser, review.url, 390, 700) as page:
        begin(page, "Anna")
        also, top = page.locator("#also"), page.evaluate(below)
        assert (also.get_attribute("aria-live"), also.inner_text()) == ("polite", "It also shows")
        press(page, "2")
        assert also.inner_text() == "What does it show instead? Leave empty if nothing."
        assert page.evaluate(below) == top
        press(page, "3")
        assert also.inner_text() == "It also shows"
        press(page, "2", "ArrowRight")

        assert also.inner_text() == "It also shows"


def test_a_criterion_may_have_no_description(browser: Any, tmp_path: Path) -> None:
    """Nothing stands where it would."""
    labels = LabelSet("bare", (Criterion("A", "one", ""), Criterion("B", "", "")))
    with reviewed(audits.small(2, labels=labels), tmp_path / "audit") as review, opened(browser, review.url) as page:
        begin(page, "Anna")

        assert page.locator("#asked").inner_text().split("\n\n") == ["Criterion", "A one"]
        assert page.locator("#definition").is_hidden()
        assert page.locator("[title='']").count() == 0
        assert broken_rules(page) == []


def test_nothing_is_covered_on_a_phone(browser: Any, review: Reviewed) -> None:
    """Name and progress are seen, the alert is one line, a marked criterion and the end of the page are above the footer."""
    bottom = "name => document.querySelector(name).getBoundingClientRect().bottom"
    with opened(browser, review.url, 390, 700) as page:
        begin(page, "Anna")
        assert [page.locator(name).inner_text() for name in ("#who", "#answered")] == ["Anna", "0 answered"]
        review.end()
        press(page, "2")
        page.locator("#trouble").wait_for()
        assert page.locator("#trouble").inner_text().strip() == "Not saved: keep this page open"
        assert page.locator("#trouble").bounding_box()["height"] < 48
        foot = page.evaluate(bottom, "#foot") - page.locator("#foot").bounding_box()["height"]
        assert foot > page.evaluate(bottom, "#verdicts")
        press(page, "0")
        assert foot > page.evaluate(bottom, "#shows [value=B4]")
        page.locator("#trouble summary").click()
        assert "1 answer is kept here" in page.locator("#trouble").inner_text()
        assert broken_rules(page) == []
        page.evaluate("scrollTo(0, document.body.scrollHeight)")

        assert foot > page.evaluate(bottom, "#note")


def test_the_last_answer_ends_it(browser: Any, tmp_path: Path) -> None:
    """With the command that reads the answers; Enter goes to whatever was left out before."""
    with reviewed(FIVE, tmp_path / "audit") as review, opened(browser, review.url) as page:
        begin(page, "Anna")
        press(page, "ArrowRight", *["1", "Enter"] * 4)
        assert place(page) == "1 of 5"
        press(page, "1")
        assert "Finish" in page.locator("#onward").inner_text()
        press(page, "Enter")
        page.locator("#done").wait_for()
        assert page.locator("#thanks").inner_text() == "All 5 texts are answered. Thank you, Anna."
        assert page.locator("#done code").inner_text() == "synthsweep audit import audit.name=small"
        assert broken_rules(page) == []
        wait_saved(page)
        page.reload()
        page.locator("#done").wait_for()
        page.get_by_role("button", name="Look at them again").click()

        assert (place(page), chosen(page)) == ("1 of 5", ["right"])
        assert len(review.store.all()) == 5


def test_two_raters_work_at_once(browser: Any, review: Reviewed) -> None:
    """Each goes through the texts alone, and sees nothing of the other."""
    with opened(browser, review.url) as anna, opened(browser, review.url) as bert:
        begin(anna, "Anna")
        begin(bert, "Bert")
        for _ in range(8):
            press(anna, "1", "Enter")
            press(bert, "2", "Enter")
        wait_saved(anna)
        wait_saved(bert)
        press(bert, "ArrowLeft")

        assert chosen(bert) == ["wrong"]
        found = [(answer.rater, answer.verdict) for answer in review.store.all()]
        assert found == [("Anna", "right")] * 8 + [("Bert", "wrong")] * 8
        bert.goto(review.url)
        bert.get_by_role("button", name="Anna").click()
        bert.locator("#text").wait_for()
        assert (place(bert), bert.locator("#who").inner_text()) == ("9 of 34", "Anna")


def test_another_site_writes_and_reads_nothing(browser: Any, review: Reviewed, tmp_path: Path) -> None:
    """A page of another port sends requests, forms and frames at it: nothing is kept and nothing is revealed."""
    (tmp_path / "evil").mkdir()
    form = '<form method="post" enctype="text/plain"><input name="a" value="b"></form><iframe></iframe>'
    (tmp_path / "evil" / "index.html").write_text(f"<!doctype html>{form}")
    with elsewhere(tmp_path / "evil") as port, opened(browser, f"http://127.0.0.1:{port}/") as page:
        seen = page.evaluate(WRITE.replace("ITEM", AUDIT.items[0].id), review.port)
        assert seen == ["failed"] * 5
        page.evaluate("url => document.querySelector('iframe').src = url", f"{review.url}?rater=Anna")
        page.wait_for_timeout(500)
        assert not [frame for frame in page.frames if frame.locator("#text").count()]
        with page.expect_navigation() as gone:
            page.evaluate("url => {const f = document.forms[0]; f.action = url; f.submit()}", f"{review.url}answers")
        assert gone.value.status == 403

    assert review.store.all() == []


def test_a_link_from_another_site_opens_the_page(browser: Any, review: Reviewed, tmp_path: Path) -> None:
    """In its own tab."""
    (tmp_path / "kind").mkdir()
    (tmp_path / "kind" / "index.html").write_text(f'<!doctype html><a href="{review.url}">review</a>')
    with elsewhere(tmp_path / "kind") as port, opened(browser, f"http://localhost:{port}/") as page:
        page.locator("a").click()

        page.locator("#rater").wait_for()


@contextmanager
def elsewhere(folder: Path) -> Iterator[int]:
    """Another server on another port of loopback."""

    class Files(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *given: Any) -> None:
            super().__init__(*given, directory=str(folder))

        def log_message(self, format: str, *given: Any) -> None:  # noqa: A002
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Files) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def test_markup_in_a_text_stays_text(browser: Any, tmp_path: Path) -> None:
    """A text, a name, a definition and a note may look like a script: none is run, all are shown as they are."""
    trap = "<img src=x onerror=\"document.title='run'\"></script><script>document.title='run'</script>"
    labels = LabelSet("odd", (Criterion("A", f"name {trap}", trap), Criterion("B", f"other {trap}", trap)))
    items = tuple(dataclasses.replace(item, text=trap) for item in audits.small(2, labels=labels).items)
    audit = dataclasses.replace(audits.small(2, labels=labels), items=items)
    said: list[str] = []
    with reviewed(audit, tmp_path / "audit") as review, opened(browser, review.url) as page:
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        begin(page, trap[:59])
        press(page, "1", "5", "n")
        page.keyboard.type(trap)
        press(page, "Escape")
        wait_saved(page)
        page.reload()
        page.locator("#text").wait_for()
        press(page, "ArrowLeft")

        assert [page.locator("#text").inner_text(), page.locator("#note").input_value()] == [trap, trap]
        assert page.title() == "1 of 2 · Review"
    assert said == []


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reviewed]:
    """Twenty-eight labels and long texts, a word without end among them."""
    kinds = tuple(Criterion(f"K{i:02}", f"Characteristic number {i} of a longer list", f"what it means {i}") for i in range(28))
    audit = audits.small(6, labels=LabelSet("large", kinds))
    texts = [" ".join([item.text] * 40) + " " + "endless" * 60 for item in audit.items]
    items = tuple(dataclasses.replace(item, text=text) for item, text in zip(audit.items, texts, strict=True))
    with reviewed(dataclasses.replace(audit, items=items), tmp_path_factory.mktemp("large")) as found:
        yield found


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reviewed]:
    with reviewed(AUDIT, tmp_path_factory.mktemp("plain")) as found:
        yield found


@pytest.mark.parametrize(("width", "height"), [(360, 740), (768, 1024), (1280, 900)])
@pytest.mark.parametrize("which", ["plain", "large"])
def test_nobody_is_shut_out(browser: Any, request: pytest.FixtureRequest, which: str, width: int, height: int) -> None:
    """No rule of axe is broken, nothing scrolls sideways, and every button is large enough, on any screen."""
    shown = "[...document.querySelectorAll('button, dialog label, #rater, textarea')].filter(e => e.checkVisibility())"
    small = f"{shown}.filter(e => Math.min(e.offsetWidth, e.offsetHeight) < 44)"
    with opened(browser, request.getfixturevalue(which).url, width, height) as page:
        for step in ((), ("2", "6"), ("?",)):
            if step == ("2", "6"):
                begin(page, f"{which} {width}")
            press(page, *step)
            page.wait_for_timeout(50)

            assert broken_rules(page) == []
            assert page.evaluate("document.documentElement.scrollWidth") == width
            assert page.evaluate(f"{small}.map(e => e.outerHTML)") == []


def test_each_of_many_criteria_has_a_key(browser: Any, large: Reviewed) -> None:
    """Digits that are no verdict, then letters without n: the same key on each text."""
    with opened(browser, large.url) as page:
        begin(page, "Key")
        press(page, "1", "u", "k", "l", "z")
        assert [value for value in chosen(page) if value] == ["right", "K13", "K24", "K25", "K26"]
        assert page.locator("#shows kbd").count() == 27
        press(page, "Enter", "1", "5")

        assert chosen(page) == ["right", "K01"]
        assert page.locator("#shows [value=K01]").get_attribute("title") == "what it means 1"


def test_a_tablet_is_tapped(browser: Any, review: Reviewed) -> None:
    """Without any key: verdict, mark, note, and on."""
    with opened(browser, review.url, 820, 1180, has_touch=True) as page:
        page.locator("#rater").tap()
        begin(page, "Tab")
        page.get_by_role("button", name="Unsure").tap()
        page.locator("#shows [value=A3]").tap()
        page.locator("#note").tap()
        page.keyboard.type("tapped")
        page.get_by_role("button", name="Next unanswered").tap()
        assert place(page) == "2 of 34"
        page.get_by_role("button", name="Previous").tap()
        wait_saved(page)

        assert chosen(page) == ["unsure", "A3"]
        assert review.store.all() == [Answer(AUDIT.items[0].id, "Tab", "unsure", frozenset({"A3"}), "tapped")]


def test_a_name_that_is_none_is_asked_again(browser: Any, review: Reviewed) -> None:
    with opened(browser, f"{review.url}?rater={'x' * 61}") as page:
        page.locator("#refused").wait_for()

        assert re.match("rater must be a name of at most 60 letters", page.locator("#refused").inner_text())


@pytest.mark.parametrize("polite", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_is_no_failure(browser: Any, review: Reviewed, polite: signal.Signals) -> None:
    """Ctrl-C or a polite kill ends it with a page open, without a word; what was said before is kept."""
    with opened(browser, review.url) as page:
        begin(page, "Anna")
        press(page, "1")
        wait_saved(page)

        assert review.end(polite) == (0, "stopped\n")
    assert len(review.store.all()) == 1


def test_of_classes_one_mark_replaces_another_and_only_where_the_asked_one_is_wrong(browser: Any, tmp_path: Path) -> None:
    """Beside a right verdict there is nothing to mark, and what was marked before is taken back."""

    classes = dataclasses.replace(FIVE, labels=dataclasses.replace(FIVE.labels, kind="single"))
    with reviewed(classes, tmp_path / "audit") as found, opened(browser, f"{found.url}?rater=Eve") as page:
        marks = page.locator("#shows button")
        page.locator("#text").wait_for()
        assert page.locator("#besides").is_hidden()
        page.keyboard.press("2")
        marks.nth(0).click()
        marks.nth(1).click()
        pressed = [mark.get_attribute("aria-pressed") for mark in marks.all()]
        other = marks.nth(1).get_attribute("value")
        wait_for(lambda: [answer.shows for answer in found.store.all()] == [{other}])
        page.keyboard.press("1")
        wait_for(lambda: [(answer.verdict, answer.shows) for answer in found.store.all()] == [("right", frozenset())])
        hidden = page.locator("#besides").is_hidden()

    assert pressed[:2] == ["false", "true"]
    assert hidden
