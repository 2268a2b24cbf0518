"""Every page in a browser: self-contained, readable for everybody, on a phone and on paper."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support import answers, findings, inspections
from support.chromium import OF_COLOURS, broken_rules, complaints, opened
from synthsweep.audit.report.page import write_report as write_audit
from synthsweep.compare.report.page import write_report
from synthsweep.compare.result.comparison import Comparison
from synthsweep.inspect.report.page import write_page

pytestmark = pytest.mark.slow

REPORTS: dict[str, Callable[[], Comparison]] = {
    "factorial": answers.factorial,
    "search": answers.search,
    "undefined": answers.undefined,
    "many_labels": lambda: answers.many_labels(count=1),
    "empty": lambda: answers.EMPTY,
}
INSPECTIONS = {"full": inspections.full, "bare": inspections.bare, "unmeasured": inspections.unmeasured}
AUDITS = {"audit": findings.full, "unanswered": findings.empty}


@pytest.fixture(scope="module", params=[*REPORTS, *INSPECTIONS, *AUDITS])
def written(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp(request.param)
    if request.param in REPORTS:
        return write_report(REPORTS[request.param](), folder)
    if request.param in AUDITS:
        return write_audit(AUDITS[request.param](), folder)
    write_page(INSPECTIONS[request.param](), folder / "page.html")
    return folder / "page.html"


def test_nothing_is_asked_of_anybody_and_nothing_goes_wrong(browser: Any, written: Path) -> None:
    """No address but the file and what is in it, no error on the console, and every picture is there."""

    assert complaints(browser, written) == []


def test_nobody_is_shut_out(browser: Any, written: Path) -> None:
    """No rule of axe is broken, with what is folded unfolded, by day and by night."""
    with opened(browser, written, 390, unfolded=True) as page:
        assert broken_rules(page) == []
        page.emulate_media(color_scheme="dark")

        assert page.evaluate("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"
        assert broken_rules(page, OF_COLOURS) == []


@pytest.mark.parametrize("width", [360, 390, 768])
def test_a_small_screen_scrolls_in_one_direction(browser: Any, written: Path, width: int) -> None:
    """What is wide scrolls by itself, the page does not."""
    with opened(browser, written, width, unfolded=True) as page:
        assert page.evaluate("document.documentElement.scrollWidth") == width


def test_contents_lead_to_their_section(browser: Any, written: Path) -> None:
    """By keyboard, as any link."""
    with opened(browser, written) as page:
        place = (page.locator("nav a").last.get_attribute("href") or "")[1:]
        page.locator("nav a").last.press("Enter")

        assert page.url.endswith(f"#{place}")
        assert page.locator(f"#{place}").is_visible()


def test_paper_has_what_is_folded_on_the_screen(browser: Any, written: Path, tmp_path: Path) -> None:
    """Printing opens it; the contents, which lead nowhere there, are left out."""
    with opened(browser, written) as page:
        folded = page.locator("details > :not(summary)")
        count = folded.count()
        assert [folded.nth(place).is_visible() for place in range(count)] == [False] * count
        page.emulate_media(media="print")

        assert [folded.nth(place).is_visible() for place in range(count)] == [True] * count
        assert not page.locator("nav").is_visible()
        page.pdf(path=tmp_path / "page.pdf", format="A4")
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF")


def test_a_report_has_its_answer_on_the_first_screen_and_six_in_all(browser: Any, tmp_path: Path) -> None:
    """Verdict, scores, cautions and forest are in view; a link into what is folded opens it, and a word says what it means."""
    with opened(browser, write_report(answers.factorial(), tmp_path)) as page:
        first = [".verdict", "#table-primary", ".warnings", ".setup", "header figure img"]
        boxes = [page.locator(part).bounding_box() for part in first]
        assert [part for part, box in zip(first, boxes, strict=True) if box["y"] + min(box["height"], 300) > 900] == []
        assert page.evaluate("document.documentElement.scrollHeight") <= 6 * 900

        assert not page.locator("#table-effects_average_precision").is_visible()
        page.locator("header a[href='#table-effects_average_precision']").press("Enter")
        assert page.locator("#table-effects_average_precision").is_visible()
        page.locator(".findings .term").first.focus()
        page.keyboard.press("Enter")
        assert page.locator("dl.words dt:target").is_visible()
