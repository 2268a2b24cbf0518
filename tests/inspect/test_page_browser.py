"""The page in a browser: self-contained, readable for everybody, on a phone and on paper."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import inspections
from synthsweep.inspect.page import write_page

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
UNFOLD = "document.querySelectorAll('details').forEach(details => details.open = true)"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api")
    if CHROMIUM is None:
        pytest.skip("chromium is not installed: apt-get install chromium")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module", params=["full", "bare", "unmeasured"])
def written(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp(request.param) / "page.html"
    write_page(getattr(inspections, request.param)(), path)
    return path


def opened(browser: Any, written: Path, width: int = 1280) -> Any:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(written.as_uri())
    page.evaluate(UNFOLD)
    return page


def test_nothing_is_asked_of_anybody_and_nothing_goes_wrong(browser: Any, written: Path) -> None:
    """No address but the file and what is in it, no error on the console, and every picture is there."""
    page = browser.new_page()
    asked: list[str] = []
    wrong: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: wrong.append(message.text) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(written.as_uri(), wait_until="networkidle")

    assert (wrong, [url for url in asked if not url.startswith(("file:", "data:"))]) == ([], [])
    assert page.evaluate("[...document.images].every(image => image.complete && image.naturalWidth > 100)")
    page.close()


def test_nobody_is_shut_out(browser: Any, written: Path) -> None:
    """No rule of axe is broken, with what is folded unfolded."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page = opened(browser, written, 390)
    found = axe.Axe().run(page, options=RULES)

    assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found.response["violations"]] == []
    page.close()


@pytest.mark.parametrize("width", [360, 390, 768])
def test_a_small_screen_scrolls_in_one_direction(browser: Any, written: Path, width: int) -> None:
    """What is wide scrolls by itself, the page does not."""
    page = opened(browser, written, width)

    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.close()


def test_paper_has_what_is_folded_on_the_screen(browser: Any, written: Path, tmp_path: Path) -> None:
    """Printing opens it; the contents, which lead nowhere there, are left out."""
    page = browser.new_page()
    page.goto(written.as_uri())
    page.emulate_media(media="print")
    folded = page.locator("details > :not(summary)")

    assert [True] * folded.count() == [folded.nth(place).is_visible() for place in range(folded.count())]
    assert not page.locator("nav").is_visible()
    page.pdf(path=tmp_path / "page.pdf", format="A4")
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF")
    page.close()
