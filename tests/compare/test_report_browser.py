"""The report in a browser: calm, self-contained, readable for everybody, on a phone and on paper."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import answers
from synthsweep.compare.answer import Answer
from synthsweep.compare.report import write_report

pytestmark = pytest.mark.slow

CHROMIUM = shutil.which("chromium")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "best-practice"]}}
BUILD: dict[str, Callable[[], Answer]] = {
    "factorial": answers.factorial,
    "search": answers.search,
    "undefined": answers.undefined,
    "many_labels": lambda: answers.many_labels(count=1),
    "empty": lambda: answers.EMPTY,
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api")
    if CHROMIUM is None:
        pytest.skip("chromium is not installed: apt-get install chromium")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module", params=list(BUILD))
def report(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_report(BUILD[request.param](), tmp_path_factory.mktemp(request.param))


def opened(browser: Any, report: Path, width: int = 1280, height: int = 900) -> Any:
    page = browser.new_page(viewport={"width": width, "height": height})
    page.goto(report.as_uri())
    return page


def test_nothing_is_asked_of_anybody_and_nothing_goes_wrong(browser: Any, report: Path) -> None:
    """No address but the file and what is in it, no error on the console, and every picture is there."""
    page = browser.new_page()
    asked: list[str] = []
    wrong: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: wrong.append(message.text) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(report.as_uri(), wait_until="networkidle")

    assert (wrong, [url for url in asked if not url.startswith(("file:", "data:"))]) == ([], [])
    assert page.evaluate("[...document.images].every(image => image.complete && image.naturalWidth > 100)")
    page.close()


def test_nobody_is_shut_out(browser: Any, report: Path) -> None:
    """No rule of axe is broken, with what is folded unfolded."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page = opened(browser, report, 390)
    page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
    found = axe.Axe().run(page, options=RULES)

    assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found.response["violations"]] == []
    page.close()


@pytest.mark.parametrize("width", [360, 390, 768])
def test_a_small_screen_scrolls_in_one_direction(browser: Any, report: Path, width: int) -> None:
    """What is wide scrolls by itself, the page does not."""
    page = opened(browser, report, width)
    page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")

    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.close()


def test_contents_lead_to_their_section(browser: Any, report: Path) -> None:
    """By keyboard, as any link."""
    page = opened(browser, report)
    page.locator("nav a").last.press("Enter")

    assert page.url.endswith("#again")
    assert page.locator("#again h2").is_visible()
    page.close()


def test_paper_has_what_is_folded_on_the_screen(browser: Any, report: Path, tmp_path: Path) -> None:
    """Printing opens it; the contents, which lead nowhere there, are left out."""
    page = opened(browser, report)
    inside = page.locator("#table-versions")
    assert not inside.is_visible()
    page.emulate_media(media="print")

    assert (inside.is_visible(), page.locator("nav").is_visible()) == (True, False)
    page.pdf(path=tmp_path / "report.pdf", format="A4")
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")
    page.close()
