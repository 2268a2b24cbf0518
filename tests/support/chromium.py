"""What a real browser makes of a page."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# A busy machine takes minutes over what takes a second otherwise.
LIMIT_MS = 300_000
# Not which elements keep a rule: there are tens of thousands.
BROKEN = {"resultTypes": ["violations"]}
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "best-practice"]}, **BROKEN}
# What another colour scheme may break.
OF_COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}, **BROKEN}
UNFOLD = "document.querySelectorAll('details').forEach(details => details.open = true)"


@contextmanager
def chromium() -> Iterator[Any]:
    """Skips without playwright or Chromium."""
    playwright = pytest.importorskip("playwright.sync_api")
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("chromium is not installed: apt-get install chromium")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def opened(browser: Any, path: Path, width: int = 1280, height: int = 900, *, unfolded: bool = False) -> Iterator[Any]:
    page = browser.new_page(viewport={"width": width, "height": height})
    page.set_default_timeout(LIMIT_MS)
    page.goto(path.as_uri())
    if unfolded:
        page.evaluate(UNFOLD)
    yield page
    page.close()


def complaints(browser: Any, path: Path) -> list[str]:
    """What the console says, what is asked of somebody, and pictures that are not there."""
    page = browser.new_page()
    page.set_default_timeout(LIMIT_MS)
    found: list[str] = []
    page.on("request", lambda request: None if request.url.startswith(("file:", "data:")) else found.append(request.url))
    page.on("console", lambda message: found.append(message.text) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    page.goto(path.as_uri(), wait_until="networkidle")
    # On a busy machine a picture may be read after the network has been idle for long enough.
    page.wait_for_function("[...document.images].every(image => image.complete)")
    found += page.evaluate("[...document.images].filter(image => image.naturalWidth <= 100).map(image => image.alt)")
    page.close()
    return found


def broken_rules(page: Any, rules: Mapping[str, Any] = RULES) -> list[tuple[str, str]]:
    """Of axe, each with the first element that breaks it."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    found = axe.Axe().run(page, options=rules)
    return [(one["id"], one["nodes"][0]["html"][:200]) for one in found.response["violations"]]
