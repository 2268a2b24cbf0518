"""The report shows texts and stays on this machine; what goes to a tracker has none."""

import csv
import re
from dataclasses import replace
from pathlib import Path

import pytest

from support import findings
from support.html_pages import EVIL, Page
from synthsweep.audit.items import RIGHT, WRONG, Answer
from synthsweep.audit.report.headline import headline
from synthsweep.audit.report.page import render, write_report, write_tracked
from synthsweep.audit.report.tables import COLUMNS
from synthsweep.errors import ReportError


@pytest.fixture(scope="module")
def full() -> Page:
    return Page(render(findings.full(), command="synthsweep audit import", demo=True))


def test_the_page_needs_nothing_else(full: Page) -> None:
    """No script, no address but its own anchors and what is in it; each anchor leads somewhere, and each id is there once."""
    ids = [found["id"] for _, found in full.tags if "id" in found]

    assert [address for address in full.addresses if not address.startswith(("#", "data:"))] == []
    assert {address[1:] for address in full.addresses if address.startswith("#")} - set(ids) == set()
    assert (full.all("script"), len(set(ids))) == ([], len(ids))


def test_what_was_found_comes_first(full: Page) -> None:
    """Then that the demo is no finding, and why the page stays here."""
    before = full.text.partition("How many labels are right")[0]

    assert [sentence for sentence in headline(findings.full()) if sentence not in before] == []
    assert "no clinical finding" in before
    assert "it stays on this machine: it is not logged to MLflow" in before


def test_texts_are_shown_with_what_raters_said() -> None:
    """And where they come from; a text that nobody doubts is not."""
    items = [findings.item("a"), findings.item("b"), findings.item("c", "B1", labels=("B1",))]
    answers = [
        Answer("a", "Anna", RIGHT), Answer("b", "Ben", RIGHT), Answer("b", "Anna", WRONG, frozenset({"B2"}), "no give"),
        Answer("c", "Anna", WRONG),
    ]  # fmt: skip
    text = Page(render(findings.of_items(items, answers))).text

    assert (
        "raters differ; a note text of b Anna: wrong , shows B2 – no give Ben: right x / plain · its labels: A1 · example of "
        "b · item b"
    ) in text
    assert text.index("text of b") < text.index("judged wrong text of c Anna: wrong")
    assert "text of a" not in text


def test_a_picture_that_is_wider_than_a_phone_says_so(full: Page) -> None:
    """What lies beyond the edge would be missed."""

    assert full.text.count("Scroll sideways for the rest.") == len(full.all("figure")) == 3


def test_nobody_has_answered_is_said_and_no_number_is_made_up() -> None:
    """No picture, no share."""
    page = Page(render(findings.empty()))

    assert "Nobody has answered yet" in page.text
    assert (page.all("img"), re.findall(r"\b(?:None|nan|inf)\b|\b0\.0 ", page.text)) == ([], [])


def test_a_script_in_a_text_runs_nothing() -> None:
    """Wherever a text, an id, a name or a note stands."""
    items = [replace(findings.item("a"), text=EVIL, example=EVIL, llm=EVIL, prompt=EVIL)]
    found = findings.of_items(items, [Answer("a", EVIL, WRONG, note=EVIL)])
    page = Page(render(replace(found, audit=replace(found.audit, name=EVIL, pools=((EVIL,),)), judge=EVIL), command=EVIL))

    assert (page.all("script"), {one["src"][:5] for one in page.all("img")}) == ([], {"data:"})
    assert page.text.count(EVIL) > 8


def test_the_report_appears_whole_and_a_second_one_takes_its_place(tmp_path: Path) -> None:
    """In a folder that is made for it, and that its owner alone may open."""
    found = findings.one(9, 1)
    write_report(findings.one(1, 0), tmp_path / "new")
    path = write_report(found, tmp_path / "new", command="synthsweep audit import")

    assert (path, [one.name for one in path.parent.iterdir()]) == (tmp_path / "new" / "report.html", ["report.html"])
    assert path.read_text(encoding="utf-8") == render(found, command="synthsweep audit import")
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_half_a_letter_is_no_obstacle(tmp_path: Path) -> None:
    """A text that holds one is shown without it; a table too."""
    items = [replace(findings.item("a"), text="broken \ud800 text", example="e\ud800")]
    found = findings.of_items(items, [Answer("a", "Anna", WRONG)])
    write_tracked(found, tmp_path)

    assert "broken ? text" in write_report(found, tmp_path).read_text(encoding="utf-8")
    assert "e?" in (tmp_path / "tables" / "answers.csv").read_text(encoding="utf-8")


def test_a_folder_that_takes_nothing_is_an_error(tmp_path: Path) -> None:
    """That names it."""
    (tmp_path / "file").write_text("")

    for write in (write_report, write_tracked):
        with pytest.raises(ReportError, match=r"file.*cannot be written"):
            write(findings.one(1, 0), tmp_path / "file")


def test_what_is_tracked_holds_no_text(tmp_path: Path) -> None:
    """Tables as CSV, pictures as SVG and PNG; no note either."""
    found = findings.many()
    write_tracked(found, tmp_path)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    content = b"".join(path.read_bytes() for path in files).decode("latin-1")

    assert sorted(path.relative_to(tmp_path).as_posix() for path in files) == [
        "figures/cells.png", "figures/cells.svg", "figures/correctness.png", "figures/correctness.svg", "figures/omission.png",
        "figures/omission.svg", "tables/agreement.csv", "tables/answers.csv", "tables/controls.csv", "tables/parts.csv",
    ]  # fmt: skip
    assert [words for words in ("second line", "text of", "which child?") if words in content] == []


def test_tables_have_their_columns_even_without_a_row(tmp_path: Path) -> None:
    """And undefined is empty."""
    write_tracked(findings.empty(), tmp_path)
    with (tmp_path / "tables" / "parts.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))

    assert tuple(rows[0][name] for name in ("name", "open", "correctness", "correctness_uncovered")) == (
        "all",
        "140",
        "",
        "1.0",
    )
    assert (tmp_path / "tables" / "answers.csv").read_text(encoding="utf-8") == ",".join(COLUMNS["answers"]) + "\n"
